// One file in detail: the picture or the video with its curve, the score and what lies behind it.

import { makeCurve, worstOf } from "./curve.js";
import { clock, draw, make, one, say, size } from "./dom.js";

const WORD_STARTS = [0, 20, 40, 60, 80, 100];
const SCALE_PX = { width: 240, edge: 10, y: 4, height: 8, labels: 30, dot: 7 };

/**
 * Show one file.
 * @param {object} entry a finished entry of the list
 * @param {number[]} range lowest and highest score that its curve can show
 * @param {object} peer the other file, if any: its `seek` and `play` follow what the person does here
 * @returns an element with the methods `seek(seconds)` and `play(on)`
 */
export function makePanel(entry, range, peer) {
  const result = entry.job.result;
  if (result.status === "error") return makeFailure(entry, result);
  const isVideo = result.kind === "video";
  const stage = make("figure", { class: "stage" });
  const panel = make("article", { class: "panel" }, stage);
  const view = isVideo ? addVideo(stage, entry, range, peer) : addImage(stage, entry);
  panel.seek = view.seek;
  panel.play = view.play;
  panel.append(
    make(
      "div",
      { class: "about" },
      make("h3", {}, entry.name),
      makeBig(result),
      makeScale(result),
      isVideo ? makeMoves(result, view) : null,
      makeFaults(result, view),
      result.notes ? make("p", { class: "notes" }, result.notes.join("; ")) : null,
    ),
    makeFacts(entry, result),
  );
  return panel;
}

function makeFailure(entry, result) {
  const facts = make("dl", { class: "facts" });
  addFact(facts, "Error", result.error);
  addFact(facts, "What happened", result.message);
  const panel = make(
    "article",
    { class: "panel failed" },
    make("div", { class: "about" }, make("h3", {}, entry.name), facts),
  );
  panel.seek = panel.play = () => {};
  return panel;
}

function addImage(stage, entry) {
  const image = make("img", { alt: entry.name, src: entry.url });
  image.addEventListener("error", () => replaceUnplayable(image));
  stage.append(image);
  return { seek: () => {}, play: () => {}, go: () => {} };
}

function addVideo(stage, entry, range, peer) {
  const result = entry.job.result;
  const video = make("video", { src: entry.url, playsinline: true, preload: "auto", "aria-label": entry.name });
  video.muted = true;
  const hasCurve = result.timeline.length > 1;
  const seek = (seconds) => {
    video.currentTime = seconds;
    curve?.show(seconds);
  };
  const go = (seconds) => {
    seek(seconds);
    peer.seek(seconds);
  };
  const curve = hasCurve ? makeCurve(result, range, go) : null;
  video.addEventListener("timeupdate", () => curve?.show(video.currentTime));
  video.addEventListener("error", () => replaceUnplayable(video));
  stage.append(video);
  if (curve) stage.append(curve);
  // A browser that cannot play the format refuses; the page has said so in the video's place.
  const play = (on) => (on ? video.play().catch(() => {}) : video.pause());
  const playBoth = (on) => {
    play(on);
    peer.play(on);
  };
  return { seek, play, go, playBoth, video };
}

function replaceUnplayable(media) {
  media.replaceWith(
    make("p", { class: "unplayable" }, "This browser cannot show this format. The score and the curve hold all the same."),
  );
}

function makeBig(result) {
  return make("p", { class: "big" }, make("strong", {}, one(result.score)), make("span", {}, result.word));
}

/** The scale from 0 to 100 with the score and its interval. */
function makeScale(result) {
  const [low, high] = result.interval;
  const { width, edge, y, height, labels, dot } = SCALE_PX;
  const x = (score) => edge + (score / 100) * (width - 2 * edge);
  return draw(
    "svg",
    {
      class: "scale",
      viewBox: `0 0 ${width} ${labels + 2}`,
      role: "img",
      "aria-label": `90 % interval ${one(low)} to ${one(high)} on a scale from 0 to 100`,
    },
    draw("rect", { class: "track", x: x(0), y, width: x(100) - x(0), height, rx: height / 2 }),
    draw("rect", { class: "interval", x: x(low), y, width: x(high) - x(low), height, rx: height / 2 }),
    draw("circle", { class: "dot", cx: x(result.score), cy: y + height / 2, r: dot }),
    ...WORD_STARTS.map((start) => draw("text", { x: x(start), y: labels }, String(start))),
  );
}

function makeMoves(result, view) {
  const worst = worstOf(result.timeline);
  const go = () => {
    view.playBoth(false);
    view.go(worst.time_seconds);
    say(`${clock(worst.time_seconds)}, score ${one(worst.score)}`);
  };
  const play = make("button", { type: "button", class: "plain", on: () => view.playBoth(view.video.paused) }, "Play");
  for (const name of ["play", "pause", "ended"]) {
    view.video.addEventListener(name, () => (play.textContent = view.video.paused ? "Play" : "Pause"));
  }
  const text = `Worst moment ${clock(worst.time_seconds)}`;
  return make(
    "p",
    { class: "moves" },
    play,
    result.timeline.length > 1 ? make("button", { type: "button", class: "plain", on: go }, text) : null,
  );
}

/** The named faults, where the service measures them, each with its worst stretch of time. */
function makeFaults(result, view) {
  const named = (result.faults ?? []).filter((fault) => fault.named !== false);
  if (named.length === 0) return null;
  const items = named.map((fault) => {
    const moments = (fault.spans ?? []).map((span) => {
      const go = () => view.go(span.start_seconds);
      return make("button", { type: "button", class: "plain", on: go }, clock(span.start_seconds));
    });
    return make("li", {}, `${fault.name} ${fault.value} ${fault.unit ?? ""}`, ...moments);
  });
  return make("section", { class: "faults" }, make("h4", {}, "Faults"), make("ul", {}, ...items));
}

function makeFacts(entry, result) {
  const facts = make("dl", { class: "facts" });
  addFact(facts, "90 % interval", `${one(result.interval[0])} to ${one(result.interval[1])}`);
  addFact(facts, "Picture", `${result.width_px} × ${result.height_px}`);
  if (result.timeline.length > 1) addFact(facts, "At its worst moment", one(worstOf(result.timeline).score));
  if (result.duration_seconds !== null) addFact(facts, "Duration", clock(result.duration_seconds));
  if (result.fps !== null) addFact(facts, "Frame rate", `${Number(result.fps.toFixed(2))} fps`);
  addFact(facts, "Frames looked at", String(result.frames_used));
  addFact(facts, "File", size(entry.file.size));
  return facts;
}

function addFact(list, term, value) {
  list.append(make("div", {}, make("dt", {}, term), make("dd", {}, value)));
}
