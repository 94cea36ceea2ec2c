// The feedback page: what was not found, what did not help and why, which documents are cited; in the last days.

import { byId, h } from "/static/dom.js";
import { day, number, t } from "/static/i18n.js";
import { fetched, note, openPage } from "/static/opening.js";

const TOTALS = ["asked", "answered", "not_found", "up", "down"];
let shown = null;

async function refresh() {
  const found = await fetched(`/v1/feedback?days=${encodeURIComponent(byId("days").value)}`);
  if (found) shown = found;
  if (found) show();
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

byId("days").addEventListener("change", refresh);
openPage("feedback_title", refresh, show);
