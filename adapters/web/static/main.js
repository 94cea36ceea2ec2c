// The chat page: reads the settings, brings back the conversation, sends questions and shows what comes of them.

import { answerView } from "/static/answer.js";
import { Refused, ask, call, getJson, resume } from "/static/api.js";
import { attached, initAttach, sendAll, take } from "/static/attach.js";
import { byId, h } from "/static/dom.js";
import { has, language, setLanguage, setTexts, t } from "/static/i18n.js";
import { close as closePanel, initPanel, openSource } from "/static/panel.js";
import { signIn, signOut } from "/static/session.js";
import * as store from "/static/store.js";

const KINDS = ["energy", "water", "infrastructure"];
let config = null;
let underWay = null;

async function start() {
  config = await getJson("/chat/config");
  setTexts(config.texts);
  const wanted = [store.get("language"), ...navigator.languages.map((one) => one.slice(0, 2)), config.language];
  setLanguage(wanted.find((one) => one in config.texts));
  initPanel();
  initAttach(config.files, fault);
  wire();
  if (config.access === "closed") return note(await call("GET", "/chat/history?conversation=").catch((error) => error.message));
  if (config.access === "token") {
    await signIn();
    config = await getJson("/chat/config");
  }
  byId("company").textContent = config.company;
  byId("sign-out").hidden = !config.can_sign_out;
  for (const id of ["composer", "new"]) byId(id).hidden = false;
  fillSites();
  await restore();
  if (!matchMedia("(pointer: coarse)").matches) byId("question").focus();
}

function wire() {
  const question = byId("question");
  byId("composer").addEventListener("submit", (event) => { event.preventDefault(); send(question.value); });
  question.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    send(question.value);
  });
  question.addEventListener("input", grow);
  byId("stop").addEventListener("click", () => underWay?.abort());
  byId("site").addEventListener("change", () => { store.set("site", byId("site").value); examples(); });
  for (const button of document.querySelectorAll("[data-kind]")) button.addEventListener("click", () => recommend(button.dataset.kind));
  for (const button of document.querySelectorAll("[data-language]")) button.addEventListener("click", () => change(button.dataset.language));
  byId("new").addEventListener("click", fresh);
  byId("forget").addEventListener("click", () => byId("forget-ask").showModal());
  byId("forget-no").addEventListener("click", () => byId("forget-ask").close());
  byId("forget-yes").addEventListener("click", forget);
  byId("sign-out").addEventListener("click", async () => { await signOut(); store.newConversation(); location.reload(); });
}

function change(to) {
  store.set("language", to);
  setLanguage(to);
  fillSites();
}

function fillSites() {
  const chosen = store.get("site") ?? "";
  byId("site").replaceChildren(
    h("option", { value: "" }, t("site_all")),
    ...config.sites.map((site) => h("option", { value: site.id, selected: site.id === chosen }, site.name)),
  );
  byId("site").options[0].value = "";
  byId("site").closest("label").hidden = config.sites.length === 0;
  examples();
}

function examples() {
  const site = config.sites.find((one) => one.id === byId("site").value)?.name ?? config.sites[0]?.name;
  const questions = ["example_1", "example_2", "example_3"].filter((key) => site || !t(key).includes("{site}")).map((key) => t(key, { site }));
  byId("examples").replaceChildren(
    ...questions.map((one) => h("li", {}, h("button", { type: "button", onclick: () => send(one) }, one))),
  );
}

/** The conversation as the server remembers it, and the answer that was under way when the page was left. */
async function restore() {
  try {
    const { turns } = await getJson(`/chat/history?conversation=${encodeURIComponent(store.conversation())}`);
    if (turns.length === 0) store.set("answers", []);
    for (const turn of turns) {
      if (turn.role === "user") addSaid(KINDS.includes(turn.text) || !turn.text ? kindSaid(turn.text) : turn.text);
      else addView().finish(store.answerFor(turn.text));
    }
  } catch (error) {
    note(t("history_lost"));
  }
  showState();
  const pending = store.get("pending");
  if (pending?.location) {
    addSaid(pending.said);
    await run((handlers, signal) => resume(pending.location, handlers, signal), pending.said);
  }
  toEnd();
}

const kindSaid = (kind) => (KINDS.includes(kind) ? t("recommend_said", { kind: t(`recommend_${kind}`).toLowerCase() }) : t("recommend_all"));

function send(raw) {
  const text = raw.trim();
  if ((!text && !attached()) || underWay) return;
  if (text.length > config.question_limit) return fault(t("too_long", { limit: config.question_limit, length: text.length }));
  byId("question").value = "";
  grow();
  const [word, kind = ""] = text.toLowerCase().split(/\s+/);
  if (["/recommend", "/recomendar", "/recomienda"].includes(word) && (!kind || KINDS.includes(kind))) return recommend(kind);
  if (["/forget", "/olvida", "/olvidar"].includes(word) && !kind) return byId("forget-ask").showModal();
  if (["/new", "/nueva"].includes(word)) return fresh();
  const body = { question: text, thread: store.conversation(), site: byId("site").value || null };
  const files = take();
  const said = [text, ...files.map((file) => t("attached_said", { name: file.name }))].filter(Boolean).join("\n");
  addSaid(said);
  run(async (handlers, signal) => ask("/v1/ask", { ...body, files: await sendAll(files, signal) }, handlers, signal), said);
}

function recommend(kind) {
  if (underWay) return;
  const body = { kind: kind || null, thread: store.conversation(), site: byId("site").value || null };
  addSaid(kindSaid(kind));
  run((handlers, signal) => ask("/v1/recommend", body, handlers, signal), kindSaid(kind));
}

/** One answer from asking to showing. `request(handlers, signal)` resolves with the answer. */
async function run(request, said) {
  const view = addView();
  const abort = new AbortController();
  underWay = abort;
  showState();
  toEnd();
  announce(t("retrieving"));
  const handlers = {
    progress: (data) => follow(() => view.progress(data)),
    location: (location) => store.set("pending", { location, said }),
  };
  try {
    const answer = await request(handlers, abort.signal);
    store.keepAnswer(answer);
    follow(() => view.finish(answer));
    announce(answer.text.replaceAll("**", ""), answer.language);
  } catch (error) {
    failed(view, error, abort.signal.aborted, request, said);
  } finally {
    store.set("pending", null);
    if (underWay === abort) underWay = null;
    showState();
  }
}

function failed(view, error, aborted, request, said) {
  if (aborted) return view.fail(t("stopped"));
  if (error instanceof Refused && error.status === 401) return location.reload();
  const message = error instanceof Refused ? error.message : t("lost");
  follow(() => view.fail(message, () => { view.element.remove(); run(request, said); }));
  announce(message);
}

function fresh() {
  underWay?.abort();
  closePanel();
  store.newConversation();
  byId("turns").replaceChildren();
  showState();
  byId("question").focus();
}

async function forget() {
  byId("forget-ask").close();
  const thread = store.conversation();
  try {
    const answer = await (await call("POST", "/chat/command", { command: "forget", thread })).json();
    if (answer.status === "failed") throw new Error(answer.text);
    fresh();
    note(t("forgotten"));
    announce(t("forgotten"));
  } catch (error) {
    fault(error.message);
  }
}

function addSaid(text) {
  byId("turns").append(h("li", { class: "turn said" }, h("span", { class: "unseen" }, `${t("you")}: `), text));
  note("");
  fault("");
}

function addView() {
  const view = answerView({ openSource, askNext: (question) => { send(question); byId("question").focus(); } });
  byId("turns").append(view.element);
  return view;
}

function showState() {
  const empty = byId("turns").childElementCount === 0;
  byId("welcome").hidden = !empty;
  byId("forget").hidden = empty;
  byId("send").hidden = underWay !== null;
  byId("stop").hidden = underWay === null;
}

/** Change the conversation and stay at its end, unless the reader has scrolled up to read. */
function follow(change) {
  const area = byId("conversation");
  const reading = area.scrollHeight - area.scrollTop - area.clientHeight > 120;
  change();
  if (!reading) toEnd();
}

/** As far down as the last question allows: a long answer is read from its beginning. */
function toEnd() {
  const area = byId("conversation");
  const asked = [...byId("turns").querySelectorAll(".said")].at(-1);
  area.scrollTop = asked ? asked.offsetTop - area.offsetTop - 16 : 0;
}

function grow() {
  const box = byId("question");
  box.rows = Math.min(8, Math.max(1, box.value.split("\n").length));
  fault("");
}

function note(text) {
  byId("note").textContent = text;
  byId("note").hidden = !text;
}

function fault(text) {
  byId("fault").textContent = text;
  byId("fault").hidden = !text;
}

function announce(text, inLanguage = language()) {
  byId("status").lang = inLanguage;
  byId("status").textContent = text;
}

start().catch((error) => note(has("lost") ? t("lost") : String(error.message)));
