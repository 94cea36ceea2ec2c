// The sites page: of each facility its meters, what was wrong with their readings, and what could still be reckoned.

import { byId, h } from "/static/dom.js";
import { day, t } from "/static/i18n.js";
import { fetched, note, openPage } from "/static/opening.js";

/** Sentences come in the language of the page: another language is another request. */
async function refresh() {
  if (!byId("sites").childElementCount) note(t("sites_reckoning"));
  const found = await fetched("/v1/sites");
  if (!found) return;
  note(found.sites.length ? "" : t("sites_none"));
  byId("sites").replaceChildren(...found.sites.map(card));
}

function card(one) {
  return h("li", { class: "card" },
    h("div", { class: "head" }, h("h2", {}, one.name), h("span", { class: `state ${stateOf(one)}` }, t(`sites_${stateOf(one)}`))),
    one.location && h("p", { class: "about" }, one.location),
    h("h3", {}, t("sites_meters")),
    one.meters.length + one.unread.length === 0 && h("p", { class: "about" }, t("sites_no_meters")),
    h("ul", { class: "meters" },
      ...one.meters.map(meter),
      ...one.unread.map((name) => h("li", {}, h("b", {}, name), h("span", { class: "error" }, t("sites_unread")))),
    ),
    h("h3", {}, t("sites_measures")),
    h("p", { class: "about" }, one.measures.join(" · ") || t("sites_no_measures")),
    one.lacking.length > 0 && h("details", {},
      h("summary", {}, t("sites_lacking", { count: one.lacking.length })),
      h("ul", { class: "failures", tabindex: "0" }, ...one.lacking.map((held) => h("li", {}, h("b", {}, held.measure), h("span", {}, held.why)))),
    ),
  );
}

function meter(one) {
  const about = [one.unit, t("sites_interval", { minutes: one.minutes }), `${day(one.first)} – ${day(one.last)}`, one.files.join(", ")];
  return h("li", {},
    h("b", {}, one.name),
    h("span", {}, about.join(" · ")),
    ...one.findings.map((found) => h("span", { class: found.severity }, found.text)),
  );
}

function stateOf(one) {
  const found = new Set(one.meters.flatMap((held) => held.findings.map((finding) => finding.severity)));
  if (found.has("error") || one.unread.length > 0) return "broken";
  if (found.has("warning")) return "failing";
  return one.meters.length > 0 ? "ok" : "none_yet";
}

openPage("sites_title", refresh, refresh);
