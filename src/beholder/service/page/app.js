// The page: a list of files on their way to a score, and one or two of them in detail.

import { Problem, ask, follow, send } from "./api.js";
import { rangeOf } from "./curve.js";
import { hours, make, one, say, size } from "./dom.js";
import { makePanel } from "./panel.js";
import { save, toCsv, toJson } from "./save.js";

const MOST_SENDING = 2;
const get = (id) => document.getElementById(id);

/** Entries in the order in which they were dropped; see `add`. */
const entries = [];
let chosen = null;
let other = null;
let limits = null;

start();

async function start() {
  get("picker").addEventListener("change", (event) => {
    add([...event.target.files]);
    event.target.value = "";
  });
  addDropping();
  get("other").addEventListener("change", (event) => {
    other = entries.find((entry) => String(entry.key) === event.target.value) ?? null;
    showDetail();
  });
  get("save-json").addEventListener("click", () => save(toJson(finished()), "beholder.json", "application/json"));
  get("save-csv").addEventListener("click", () => save(toCsv(finished()), "beholder.csv", "text/csv"));
  const models = await ask("v1/models");
  get("model").textContent = models.model;
  limits = await ask("v1/limits");
  get("limits").textContent = `Up to ${size(limits.upload_bytes)} and ${hours(limits.duration_seconds)} of video`;
}

/** Files may be dropped anywhere on the page. */
function addDropping() {
  let depth = 0;
  const mark = (change) => {
    depth = Math.max(depth + change, 0);
    document.body.classList.toggle("dragging", depth > 0);
  };
  document.addEventListener("dragenter", () => mark(1));
  document.addEventListener("dragleave", () => mark(-1));
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(-depth);
    add([...event.dataTransfer.files]);
  });
}

function add(files) {
  for (const file of files) {
    const entry = {
      key: entries.length === 0 ? 1 : entries.at(-1).key + 1,
      file,
      name: file.name,
      url: URL.createObjectURL(file),
      state: "ready",
      sent: 0,
      job: null,
      stop: new AbortController(),
    };
    entry.row = makeRow(entry);
    entries.push(entry);
    get("list").append(entry.row);
    showRow(entry);
  }
  document.body.classList.toggle("busy", entries.length > 0);
  get("files").hidden = entries.length === 0;
  if (files.length > 0) say(files.length === 1 ? `${files[0].name} added` : `${files.length} files added`);
  sendNext();
}

/** Send what is ready, a few files at a time. */
function sendNext() {
  const sending = entries.filter((entry) => entry.state === "sending").length;
  const ready = entries.filter((entry) => entry.state === "ready");
  for (const entry of ready.slice(0, MOST_SENDING - sending)) run(entry);
}

/** Take one file from the disk of the person to its result. */
async function run(entry) {
  entry.state = "sending";
  try {
    checkSize(entry.file);
    const onSent = (share) => update(entry, { sent: share });
    const job = await send(entry.file, onSent, entry.stop.signal);
    update(entry, { state: job.state, job });
    sendNext();
    await follow(job.id, (news) => update(entry, { state: news.state, job: news }), entry.stop.signal);
  } catch (error) {
    if (entry.stop.signal.aborted) return;
    fail(entry, error);
  }
  end(entry);
  sendNext();
}

function checkSize(file) {
  if (limits !== null && file.size > limits.upload_bytes) {
    throw new Problem(
      "upload_too_large",
      `expected a file of at most ${size(limits.upload_bytes)}, found ${size(file.size)}; shrink it`,
    );
  }
}

function fail(entry, error) {
  const code = error instanceof Problem ? error.code : "internal";
  const result = { path: entry.name, status: "error", error: code, message: error.message };
  update(entry, { state: "failed", job: { model: null, result } });
}

function end(entry) {
  const result = entry.job.result;
  say(
    result.status === "ok"
      ? `${entry.name}: ${one(result.score)}, ${result.word}`
      : `${entry.name} was not scored: ${result.message}`,
  );
  for (const id of ["save-json", "save-csv"]) get(id).disabled = false;
  if (chosen === null) choose(entry);
  else showChoices();
}

function update(entry, changes) {
  Object.assign(entry, changes);
  showRow(entry);
}

/** Put an entry into the detail view. */
function choose(entry) {
  if (entry.job?.result == null) return;
  chosen = entry;
  if (other === entry) other = null;
  showDetail();
}

function remove(entry) {
  entry.stop.abort();
  URL.revokeObjectURL(entry.url);
  const index = entries.indexOf(entry);
  entries.splice(index, 1);
  entry.row.remove();
  if (other === entry) other = null;
  if (chosen === entry) chosen = finished()[0] ?? null;
  document.body.classList.toggle("busy", entries.length > 0);
  get("files").hidden = entries.length === 0;
  for (const id of ["save-json", "save-csv"]) get(id).disabled = finished().length === 0;
  const next = entries[Math.min(index, entries.length - 1)];
  (next?.row.querySelector(".open") ?? get("picker")).focus();
  say(`${entry.name} removed`);
  showDetail();
  sendNext();
}

function finished() {
  return entries.filter((entry) => entry.job?.result != null);
}

// ---- What is shown

function makeRow(entry) {
  const open = make(
    "button",
    { type: "button", class: "open", on: () => choose(entry) },
    make("span", { class: "name" }, entry.name),
    make("span", { class: "word" }),
    make("span", { class: "figure" }),
    make("span", { class: "state" }),
    make("progress", { max: "1", value: "0", "aria-label": `Progress of ${entry.name}` }),
  );
  const cross = make("button", { type: "button", class: "remove", "aria-label": `Remove ${entry.name}`, on: () => remove(entry) }, "×");
  return make("li", { class: "row" }, open, cross);
}

function showRow(entry) {
  const part = (name) => entry.row.querySelector(`.${name}`);
  const result = entry.job?.result;
  const isOk = result?.status === "ok";
  entry.row.classList.toggle("failed", entry.state === "failed");
  part("state").textContent = describe(entry);
  part("figure").textContent = isOk ? one(result.score) : "";
  part("word").textContent = isOk ? result.word : "";
  const progress = entry.row.querySelector("progress");
  progress.hidden = result != null;
  progress.value = share(entry);
}

/** How far an entry is: a third for the way to the service, the rest for the frames. */
function share(entry) {
  const { frames_done: done, frames_total: total } = entry.job ?? {};
  const sent = entry.job === null ? entry.sent : 1;
  return sent / 3 + (total ? (2 / 3) * (done / total) : 0);
}

function describe(entry) {
  const result = entry.job?.result;
  if (result?.status === "error") return result.message;
  if (result) return `90 % interval ${one(result.interval[0])} to ${one(result.interval[1])}`;
  if (entry.state === "ready") return `${size(entry.file.size)}, ready to be sent`;
  if (entry.state === "sending") return `Sending, ${Math.round(entry.sent * 100)} %`;
  if (entry.state === "queued") return "Waiting";
  const { frames_done: done, frames_total: total } = entry.job;
  return total ? `Looking at frame ${done + 1} of ${total}` : "Opening";
}

function showDetail() {
  get("detail").hidden = chosen === null;
  for (const entry of entries) {
    const isShown = entry === chosen || entry === other;
    entry.row.classList.toggle("chosen", isShown);
    entry.row.querySelector(".open").setAttribute("aria-pressed", String(isShown));
  }
  showChoices();
  if (chosen === null) return;
  const shown = other === null ? [chosen] : [chosen, other];
  const range = rangeOf(shown.map((entry) => entry.job.result.timeline ?? []));
  const panels = [];
  shown.forEach((entry, index) => {
    // What moves one video moves the other, so that the same moment stands side by side.
    const peer = {
      seek: (seconds) => panels[1 - index]?.seek(seconds),
      play: (on) => panels[1 - index]?.play(on),
    };
    panels.push(makePanel(entry, range, peer));
  });
  get("detail-title").textContent = other === null ? "Detail" : "Side by side";
  get("panels").classList.toggle("two", shown.length > 1);
  get("panels").replaceChildren(...panels);
  showVerdict();
}

/** Offer all other finished files for comparison. */
function showChoices() {
  const choices = finished().filter((entry) => entry !== chosen);
  get("compare").hidden = choices.length === 0;
  get("other").replaceChildren(
    make("option", { value: "" }, "nothing"),
    ...choices.map((entry) => make("option", { value: entry.key, selected: entry === other }, entry.name)),
  );
}

function showVerdict() {
  const results = [chosen, other].map((entry) => entry?.job.result);
  const isPair = results.every((result) => result?.status === "ok");
  get("verdict").hidden = !isPair;
  if (!isPair) return;
  get("verdict").textContent = verdict(...results);
  say(get("verdict").textContent);
}

/** Say which looks better, and whether the intervals leave room for doubt. */
function verdict(a, b) {
  const [better, worse] = a.score >= b.score ? [a, b] : [b, a];
  const gap = better.score - worse.score;
  if (gap === 0) return "Both have the same score.";
  const lead = `${better.path} scores ${one(gap)} points higher. `;
  return better.interval[0] > worse.interval[1]
    ? `${lead}The intervals do not overlap.`
    : `${lead}The intervals overlap, so people may not agree, least of all about two different contents.`;
}
