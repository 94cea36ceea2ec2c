// The sources page: shows how each source stands, keeps itself up to date, and asks for a run.

import { Refused, call } from "/static/api.js";
import { byId, h } from "/static/dom.js";
import { language, number, t } from "/static/i18n.js";
import { fetched, note, openPage } from "/static/opening.js";

const EVERY_MS = 5000;
const STEPS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
let shown = null;
let cards = "";

async function refresh() {
  const found = await fetched("/v1/sources");
  if (found) shown = found;
  if (found) show();
}

/** Draw only what has changed, so that an open list of failures and the focus stay where they are. */
function show(anew = false) {
  if (!shown) return;
  note(shown.sources.length ? "" : t("sources_none"));
  byId("problem").hidden = !shown.problem;
  byId("problem").textContent = shown.problem ? `${t("sources_problem")} ${shown.problem}` : "";
  const now = JSON.stringify([shown, Math.floor(Date.now() / 60000)]);
  if (now === cards && !anew) return;
  cards = now;
  const open = new Set([...document.querySelectorAll("details[open]")].map((one) => one.dataset.name));
  const focused = document.activeElement?.dataset?.retry;
  byId("sources").replaceChildren(...shown.sources.map((one) => card(one, open)));
  if (focused) document.querySelector(`[data-retry="${CSS.escape(focused)}"]`)?.focus();
}

function card(one, open) {
  const state = stateOf(one);
  const run = one.last_run;
  return h("li", { class: "card" },
    h("div", { class: "head" }, h("h2", {}, one.name), h("span", { class: `state ${state}` }, t(`sources_${state}`))),
    one.description && h("p", { class: "about" }, one.description),
    h("p", { class: "about" }, t("sources_audience", { audience: one.audience.join(", ") })),
    h("dl", { class: "figures" },
      ...figure("sources_documents", number(one.documents)),
      ...figure("sources_passages", number(one.passages)),
      ...figure("sources_newest", one.indexed_at ? when(one.indexed_at) : "–"),
      ...(one.configured ? figure("sources_last", run ? when(run.started) : t("sources_never"), run && !run.error && t("sources_counts", run)) : []),
      ...(one.configured ? figure("sources_next", next(one)) : []),
    ),
    run?.error && h("p", { class: "reason" }, run.error),
    one.failures.length > 0 && h("details", { "data-name": one.name, open: open.has(one.name) },
      h("summary", {}, t("sources_failures", { count: one.failures.length })),
      h("ul", { class: "failures", tabindex: "0" }, ...one.failures.map((failed) => h("li", {}, h("b", {}, failed.uri), h("span", {}, failed.reason)))),
    ),
    one.notes.length > 0 && h("details", { "data-name": `${one.name} notes`, open: open.has(`${one.name} notes`) },
      h("summary", {}, t("sources_notes", { count: one.notes.length })),
      h("ul", { class: "failures", tabindex: "0" }, ...one.notes.map((read) => h("li", {}, h("b", {}, read.uri), h("span", {}, read.note)))),
    ),
    one.configured && h("button", {
      type: "button", class: "plain", "data-retry": one.name, "aria-label": t("sources_retry_of", { name: one.name }),
      "aria-disabled": state === "under_way" || state === "waiting" ? "true" : null, onclick: () => retry(one),
    }, t("sources_retry")),
  );
}

const figure = (key, value, more) => [h("dt", {}, t(key)), h("dd", {}, value, more && h("small", {}, more))];

function stateOf(one) {
  if (!one.configured) return "cli";
  if (one.under_way) return "under_way";
  if (one.wanted) return "waiting";
  if (one.last_run?.error) return "broken";
  if (one.failures.length > 0) return "failing";
  return one.last_run || one.documents > 0 ? "ok" : "unread";
}

function next(one) {
  if (one.wanted) return t("sources_soon");
  if (one.watched) return t("sources_watched");
  if (!one.next_run) return t("sources_on_demand");
  return new Date(one.next_run) <= new Date() ? t("sources_soon") : when(one.next_run);
}

/** "hace 5 minutos", with the exact time for who points at it. */
function when(iso) {
  const seconds = (new Date(iso) - Date.now()) / 1000;
  const [unit, size] = STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? STEPS.at(-1);
  const words = new Intl.RelativeTimeFormat(language(), { numeric: "auto" }).format(Math.round(seconds / size), unit);
  return h("time", { datetime: iso, title: new Date(iso).toLocaleString(language()) }, words);
}

async function retry(one) {
  if (one.under_way || one.wanted) return;
  try {
    await call("POST", `/v1/sources/${encodeURIComponent(one.name)}/retry`, {});
    byId("status").textContent = t("sources_retried", { name: one.name });
    await refresh();
  } catch (error) {
    note(error instanceof Refused ? error.message : t("lost"));
  }
}

await openPage("sources_title", refresh, () => show(true));
setInterval(() => { if (!document.hidden) refresh(); }, EVERY_MS);
