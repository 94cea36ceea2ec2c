// How a page beside the chat opens: its texts, the language, signing in, the company's name; then it shows what it is for.

import { Refused, getJson } from "/static/api.js";
import { byId } from "/static/dom.js";
import { has, setLanguage, setTexts, t } from "/static/i18n.js";
import { signIn } from "/static/session.js";
import * as store from "/static/store.js";

/** `title` is a text's key; `refresh` fetches and shows; `show` draws again what is there, in another language. */
export async function openPage(title, refresh, show) {
  try {
    let config = await getJson("/chat/config");
    setTexts(config.texts);
    const wanted = [store.get("language"), ...navigator.languages.map((one) => one.slice(0, 2)), config.language];
    choose(title, wanted.find((one) => one in config.texts));
    for (const button of document.querySelectorAll("[data-language]")) {
      button.addEventListener("click", () => {
        store.set("language", button.dataset.language);
        choose(title, button.dataset.language);
        show();
      });
    }
    if (config.access === "token") {
      await signIn();
      config = await getJson("/chat/config");
    }
    byId("company").textContent = config.company;
    await refresh();
  } catch (error) {
    note(has("lost") ? t("lost") : String(error.message));
  }
}

function choose(title, to) {
  setLanguage(to);
  document.title = `${t(title)} · ${t("title")}`;
}

/** What the server tells, in the page's language; undefined if it cannot be had, and then the page says why. */
export async function fetched(path) {
  try {
    return await getJson(path);
  } catch (error) {
    if (error instanceof Refused && error.status === 401) location.reload();
    else note(error instanceof Refused ? error.message : t("lost"));
    return undefined;
  }
}

export function note(text) {
  byId("note").textContent = text;
  byId("note").hidden = !text;
}
