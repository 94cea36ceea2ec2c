// What this browser keeps: the conversation's name, and its answers with their citations so that a reload shows them whole.
// The server's memory stays the authority: what it has forgotten is not shown again, and is dropped here.

const KEY = "efficiency-advisor";
const MOST = 40;
let state = read();

function read() {
  try {
    return { answers: [], ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return { answers: [] };
  }
}

function write() {
  try {
    localStorage.setItem(KEY, JSON.stringify(state));
  } catch {
    state.answers = state.answers.slice(-5); // full, or not allowed: the page works without
  }
}

export const get = (name) => state[name];

export function set(name, value) {
  state[name] = value;
  write();
}

/** The conversation's name: 192 random bits, made on first use. */
export function conversation() {
  if (!state.conversation) {
    const bytes = crypto.getRandomValues(new Uint8Array(24));
    set("conversation", `chat-${btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_")}`);
  }
  return state.conversation;
}

export function newConversation() {
  state = { ...state, conversation: "", answers: [], pending: null };
  write();
  return conversation();
}

const words = (text) => text.replace(/\[\d{1,3}\]/g, "").replace(/\s+/g, " ").trim().slice(0, 200);

export function keepAnswer(answer) {
  set("answers", [...state.answers, answer].slice(-MOST));
}

/** The answer whose text the server remembers, or one made of the text alone. */
export function answerFor(text) {
  const kept = state.answers.findLast((answer) => words(answer.text) === words(text));
  return kept ?? { status: "answered", text, citations: [], recommendations: [], follow_ups: [], notices: [] };
}
