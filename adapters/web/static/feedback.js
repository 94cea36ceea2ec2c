// The feedback page: what was not found, what did not help and why, which documents are cited; in the last days.

import { Refused, getJson } from "/static/api.js";
import { byId, h } from "/static/dom.js";
import { day, has, number, setLanguage, setTexts, t } from "/static/i18n.js";
import { signIn } from "/static/session.js";
import * as store from "/static/store.js";

const TOTALS = ["asked", "answered", "not_found", "up", "down"];
let shown = null;

async function start() {
  let config = await getJson("/chat/config");
  setTexts(config.texts);
  const wanted = [store.get("language"), ...navigator.languages.map((one) => one.slice(0, 2)), config.language];
  choose(wanted.find((one) => one in config.texts));
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => { store.set("language", button.dataset.language); choose(button.dataset.language); show(); });
  }
  byId("days").addEventListener("change", refresh);
  if (config.access === "token") {
    await signIn();
    config = await getJson("/chat/config");
  }
  byId("company").textContent = config.company;
  await refresh();
}

function choose(to) {
  setLanguage(to);
  document.title = `${t("feedback_title")} · ${t("title")}`;
}

async function refresh() {
  try {
    shown = await getJson(`/v1/feedback?days=${encodeURIComponent(byId("days").value)}`);
    show();
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return location.reload();
    note(error instanceof Refused ? error.message : t("lost"));
  }
}

function show() {
  if (!shown) return;
  note(shown.asked ? "" : t("feedback_empty"));
  byId("totals").replaceChildren(...TOTALS.map((name) => h("div", {}, h("dt", {}, t(`feedback_${name}`)), h("dd", {}, number(shown[name])))));
  byId("totals").hidden = !shown.asked;
  byId("lists").replaceChildren(...(shown.asked ? [
    list("unanswered", shown.unanswered, missing),
    list("disliked", shown.disliked, disliked),
    list("sources", shown.sources, cited),
  ] : []));
}

function list(name, items, row) {
  return h("section", { class: "card", id: name },
    h("h2", {}, t(`feedback_${name}`)),
    items.length ? h("ul", {}, ...items.map((one) => h("li", {}, ...row(one)))) : h("p", { class: "none" }, t(`feedback_${name}_none`)),
  );
}

const missing = (one) => [
  h("p", { class: "asked" }, one.question),
  h("small", {}, [times(one.count), when(one.last), one.site].filter(Boolean).join(" · ")),
];

const disliked = (one) => [
  h("p", { class: "asked" }, one.question),
  h("p", { class: "said" }, one.text.replaceAll("**", "")),
  ...(one.reasons.length ? one.reasons : [t("feedback_no_reason")]).map((reason) => h("p", { class: "why" }, reason)),
  h("small", {}, when(one.at)),
];

const cited = (one) => [h("p", { class: "asked" }, one.title), h("small", {}, times(one.answers))];

const times = (count) => (count === 1 ? t("feedback_once") : t("feedback_times", { count: number(count) }));

const when = (iso) => day(new Date(iso).toLocaleDateString("sv-SE"));

function note(text) {
  byId("note").textContent = text;
  byId("note").hidden = !text;
}

start().catch((error) => note(has("lost") ? t("lost") : String(error.message)));
