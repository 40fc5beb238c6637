// The score over time, drawn on top of the video; it is the slider that moves the video as well.

import { clock, draw, one } from "./dom.js";

const TOP_PX = 16;
const BOTTOM_PX = 14;
const LEAST_SPAN = 20;

/** The point with the lowest score. */
export function worstOf(timeline) {
  return timeline.reduce((worst, point) => (point.score < worst.score ? point : worst));
}

/**
 * A range of at least 20 points around all scores, on whole tens; two files side by side share one.
 * @param {object[][]} timelines
 */
export function rangeOf(timelines) {
  const scores = timelines.flat().map((point) => point.score);
  let low = Math.floor(Math.min(...scores) / 10) * 10;
  let high = Math.ceil(Math.max(...scores) / 10) * 10;
  if (high - low < LEAST_SPAN) {
    high = Math.min(low + LEAST_SPAN, 100);
    low = high - LEAST_SPAN;
  }
  return [low, high];
}

/**
 * Make the curve of a result.
 * @param {object} result with `timeline` and `duration_seconds`
 * @param {number[]} range lowest and highest score that the curve can show
 * @param {(seconds: number) => void} onSeek told where the person wants to be
 * @returns an SVG element with a method `show(seconds)` that moves the line of the present
 */
export function makeCurve(result, range, onSeek) {
  const points = result.timeline;
  const end = Math.max(result.duration_seconds ?? 0, points.at(-1).time_seconds, 0.001);
  const svg = draw("svg", {
    class: "curve",
    role: "slider",
    tabindex: "0",
    "aria-label": `Score over time of ${result.path}; arrow keys go from frame to frame`,
    "aria-valuemin": "0",
    "aria-valuemax": one(end),
  });
  const state = { index: 0, seconds: 0, now: null, x: () => 0 };

  svg.show = (seconds) => {
    state.seconds = seconds;
    state.index = nearest(points, seconds);
    const point = points[state.index];
    svg.setAttribute("aria-valuenow", one(seconds));
    svg.setAttribute("aria-valuetext", `${clock(seconds)}, score ${one(point.score)}`);
    const x = state.x(seconds);
    state.now?.setAttribute("x1", x);
    state.now?.setAttribute("x2", x);
  };

  const paint = () => {
    const { width, height } = svg.getBoundingClientRect();
    if (width === 0) return;
    state.x = (seconds) => (Math.min(seconds, end) / end) * width;
    state.now = paintInto(svg, points, range, { width, height, x: state.x });
    svg.show(state.seconds);
  };
  new ResizeObserver(paint).observe(svg);

  const seekTo = (event) => {
    const box = svg.getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1);
    onSeek(share * end);
  };
  svg.addEventListener("pointerdown", (event) => {
    svg.setPointerCapture(event.pointerId);
    seekTo(event);
  });
  svg.addEventListener("pointermove", (event) => {
    if (event.buttons > 0) seekTo(event);
  });
  svg.addEventListener("keydown", (event) => {
    const index = stepTo(event.key, state.index, points);
    if (index === null) return;
    event.preventDefault();
    onSeek(points[index].time_seconds);
  });
  return svg;
}

/** Which point a key leads to; null for other keys. */
function stepTo(key, index, points) {
  const last = points.length - 1;
  if (key === "ArrowRight" || key === "ArrowUp") return Math.min(index + 1, last);
  if (key === "ArrowLeft" || key === "ArrowDown") return Math.max(index - 1, 0);
  if (key === "Home") return 0;
  if (key === "End") return last;
  return null;
}

function nearest(points, seconds) {
  let best = 0;
  points.forEach((point, index) => {
    const closer = Math.abs(point.time_seconds - seconds) < Math.abs(points[best].time_seconds - seconds);
    if (closer) best = index;
  });
  return best;
}

/** Draw everything anew for a size in pixels; returns the line of the present. */
function paintInto(svg, points, [low, high], { width, height, x }) {
  const y = (score) => TOP_PX + (1 - (score - low) / (high - low)) * (height - TOP_PX - BOTTOM_PX);
  const middle = points.map((point) => `${x(point.time_seconds)},${y(point.score)}`);
  const line = [`0,${y(points[0].score)}`, ...middle, `${width},${y(points.at(-1).score)}`];
  const worst = worstOf(points);
  const now = draw("line", { class: "now", y1: 0, y2: height });
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.replaceChildren(
    draw("defs", {}, fade("scrim", "#000", 0, 0.72), fade("fade", "#8fb0ff", 0.45, 0.05)),
    draw("rect", { class: "scrim", width, height }),
    draw("polygon", { class: "area", points: `0,${height} ${line.join(" ")} ${width},${height}` }),
    draw("polyline", { class: "line", points: line.join(" ") }),
    now,
    draw("circle", { class: "worst", cx: x(worst.time_seconds), cy: y(worst.score), r: 5 }),
    draw("text", { x: 8, y: TOP_PX - 3 }, String(Math.round(high))),
    draw("text", { x: 8, y: height - 4 }, String(Math.round(low))),
  );
  return now;
}

function fade(id, color, top, bottom) {
  return draw(
    "linearGradient",
    { id, x1: 0, y1: 0, x2: 0, y2: 1 },
    draw("stop", { offset: 0, "stop-color": color, "stop-opacity": top }),
    draw("stop", { offset: 1, "stop-color": color, "stop-opacity": bottom }),
  );
}
