// Two buttons under an answer, and a line for the reason where it did not help. The last word counts.

import { call } from "/static/api.js";
import { h } from "/static/dom.js";
import { language, t } from "/static/i18n.js";

/** The element for the exchange `id`. */
export function judgeView(id) {
  const say = h("p", { class: "said-so", role: "status" });
  const reason = h("input", { type: "text", maxlength: "1000", autocomplete: "off", "aria-label": t("judge_reason"), placeholder: t("judge_reason") });
  const why = h("form", { class: "why", hidden: true, onsubmit: (event) => { event.preventDefault(); send("down", reason.value); } },
    reason, h("button", { type: "submit", class: "plain" }, t("judge_send")));
  const buttons = ["up", "down"].map((verdict) => h(
    "button",
    { type: "button", class: `verdict ${verdict}`, "aria-pressed": "false", "aria-label": t(`judge_${verdict}`), title: t(`judge_${verdict}`), onclick: () => press(verdict) },
    thumb(verdict),
  ));

  async function press(verdict) {
    if (!(await send(verdict, ""))) return;
    buttons.forEach((button, n) => button.setAttribute("aria-pressed", String((n === 0) === (verdict === "up"))));
    why.hidden = verdict !== "down";
    if (verdict === "down") reason.focus();
  }

  async function send(verdict, words) {
    try {
      await call("POST", `/v1/exchanges/${encodeURIComponent(id)}/feedback`, { verdict, reason: words });
    } catch (error) {
      say.textContent = error.message || t("lost");
      return false;
    }
    if (words) why.hidden = true;
    say.textContent = t("judge_thanks");
    return true;
  }

  return h("section", { class: "judge", "aria-label": t("judge"), lang: language() },
    h("div", { class: "verdicts" }, h("span", { "aria-hidden": "true" }, t("judge")), ...buttons, say), why);
}

/** A thumb, turned over for the other verdict. */
function thumb(verdict) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", "M7 11v9H4v-9zM7 11l4-8c1.7 0 2.8 1 2.8 2.6L13 9h5.4c1.3 0 2.2 1.2 1.9 2.4l-1.6 6.8c-.3 1.1-1.2 1.8-2.3 1.8H7");
  if (verdict === "down") path.setAttribute("transform", "rotate(180 12 12)");
  svg.append(path);
  return svg;
}
