"""Adaptive Cards 1.5 below a reply: buttons that open its sources, recommendations with their figures, whom to ask. Pure.

What is not ours (titles, quotes, names) stands in RichTextBlock runs, which clients show as it is: no markdown, no links.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from adapters.teams.place import Place
from adapters.untrusted import clean, units, unlinked
from config import texts
from rag import explain
from rag.models import Answer, Citation, Language, Range, Recommendation

Card = dict[str, Any]
Which = Sequence[tuple[str, str]]
"""(exchange, question) pairs, of which an expert may have answered any."""
CARD_TYPE = "application/vnd.microsoft.card.adaptive"
CARD_BYTES = 20 * 1024
"""Of one card's JSON in UTF-16: with its envelope well under the 28 KB of a message."""
BUTTONS_IN_ROW = 6
"""More are hidden behind an ellipsis (Adaptive Cards in Teams, seen 2026-11)."""
TITLED_BUTTONS = 3
"""Buttons of more sources carry only their numbers, to stand in a row; the titles are in the text."""
TEXT_CHARS = 600
TITLE_CHARS = 120
QUESTION_CHARS = 300
SUGGESTED, SUGGESTED_UNITS = 3, 160
"""Teams shows three suggested actions, and none beside a card (suggested actions page, seen 2026-11)."""
_FIGURES = {
    "energy_kwh": "kWh/year", "water_m3": "m3/year", "cost_eur": "EUR/year", "co2_t": "CO2t/year", "investment_eur": "EUR",
    "payback_years": "year", "npv_eur": "EUR",
}  # fmt: skip
"""A recommendation's figures and their units, in the order in which they are shown."""


def card(body: Iterable[Card], actions: Sequence[Card] = (), **more: Any) -> Card:
    """An Adaptive Card."""
    made: Card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "body": list(body),
    }
    return {**made, **({"actions": list(actions)} if actions else {}), **more}


def attachment(content: Card) -> Card:
    """A card as the value of a dialog."""
    return {"contentType": CARD_TYPE, "content": content}


def card_bytes(content: Card) -> int:
    """Its size on the wire, in UTF-16, with what names it an attachment."""
    return len(json.dumps(attachment(content), ensure_ascii=False).encode("utf-16-le", "replace")) + 64


def run(text: str, language: str, *, limit: int = TEXT_CHARS, **look: Any) -> Card:
    """A piece of text that is not ours."""
    shown = unlinked(text, removed=texts.text(language, "teams.link_removed"))
    return {"type": "TextRun", "text": shown if len(shown) <= limit else f"{shown[: limit - 1].rstrip()}…", **look}


def rich(*runs: Card, **look: Any) -> Card:
    """Runs of text, one after the other."""
    return {
        "type": "RichTextBlock",
        "inlines": [one for one in runs if one["text"]] or [{"type": "TextRun", "text": " "}],
        **look,
    }


def said(language: str, key: str, /, *, look: Card | None = None, **values: object) -> Card:
    """A sentence of our own."""
    return {"type": "TextBlock", "text": texts.text(language, key, **values), "wrap": True, **(look or {})}


def opens_dialog(title: str, **data: object) -> Card:
    """A button that asks us for a dialog (invoke task/fetch)."""
    return {"type": "Action.Submit", "title": title, "data": {"msteams": {"type": "task/fetch"}, **data}}


def says(question: str) -> Card:
    """A button that says a question in its reader's name."""
    back = {"type": "messageBack", "text": question, "displayText": question}
    return {"type": "Action.Submit", "title": _clip(question, TITLE_CHARS), "data": {"msteams": back}}


def asking(asked: Iterable[str]) -> list[Card]:
    """Buttons that ask, one below the other: their words are too long to stand side by side."""
    return [{"type": "ActionSet", "actions": [says(one)], "spacing": "Small"} for one in asked]


def rows(actions: Sequence[Card]) -> list[Card]:
    """All of them, as many in a row as are seen at once."""
    starts = range(0, len(actions), BUTTONS_IN_ROW)
    return [{"type": "ActionSet", "actions": list(actions[start : start + BUTTONS_IN_ROW])} for start in starts]


def reply_cards(
    answer: Answer, place: Place, *, exchange: str, expert: str, forms: Sequence[Card] = (), told: Sequence[Card] = ()
) -> list[Card]:
    """The cards below a reply: recommendations first, the buttons in the last. None if there is nothing to add to its text.

    `forms` are buttons that open what is decided or assumed otherwise; `told` are rows of what an expert may press.
    """
    language = answer.language
    figures = [recommendation(one, language) for one in answer.recommendations]
    many = len(answer.citations) > TITLED_BUTTONS
    buttons = rows([open_source(one, exchange, language, short=many) for one in answer.citations] if exchange else [])
    more: list[Card] = rows(forms)
    if exchange and expert:
        ask = texts.text(language, "teams.ask_expert", name=_clip(" ".join(clean(expert).split()), 60))
        more += rows([{"type": "Action.Execute", "title": ask, "verb": "expert", "data": {"exchange": exchange}}])
    more += told
    if place.welcome and not place.direct:
        more += rows([opens_dialog(texts.text(language, "teams.settings"), do="settings")])
    asked = questions(answer.follow_ups)
    if figures or buttons or more or not (place.direct and suggestible(asked)):
        buttons += asking(asked)
    return [card(part) for part in parts([*figures, *buttons, *more])]


def expert_rows(answer: Answer, keep: str, which: Which) -> list[Card]:
    """What an expert may press: to have the answer kept, or to say which question it answers."""
    pairs = [("keep", keep, texts.text(answer.language, "expert.keep"))] if keep else []
    pairs += [("which", exchange, _clip(" ".join(clean(question).split()), TITLE_CHARS)) for exchange, question in which]
    made: list[Card] = [
        {"type": "Action.Execute", "title": title, "verb": verb, "data": {"exchange": name}} for verb, name, title in pairs
    ]
    return [{"type": "ActionSet", "actions": [one], "spacing": "Small"} for one in made]


def questions(offered: Iterable[str]) -> list[str]:
    """What may be asked next, each on one line."""
    asked = (" ".join(clean(one).split()) for one in offered)
    return [_clip(one, QUESTION_CHARS) for one in asked if one]


def suggestible(asked: Sequence[str]) -> bool:
    """Whether questions can be offered at the message box, all of them and whole."""
    return len(asked) <= SUGGESTED and all(units(one) <= SUGGESTED_UNITS for one in asked)


def parts(elements: Iterable[Card]) -> list[list[Card]]:
    """Elements in as few cards as hold them."""
    made: list[list[Card]] = []
    for one in elements:
        if made and card_bytes(card([*made[-1], one])) <= CARD_BYTES:
            made[-1].append(one)
        else:
            made.append([one])
    return made


def open_source(citation: Citation, exchange: str, language: str, *, short: bool = False) -> Card:
    """The button that opens a citation's passage; a `short` one has its title as a tooltip."""
    title = unlinked(" ".join(citation.title.split()), removed="…")
    shown = texts.text(language, "teams.open_source", n=citation.n, title=_clip(title, 40)) if title else f"[{citation.n}]"
    button = opens_dialog(f"[{citation.n}]" if short else shown, do="source", exchange=exchange, n=citation.n)
    return {**button, "tooltip": shown} if short else button


def recommendation(one: Recommendation, language: Language) -> Card:
    """A measure: what it is and why, what it saves and costs, how sure that is, what to do next."""
    marks = "".join(f"[{n}]" for n in one.citations)
    figures = [(name, getattr(one, name, None)) for name in _FIGURES]
    facts = [
        {"title": texts.text(language, f"teams.{name}"), "value": amount(value, name, one, language)}
        for name, value in figures
        if value
    ]
    basis = texts.text(language, f"teams.basis_{one.basis}")
    sure = texts.text(language, f"teams.confidence_{one.confidence}")
    said_before = " ".join(one.why.split()).startswith(" ".join(one.title.rstrip("…. ").split()))
    title = run(one.title, language, limit=TITLE_CHARS, weight="Bolder", size="Medium")
    if said_before:
        title = run(one.why, language, weight="Bolder")
    items = [rich(title, {"type": "TextRun", "text": f" {marks}" if marks else "", "isSubtle": True})]
    if not said_before:
        items.append(rich(run(one.why, language), spacing="Small"))
    if facts:
        items.append({"type": "FactSet", "facts": facts})
    if one.missing:
        items.append(rich(run(one.missing, language, isSubtle=True)))
    items.append({"type": "TextBlock", "text": f"{basis} · {sure}", "isSubtle": True, "wrap": True, "size": "Small"})
    if one.next_step:
        step = f"{texts.text(language, 'teams.next_step')}: "
        items.append(rich({"type": "TextRun", "text": step, "weight": "Bolder"}, run(one.next_step, language)))
    return {"type": "Container", "separator": True, "spacing": "Medium", "items": items}


def amount(value: Range, name: str, one: Recommendation, language: Language) -> str:
    """A figure as the text of the answer says it: no more digits than its confidence bears."""
    sure = "high" if name == "investment_eur" else one.confidence  # asked for or quoted, not reckoned
    return explain.estimate(value, _FIGURES[name], language, sure)


def _clip(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
