// One answer on the page: text with citation marks, recommendations, sources, notices, what to ask next.

import { getJson } from "/static/api.js";
import { h } from "/static/dom.js";
import { day, language, t } from "/static/i18n.js";
import { judgeView } from "/static/judge.js";
import { render } from "/static/markup.js";
import { measureCard } from "/static/measure.js";

/** The element of an answer under way: `progress(data)` and `finish(answer)` fill it. */
export function answerView({ openSource, askNext }) {
  const element = h("li", { class: "turn answer", "aria-busy": "true" });
  const stage = h("p", { class: "stagenote" }, t("waiting"));
  const text = h("div", { class: "text" });
  const who = h("p", { class: "unseen" }, `${t("advisor")}:`);
  element.append(who, stage, text);

  return {
    element,
    progress(data) {
      stage.textContent = t(data.text ? "answering" : data.stage === "queued" ? "queued" : "retrieving");
      text.replaceChildren(...render(data.text, (n) => h("span", { class: "cite" }, String(n))));
    },
    finish(answer) {
      element.removeAttribute("aria-busy");
      element.lang = answer.language ?? language();
      element.replaceChildren(...[who, ...parts(answer, { openSource, askNext })].filter(Boolean));
    },
    fail(message, retry) {
      element.removeAttribute("aria-busy");
      element.replaceChildren(
        who, badge("failed"), h("p", { class: "text" }, message),
        ...(retry ? [h("button", { type: "button", class: "again", onclick: retry }, t("retry"))] : []),
      );
    },
  };
}

function parts(answer, actions) {
  const citations = answer.citations.map((citation) => ({ ...citation, exchange: answer.exchange }));
  const byNumber = new Map(citations.map((citation) => [citation.n, citation]));
  const mark = (n) => citationMark(n, byNumber.get(n), actions.openSource);
  // What only documents recommend has no figures to lay out: the text says it all.
  const measures = answer.recommendations.filter((one) => one.basis !== "document");
  return [
    answer.status !== "answered" && badge(answer.status),
    h("div", { class: "text" }, render(answer.text, mark)),
    measures.length > 0 && h("div", { class: "measures" }, measures.map((one) => measureCard(one, mark))),
    ...answer.notices.map((notice) => h("p", { class: "notice" }, notice)),
    citations.length > 0 && sources(citations, actions.openSource),
    answer.exchange && citations.some((one) => one.kind === "calculation") && picturesView(answer.exchange),
    answer.exchange && judgeView(answer.exchange),
    answer.follow_ups.length > 0 && next(answer.follow_ups, actions.askNext),
  ];
}

function badge(status) {
  return h("p", { class: `badge ${status}`, lang: language() }, t(status));
}

function citationMark(n, citation, openSource) {
  if (!citation) return h("span", { class: "cite" }, String(n));
  const label = t("source_n", { n, title: citation.title });
  const button = h(
    "button",
    { type: "button", class: "cite", title: label, "aria-label": label, "aria-haspopup": "dialog", onclick: () => openSource(citation, button) },
    String(n),
  );
  return button;
}

/** "p. 14, Aireación · 1 mar 2024 · en español": what tells a reader where it stands. */
export function whereabouts(citation) {
  return [
    citation.kind === "calculation" && t("calculation"),
    citation.locator,
    citation.date && day(citation.date),
    citation.kind === "passage" && ["es", "en"].includes(citation.language) && citation.language !== language() &&
      t("panel_language", { language: t(`language_${citation.language}`) }),
  ].filter(Boolean).join(" · ");
}

function sources(citations, openSource) {
  return h(
    "section", { class: "sources", "aria-label": t("sources"), lang: language() },
    h("p", { class: "label", "aria-hidden": "true" }, t("sources")),
    h("ol", {}, citations.map((citation) => {
      const button = h(
        "button", { type: "button", class: "source", "aria-haspopup": "dialog", onclick: () => openSource(citation, button) },
        h("span", { class: "n" }, String(citation.n)),
        h("span", { class: "what" },
          h("span", { class: "title", lang: citation.language }, citation.title),
          h("span", { class: "where" }, whereabouts(citation))),
      );
      return h("li", {}, button);
    })),
  );
}

/** What its calculations look like; drawn after the answer stands, and nothing where there is nothing to be seen. */
function picturesView(exchange) {
  const view = h("div", { class: "pictures" });
  getJson(`/v1/exchanges/${encodeURIComponent(exchange)}/pictures`)
    .then(({ pictures }) => view.replaceChildren(...pictures.map(figure)))
    .catch(() => view.remove());
  return view;
}

function figure(one) {
  const image = h("img", { src: `data:image/png;base64,${one.png}`, alt: one.alt, width: "960", height: "600" });
  return h("figure", {}, image, h("figcaption", {}, one.alt));
}

function next(questions, askNext) {
  return h(
    "section", { class: "next", "aria-label": t("follow_ups") },
    h("p", { class: "label", "aria-hidden": "true", lang: language() }, t("follow_ups")),
    h("ul", {}, questions.map((question) => h("li", {}, h("button", { type: "button", onclick: () => askNext(question) }, question)))),
  );
}
