// The panel that shows a citation in its place: the passage among its neighbours with the quote marked, or the calculation.

import { whereabouts } from "/static/answer.js";
import { getJson } from "/static/api.js";
import { byId, h } from "/static/dom.js";
import { t } from "/static/i18n.js";
import { locate } from "/static/markup.js";

const wide = window.matchMedia("(min-width: 64.01rem)");
let opener = null;
let request = 0;

export function initPanel() {
  byId("panel-close").addEventListener("click", close);
  byId("panel").addEventListener("cancel", (event) => { event.preventDefault(); close(); });
  byId("panel").addEventListener("click", (event) => { if (event.target === byId("panel")) close(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && byId("panel").open && !document.querySelector("dialog.ask[open]")) close();
  });
}

export function close() {
  const panel = byId("panel");
  if (!panel.open) return;
  panel.close();
  opener?.setAttribute("aria-expanded", "false");
  if (opener?.isConnected) opener.focus();
  opener = null;
}

/** Show a citation; the focus goes to its text, and comes back to `from` when it is closed. */
export async function openSource(citation, from) {
  const panel = byId("panel");
  opener?.setAttribute("aria-expanded", "false");
  opener = from;
  opener.setAttribute("aria-expanded", "true");
  request += 1;
  const mine = request;
  byId("panel-kicker").textContent = t(citation.kind === "calculation" ? "panel_calculation" : "panel_quote");
  show(citation, null);
  if (!panel.open) {
    if (wide.matches) panel.show();
    else panel.showModal();
  }
  byId("panel-body").focus();
  if (!citation.passage_id || (citation.kind === "calculation" && !citation.exchange)) return;
  try {
    if (citation.kind === "calculation") {
      const { text, limits } = await getJson(`/chat/exchanges/${encodeURIComponent(citation.exchange)}/sources/${citation.n}`);
      if (mine === request) show({ ...citation, quote: text, limits }, null);
      return;
    }
    const view = await getJson(`/chat/passages/${encodeURIComponent(citation.passage_id)}`);
    if (mine === request) show(citation, view);
  } catch (error) {
    if (mine === request) show(citation, null, error.message);
  }
}

function show(citation, view, fault = "") {
  const waiting = !view && !fault && citation.kind === "passage" && citation.passage_id;
  byId("panel-body").replaceChildren(...[
    h("div", {},
      h("h2", { id: "panel-title", lang: citation.language }, citation.title),
      h("p", { class: "meta" }, whereabouts(citation))),
    waiting && h("p", { class: "stagenote" }, t("panel_loading")),
    fault && h("p", { class: "fault", role: "alert" }, fault),
    !view && quoted(citation),
    view && passages(view, citation),
    view?.link && h("p", {}, h("a", { href: view.link, target: "_blank", rel: "noopener noreferrer" }, t("panel_open"))),
    view?.licence && h("p", { class: "meta" }, view.licence),
  ].flat().filter(Boolean));
  byId("panel-body").querySelector("mark")?.scrollIntoView({ block: "center" });
}

function quoted(citation) {
  if (citation.kind === "calculation") {
    return [
      h("p", { class: "working", lang: citation.language }, citation.quote),
      citation.limits && h("p", { class: "meta", lang: citation.language }, citation.limits),
    ];
  }
  return h("blockquote", { class: "passages", lang: citation.language }, h("p", { class: "cited" }, h("mark", {}, citation.quote)));
}

function passages(view, citation) {
  return h("div", { class: "passages" }, view.passages.map((one) =>
    h("p", { class: one.cited ? "cited" : "around", lang: one.language }, one.cited ? marked(one.text, citation.quote) : one.text)));
}

/** The text with the quote marked; all of it if the quote cannot be found there. */
function marked(text, quote) {
  const ranges = locate(text, quote);
  if (ranges.length === 0) return [h("mark", {}, text)];
  const nodes = [];
  let from = 0;
  for (const [start, end] of ranges) {
    nodes.push(text.slice(from, start), h("mark", {}, text.slice(start, end)));
    from = end;
  }
  return [...nodes, text.slice(from)];
}
