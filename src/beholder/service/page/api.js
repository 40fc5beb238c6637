// Talks to the service: sends a file, follows its job, asks for the token where one is needed.

const RETRY_MS = 2000;
const TOO_MANY = 429;
const UNAUTHORIZED = 401;
const NOT_FOUND = 404;
const TOKEN = "beholder-token";

/** An answer that is an error of the service: its code and text. */
export class Problem extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** Ask for JSON; asks the person for the token where the service wants one. */
export async function ask(path) {
  const answer = await fetch(path, { headers: authorization() });
  if (answer.status === UNAUTHORIZED) {
    await askToken();
    return ask(path);
  }
  const body = await answer.json();
  if (!answer.ok) throw new Problem(body.error, body.message);
  return body;
}

/**
 * Send a file as a job. Waits and tries again while the queue is full.
 * @param {File} file
 * @param {(share: number) => void} onSent told which share has gone, 0 to 1
 * @param {AbortSignal} signal ends it
 * @returns the job
 */
export async function send(file, onSent, signal) {
  for (;;) {
    const [status, body] = await post(file, onSent, signal);
    if (status === UNAUTHORIZED) await askToken();
    else if (status === TOO_MANY) await pause(RETRY_MS);
    else if (status >= 400) throw new Problem(body.error, body.message);
    else return body;
    if (signal.aborted) throw new DOMException("removed", "AbortError");
  }
}

/**
 * Follow a job until it is finished; outlasts a restart of the service.
 * @param {(job: object) => void} onNews told each time the job has moved
 */
export async function follow(id, onNews, signal) {
  for (;;) {
    try {
      if (await readEvents(id, onNews, signal)) return;
    } catch (error) {
      if (signal.aborted || error instanceof Problem) throw error;
    }
    await pause(RETRY_MS);
  }
}

/** Read one stream of events; true when it ended with a result. */
async function readEvents(id, onNews, signal) {
  const answer = await fetch(`v1/jobs/${id}/events`, { headers: authorization(), signal });
  if (answer.status === UNAUTHORIZED) {
    await askToken();
    return false;
  }
  if (answer.status === NOT_FOUND) {
    const body = await answer.json();
    throw new Problem(body.error, body.message);
  }
  if (!answer.ok) return false;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let finished = false;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return finished;
    const events = (text + value).split("\n\n");
    text = events.pop();
    for (const event of events) {
      const data = event.split("\n").find((line) => line.startsWith("data: "));
      if (data === undefined) continue;
      const job = JSON.parse(data.slice("data: ".length));
      finished = job.result !== null;
      onNews(job);
    }
  }
}

/** Upload with XMLHttpRequest, because fetch does not tell how much of a body has gone. */
function post(file, onSent, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", "v1/jobs?faults=true");
    for (const [name, value] of Object.entries(authorization())) {
      request.setRequestHeader(name, value);
    }
    request.responseType = "json";
    request.upload.onprogress = (event) => onSent(event.loaded / Math.max(event.total, 1));
    request.onload = () => resolve([request.status, request.response ?? {}]);
    request.onabort = () => reject(new DOMException("removed", "AbortError"));
    request.onerror = () =>
      reject(new Problem("no_connection", "expected an answer of the service, found no connection; is it running?"));
    signal.addEventListener("abort", () => request.abort());
    const form = new FormData();
    form.append("file", file, file.name);
    request.send(form);
  });
}

function authorization() {
  const token = sessionStorage.getItem(TOKEN);
  return token === null ? {} : { Authorization: `Bearer ${token}` };
}

let asking = null;

/** Show the dialog for the token; those who come meanwhile wait for the same answer. */
function askToken() {
  asking ??= new Promise((resolve) => {
    const dialog = document.getElementById("ask");
    const field = document.getElementById("token");
    if (sessionStorage.getItem(TOKEN) !== null) {
      document.getElementById("ask-text").textContent = "That was not the token of this service.";
    }
    field.value = "";
    dialog.addEventListener(
      "close",
      () => {
        sessionStorage.setItem(TOKEN, field.value);
        asking = null;
        resolve();
      },
      { once: true },
    );
    dialog.showModal();
  });
  return asking;
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
