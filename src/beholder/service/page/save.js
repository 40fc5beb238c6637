// Downloads: the same JSON and CSV that the command writes, made of the results on the page.

const COLUMNS = [
  "path", "status", "kind", "score", "interval_low", "interval_high", "word", "frames_used",
  "width_px", "height_px", "duration_seconds", "fps", "notes", "error", "message",
];

/** All finished entries as one JSON object, with timelines. */
export function toJson(entries) {
  const results = entries.map((entry) => entry.job.result);
  const model = entries.find((entry) => entry.job.model)?.job.model ?? null;
  return JSON.stringify({ schema: 1, model, results }, null, 2) + "\n";
}

/** All finished entries as CSV, one line each. */
export function toCsv(entries) {
  const lines = entries.map((entry) => {
    const result = entry.job.result;
    const [low, high] = result.interval ?? ["", ""];
    const fields = { ...result, interval_low: low, interval_high: high, notes: (result.notes ?? []).join("; ") };
    return COLUMNS.map((column) => quote(fields[column])).join(",");
  });
  return [COLUMNS.join(","), ...lines].join("\n") + "\n";
}

/** Give a text to the person as a file. */
export function save(text, name, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

function quote(value) {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
