// Small helpers: make elements, write numbers and times.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element; text is always text, never markup.
 * @param {string} tag
 * @param {object} attributes `class`, `type`, `aria-label`, ... and `on` for a click
 */
export function make(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** Make an SVG element. */
export function draw(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") element.addEventListener("click", value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** Seconds as a person says them: 0:03.2, 1:02:03.0. */
export function clock(seconds) {
  const tenths = Math.round(seconds * 10);
  const whole = Math.floor(tenths / 10);
  const two = (number) => String(number).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  const rest = `${two(whole % 60)}.${tenths % 10}`;
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${rest}`;
}

/** One decimal, always. */
export function one(number) {
  return number.toFixed(1);
}

/** Bytes as a person says them. */
export function size(bytes) {
  const kilo = bytes / 1024;
  if (kilo < 1024) return `${Math.max(Math.round(kilo), 1)} kB`;
  const mega = kilo / 1024;
  return mega < 1024 ? `${short(mega)} MB` : `${short(mega / 1024)} GB`;
}

/** A long duration as a person says it. */
export function hours(seconds) {
  return seconds < 3600 ? `${short(seconds / 60)} minutes` : `${short(seconds / 3600)} hours`;
}

/** At most one decimal. */
function short(number) {
  return String(Number(number.toFixed(1)));
}

/** Say something to people who do not see the page. */
export function say(text) {
  document.getElementById("say").textContent = text;
}
