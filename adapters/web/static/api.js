// Talks to the server: JSON calls, and answers as a stream of events that survives a lost connection.

import { language } from "/static/i18n.js";

/** A refusal by the server: `code` for the program, `message` for the reader. */
export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export async function call(method, path, body, extra = {}) {
  const headers = { "Accept-Language": language(), ...extra.headers };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return good(await fetch(path, {
    method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: extra.signal, credentials: "same-origin",
  }));
}

/** A file for the question that follows; its id. */
export async function send(file, signal) {
  const response = await fetch(`/v1/files?name=${encodeURIComponent(file.name)}`, {
    method: "POST", headers: { "Accept-Language": language(), "Content-Type": "application/octet-stream" }, body: file, signal, credentials: "same-origin",
  });
  return (await (await good(response)).json()).file;
}

async function good(response) {
  if (response.ok) return response;
  const said = await response.json().catch(() => null);
  throw new Refused(response.status, said?.error?.code ?? "", said?.error?.message ?? response.statusText);
}

export const getJson = async (path) => (await call("GET", path)).json();

/**
 * Ask, and follow the answer to its end: `handlers.progress(data)` for each step, `handlers.location(path)` once it is taken.
 * Resolves with the answer. A lost connection is taken up again where it broke, a few times.
 */
export async function ask(path, body, handlers, signal) {
  return follow(() => call("POST", path, body, { headers: { Accept: "text/event-stream" }, signal }), handlers, signal);
}

/** Take up an answer whose address is known from before. */
export async function resume(location, handlers, signal) {
  return follow(() => again(location, "", signal), handlers, signal);
}

const again = (location, last, signal) =>
  call("GET", location, undefined, { headers: { Accept: "text/event-stream", ...(last && { "Last-Event-ID": last }) }, signal });

async function follow(open, handlers, signal) {
  let location = "";
  let last = "";
  for (let attempt = 0; ; attempt += 1) {
    try {
      const response = await (location ? again(location, last, signal) : open());
      location = response.headers.get("Location") ?? location;
      handlers.location?.(location);
      for await (const event of events(response.body)) {
        last = event.id || last;
        if (event.name === "progress") handlers.progress?.(event.data);
        if (event.name === "answer") return event.data;
        if (event.name === "error") throw new Refused(503, event.data.error.code, event.data.error.message);
      }
      throw new TypeError("the stream ended early");
    } catch (error) {
      const lost = error instanceof TypeError || (error instanceof Refused && error.status === 503);
      if (!lost || !location || attempt >= 4) throw error;
      await pause(500 * 2 ** attempt, signal);
    }
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => { clearTimeout(timer); reject(signal.reason); }, { once: true });
  });
}

async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block.split("\n").filter((line) => /^(id|event|data): /.test(line)).map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
      );
      if (fields.event) yield { id: fields.id ?? "", name: fields.event, data: JSON.parse(fields.data) };
    }
  }
}
