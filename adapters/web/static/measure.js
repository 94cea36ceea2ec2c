// A recommendation as a card: what it saves and costs as ranges, on what basis, and the next step.

import { h } from "/static/dom.js";
import { language, number, t } from "/static/i18n.js";
import { inline } from "/static/markup.js";

export function measureCard(one, mark) {
  const figures = [
    ...Object.entries(one.savings).map(([name, range]) => figure(t(`saves_${name}`), range, t(`unit_${name}`))),
    figure(t("costs"), one.investment_eur, "€"),
    payback(one.payback_years),
    figure(t("npv"), one.npv_eur, "€"),
  ].filter(Boolean);
  return h(
    "article", { class: "measure", "aria-label": one.title },
    h("h3", {}, one.title),
    h("p", { class: "tags", lang: language() },
      h("span", { class: `badge ${one.kind}` }, t(`recommend_${one.kind}`)),
      h("span", { class: "badge" }, t(`basis_${one.basis}`)),
      h("span", { class: "badge" }, t(`confidence_${one.confidence}`))),
    h("p", {}, inline(one.why, mark)),
    figures.length > 0 && h("dl", { class: "figures", lang: language() }, figures),
    one.missing && h("p", { class: "notice" }, one.missing),
    one.next_step && h("p", { class: "step" }, h("b", { lang: language() }, `${t("next_step")}: `), one.next_step),
    (one.method || one.assumptions.length > 0) && details(one),
  );
}

function payback(range) {
  const told = (years) => Math.round(12 * years);
  if (!range || told(range.mid) < 1 || told(range.mid) > 11) return figure(t("payback"), range, t("years"));
  const months = { low: told(range.low), mid: told(range.mid), high: told(range.high) };
  return figure(t("payback"), months, t(months.mid === 1 ? "month" : "months"));
}

function figure(label, range, unit) {
  if (!range) return null;
  const span = range.low === range.high ? null : t("range_from", { low: number(range.low), high: number(range.high) });
  return h("div", {},
    h("dt", {}, label),
    h("dd", { class: "mid" }, number(range.mid), " ", h("span", { class: "unit" }, unit)),
    span && h("dd", { class: "span" }, span));
}

function details(one) {
  return h(
    "details", {},
    h("summary", { lang: language() }, t("details")),
    one.method && h("p", {}, one.method),
    h("ul", {}, one.assumptions.map((each) => {
      const value = [`${each.name}: ${number(each.value)}`, each.unit].filter(Boolean).join(" ");
      return h("li", {}, each.source ? `${value} (${each.source})` : value);
    })),
  );
}
