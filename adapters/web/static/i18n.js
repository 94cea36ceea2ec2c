// The page's own sentences, which the server sends in both languages, and numbers and dates as each language writes them.

let tables = { es: {}, en: {} };
let current = "es";

export function setTexts(texts) {
  tables = texts;
}

/** Take the language and put its sentences into every element that names one. */
export function setLanguage(language) {
  current = language;
  document.documentElement.lang = language;
  document.title = t("title");
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", t(element.dataset.label));
    if (element.tagName === "BUTTON") element.title = t(element.dataset.label);
  }
  for (const element of document.querySelectorAll("[data-placeholder]")) element.placeholder = t(element.dataset.placeholder);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
}

export const language = () => current;

/** The sentence `key` with its {placeholders} filled. */
export function t(key, values = {}, inLanguage = current) {
  const sentence = tables[inLanguage]?.[key] ?? key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

export function has(key) {
  return key in (tables[current] ?? {});
}

/** A number with as many decimals as its size deserves: 61.251, 9,5, 2,9. */
export function number(value, inLanguage = current) {
  const digits = Math.abs(value) >= 100 ? 0 : 1;
  const format = new Intl.NumberFormat(inLanguage === "es" ? "es-ES" : "en-GB", { maximumFractionDigits: digits, useGrouping: "always" });
  return format.format(value);
}

export function day(iso, inLanguage = current) {
  const [year, month, date] = iso.split("-").map(Number);
  const format = new Intl.DateTimeFormat(inLanguage === "es" ? "es-ES" : "en-GB", { day: "numeric", month: "short", year: "numeric" });
  return format.format(new Date(year, month - 1, date));
}
