// Files that go with the next question: chosen, dropped on the page or pasted; shown, removed, and sent ahead of it.

import { send as upload } from "/static/api.js";
import { byId, h } from "/static/dom.js";
import { t } from "/static/i18n.js";

let chosen = [];
let limits = { files: 5, bytes: 10485760 };
let complain = () => {};

/** `fault(text)` tells the reader what cannot be attached. */
export function initAttach(config, fault) {
  limits = config;
  complain = fault;
  const input = byId("files");
  byId("attach").addEventListener("click", () => input.click());
  input.addEventListener("change", () => { add(input.files); input.value = ""; });
  const page = document.documentElement;
  page.addEventListener("dragover", (event) => { if (brings(event.dataTransfer)) { event.preventDefault(); page.classList.add("dropping"); } });
  page.addEventListener("dragleave", (event) => { if (!event.relatedTarget) page.classList.remove("dropping"); });
  page.addEventListener("drop", (event) => {
    page.classList.remove("dropping");
    if (!brings(event.dataTransfer)) return;
    event.preventDefault();
    add(event.dataTransfer.files);
  });
  byId("question").addEventListener("paste", (event) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    add(event.clipboardData.files);
  });
}

const brings = (transfer) => [...(transfer?.types ?? [])].includes("Files");

/** The files that were chosen, which are no longer shown: whoever takes them sends them. */
export function take() {
  const files = chosen;
  chosen = [];
  show();
  return files;
}

export const attached = () => chosen.length > 0;

/** Ids of the files at the server. */
export const sendAll = (files, signal) => Promise.all(files.map((file) => upload(file, signal)));

function add(files) {
  const fit = [...files].filter((file) => file.size <= limits.bytes);
  if (fit.length < files.length || chosen.length + fit.length > limits.files) {
    complain(t("attached_most", { limit: limits.files, size: Math.round(limits.bytes / 1048576) }));
  }
  chosen = [...chosen, ...fit].slice(0, limits.files);
  show();
  byId("question").focus();
}

function show() {
  byId("attached").hidden = chosen.length === 0;
  byId("attached").replaceChildren(
    ...chosen.map((file, place) => {
      const label = t("attached_remove", { name: file.name });
      const remove = () => { chosen = chosen.filter((_, other) => other !== place); show(); byId("question").focus(); };
      return h("li", {}, h("span", {}, file.name), h("button", { type: "button", "aria-label": label, title: label, onclick: remove }, "×"));
    }),
  );
}
