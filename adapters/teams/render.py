"""From a reply to the activities that say it in Teams: text with native citations, sources, suggested questions. Pure.

A citation's card shows 160 characters of its quote. Below the text stands each source with its place and date, and the whole
quote where the card cuts it and the text does not hold it: a reader can check every statement without leaving the chat.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from microsoft_agents.activity import (
    Activity,
    AgentsModel,
    AIEntity,
    Attachment,
    CardAction,
    ClientCitation,
    ClientCitationAppearance,
    SuggestedActions,
)

from adapters.links import citation_link
from adapters.teams.cards import (
    CARD_TYPE,
    Which,
    card,
    card_bytes,
    expert_rows,
    opens_dialog,
    questions,
    reply_cards,
    said,
)
from adapters.teams.envelope import addressed
from adapters.teams.markup import inline, line, link, marks, plain
from adapters.teams.measure_forms import buttons as form_buttons
from adapters.teams.place import Place
from adapters.teams.split import Block, pack
from adapters.untrusted import clean, lines
from config import texts
from rag.models import Answer, Citation

MESSAGE_BYTES = 28 * 1024
"""Of the activity's JSON in UTF-16: the smallest of the limits that the platform's pages have named (28, 40, 100 KB)."""
CITATIONS = 10
"""The smaller of the two limits that are known: Microsoft's Agents Playground 0.2.28 refuses a message with more (its schema,
seen 2026-11), the AI-generated content page of 2025-01-09 named 20."""
NAME_CHARS = 80
ABSTRACT_CHARS = 160
QUOTE_CHARS = 600
LINK_CHARS = 1024
_RESERVE_BYTES = 4608
"""Kept free in each message for the suggested questions, which are added to the last, and for the end of a stream."""


def render(
    answer: Answer, place: Place, *, exchange: str = "", expert: str = "", keep: str = "", which: Which = ()
) -> list[Activity]:
    """The activities that say the answer, in order; at least one. The last carries the card, or else the suggested questions.

    With an `exchange` it can be judged and its sources opened; `expert` is the name of who may be asked instead; `keep` and
    `which` are what an expert may press (bot.messages.Reply).
    """
    fits = _limits(answer, place)
    parts = pack(_blocks(answer, place), fits) or [texts.text(answer.language, "error.internal", trace=answer.trace_id or "-")]
    activities = [_activity(text, answer, place) for text in parts]
    forms, told = form_buttons(answer, exchange), expert_rows(answer, keep, which)
    below_text = reply_cards(answer, place, exchange=exchange, expert=expert, forms=forms, told=told)
    for below in below_text:
        last = activities[-1]
        if last.attachments or wire_bytes(last) + card_bytes(below) > MESSAGE_BYTES - _RESERVE_BYTES:
            activities.append(addressed(Activity(type="message", locale=answer.language), place))
        activities[-1].attachments = [Attachment(content_type=CARD_TYPE, content=below)]
    if exchange:
        activities[-1].channel_data = {"feedbackLoop": {"type": "custom"}}
    if place.direct and not below_text and (asked := questions(answer.follow_ups)):
        activities[-1].suggested_actions = _suggestions(asked, place)
    return activities


def so_far(text: str, place: Place) -> str:
    """The beginning of an answer, while the rest is being made: without sources, at most what a message holds."""
    removed = texts.text("es", "teams.link_removed")
    shown = [line(raw, numbers=marks(text), links=frozenset(), removed=removed) for raw in text.splitlines() if raw.strip()]
    return "\n\n".join(filter(None, shown))[: MESSAGE_BYTES // 4]


def _limits(answer: Answer, place: Place) -> Callable[[str], bool]:
    """Whether a text fits in one message with the cards of its citations; what does not change is measured once."""
    room = MESSAGE_BYTES - _RESERVE_BYTES - wire_bytes(_activity("", answer, place))
    cards = {citation.n: _json_bytes(_claim(citation, answer.language)) for citation in answer.citations}

    def fits(text: str) -> bool:
        if 2 * len(text) > room:
            return False
        found = marks(text)
        needed = len(json.dumps(text, ensure_ascii=False).encode("utf-16-le")) + sum(cards.get(n, 0) for n in found)
        return len(found) <= CITATIONS and needed <= room

    return fits


def settings_offer(place: Place, language: str) -> Activity:
    """The button that opens a channel's settings, with what they are."""
    made = card([said(language, "teams.settings_here")], [opens_dialog(texts.text(language, "teams.settings"), do="settings")])
    attached = [Attachment(content_type=CARD_TYPE, content=made)]
    return addressed(Activity(type="message", locale=language, attachments=attached), place)


def typing(place: Place) -> Activity:
    """The sign that a reply is being prepared."""
    return addressed(Activity(type="typing"), place)


def wire_bytes(activity: Activity) -> int:
    """The size of an activity as the platform counts it: its JSON in UTF-16."""
    return _json_bytes(activity)


def _json_bytes(model: AgentsModel) -> int:
    wire = model.model_dump(by_alias=True, exclude_unset=True, exclude_none=True, mode="json")
    return len(json.dumps(wire, ensure_ascii=False).encode("utf-16-le")) + 4  # and the comma and space before the next


def _blocks(answer: Answer, place: Place) -> list[Block]:
    language = answer.language
    numbers = frozenset(citation.n for citation in answer.citations)
    links = frozenset(filter(None, map(_link, answer.citations)))
    removed = texts.text(language, "teams.link_removed")

    def spoken(raw: str) -> str:
        return line(raw, numbers=numbers, links=links, removed=removed)

    def aside(raw: str) -> str:
        told = inline(clean(raw).strip(), numbers=numbers, links=links, removed=removed)
        return f"*{told}*" if told else ""

    first = [Block(texts.text(language, "teams.welcome"), spoken)] if place.welcome else []
    body = [Block(raw, spoken, item=raw.lstrip().startswith("- ")) for raw in answer.text.splitlines() if raw.strip()]
    ignored = "teams.files_missing" if place.direct else "teams.files_ignored"
    asides = [*answer.notices, *([texts.text(language, ignored)] if place.files else [])]
    notices = [Block(raw, aside) for told in asides for raw in lines(told)]
    return [*first, *body, *notices, *_sources(answer, removed)]


def _sources(answer: Answer, removed: str) -> list[Block]:
    """The list of sources, a line each: its number, title (a link where it has one), place, date and what the card cuts."""
    if not answer.citations:
        return []
    told = " ".join(answer.text.split())
    heading = Block(f"**{texts.text(answer.language, 'teams.sources')}**", str, whole=True)
    lines = (_source(citation, answer.language, told, removed) for citation in answer.citations)
    return [heading, *(Block(made, str, item=True, whole=True) for made in lines)]


def _source(citation: Citation, language: str, told: str, removed: str) -> str:
    address = _link(citation)
    title = _clip(_title(citation, language), 2 * NAME_CHARS)
    parts = [link(title, address, removed=removed) if address else plain(title, removed=removed)]
    if citation.locator:
        parts.append(plain(_clip(citation.locator, NAME_CHARS), removed=removed))
    if citation.date:
        parts.append(texts.day(citation.date, language))
    quote = " ".join(citation.quote.split())
    if len(quote) > ABSTRACT_CHARS and quote not in told:
        key = "teams.quote" if citation.language in {"", language} else "teams.quote_foreign"
        shown = plain(_clip(quote, QUOTE_CHARS), removed=removed)
        parts.append(texts.text(language, key, quote=shown, language=_language(citation, language)))
    return f"- [{citation.n}] {' · '.join(parts)}"


def _language(citation: Citation, language: str) -> str:
    known = citation.language in texts.LANGUAGES
    return texts.text(language, f"answer.language_{citation.language}") if known else citation.language


def _activity(text: str, answer: Answer, place: Place) -> Activity:
    made = Activity(type="message", text=text, text_format="markdown", locale=answer.language)
    cited = [citation for citation in answer.citations if citation.n in marks(text)]
    if answer.citations:
        made.entities = [_entity(cited, answer.language)]
    return addressed(made, place)


def _entity(citations: Sequence[Citation], language: str) -> AIEntity:
    # Every field is given: the SDK sends only those that were, and without additionalType there is no label.
    return AIEntity(
        type="https://schema.org/Message",
        at_type="Message",
        at_context="https://schema.org",
        id="",
        additional_type=["AIGeneratedContent"],
        citation=[_claim(citation, language) for citation in citations],
    )


def _claim(citation: Citation, language: str) -> ClientCitation:
    return ClientCitation(at_type="Claim", position=citation.n, appearance=_card(citation, language))


def _card(citation: Citation, language: str) -> ClientCitationAppearance:
    place = f" · {_clip(clean(citation.locator), NAME_CHARS // 2)}" if citation.locator.strip() else ""
    name = f"{_clip(_title(citation, language), NAME_CHARS - _units(place))}{place}"
    abstract = _clip(" ".join(clean(citation.quote).split()), ABSTRACT_CHARS) or name
    card = ClientCitationAppearance(at_type="DigitalDocument", name=name, abstract=abstract)
    address = _link(citation)
    if address:
        card.url = address
    return card


def _title(citation: Citation, language: str) -> str:
    title = " ".join(clean(citation.title).split())
    return title or texts.text(language, "teams.untitled", n=citation.n)


def _link(citation: Citation) -> str | None:
    """The address of a source; None where it has none, or one that would fill the message."""
    address = citation_link(citation)
    return address if address and len(address) <= LINK_CHARS else None


def _suggestions(asked: Sequence[str], place: Place) -> SuggestedActions:
    actions = [CardAction(type="imBack", title=question, value=question) for question in asked]
    return SuggestedActions(to=[place.user_id] if place.user_id else [], actions=actions)


def _units(text: str) -> int:
    """Length as JavaScript counts it, in UTF-16 units."""
    return len(text.encode("utf-16-le", "replace")) // 2


def _clip(text: str, limit: int) -> str:
    """At most `limit` UTF-16 units, with an ellipsis where something was cut."""
    if _units(text) <= limit:
        return text
    kept = text[: limit - 1]
    while _units(kept) > limit - 1:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"
