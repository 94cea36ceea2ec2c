// The answer's small markup (paragraphs, "- " items with the indented lines below them, **bold**, [n]) to nodes, and the place of a quote in its passage.

import { h } from "/static/dom.js";

/** Nodes for a text; `mark(n)` makes the element for a citation mark. An unfinished `**` at the end of a stream is dropped. */
export function render(text, mark) {
  const blocks = [];
  let items = null;
  for (const line of text.split(/\n+/)) {
    const item = /^\s*- (.*)$/.exec(line);
    if (item) {
      if (!items) blocks.push((items = h("ul")));
      items.append(h("li", {}, inline(item[1], mark)));
    } else if (items && /^\s+\S/.test(line)) {
      items.lastChild.append(h("br"), ...inline(line.trim(), mark));
    } else if (line.trim()) {
      items = null;
      blocks.push(h("p", {}, inline(line.trim(), mark)));
    }
  }
  return blocks;
}

/** One line's nodes. */
export function inline(line, mark) {
  return line
    .split(/(\*\*[^*]+\*\*|[^\s*]{0,24} ?\[\d{1,3}\][.,;:)»”]?)/)
    .filter(Boolean)
    .map((piece) => {
      if (/^\*\*[^*]+\*\*$/.test(piece)) return h("strong", {}, inline(piece.slice(2, -2), mark));
      if (/\[\d{1,3}\]/.test(piece)) return h("span", { class: "keep" }, marks(piece, mark));
      return piece.replaceAll("**", "");
    });
}

/** A citation mark with the word before it and the stop after it, which stay on its line. */
function marks(piece, mark) {
  return piece.split(/(\[\d{1,3}\])/).filter(Boolean).map((part) => {
    const number = /^\[(\d{1,3})\]$/.exec(part);
    return number ? mark(Number(number[1])) : part.replaceAll("**", "");
  });
}

/** Ranges [start, end) of a quote in a text, white space aside; a shortened quote ("… ") gives one for each piece found. */
export function locate(text, quote) {
  const whole = find(text, quote);
  if (whole) return [whole];
  const ranges = [];
  let from = 0;
  for (const piece of quote.split(/\s*(?:\[…\]|\[\.\.\.\]|…|\.\.\.)\s*/)) {
    const found = piece.trim().length > 7 ? find(text, piece, from) : null;
    if (found) {
      ranges.push(found);
      from = found[1];
    }
  }
  return ranges;
}

function find(text, quote, from = 0) {
  const [flat, places] = flatten(text);
  const [wanted] = flatten(quote.trim());
  const start = places.findIndex((place) => place >= from);
  const at = wanted && start >= 0 ? flat.indexOf(wanted, start) : -1;
  return at < 0 ? null : [places[at], places[at + wanted.length - 1] + 1];
}

/** The text with each run of white space as one blank, and where each of its characters stood. */
function flatten(text) {
  let flat = "";
  const places = [];
  for (let place = 0; place < text.length; place += 1) {
    const blank = /\s/.test(text[place]);
    if (blank && (flat === "" || flat.endsWith(" "))) continue;
    flat += blank ? " " : text[place];
    places.push(place);
  }
  return [flat, places];
}
