"""The start page of a personal chat, for who writes «inicio» or «home»: questions, site, what was asked, sources. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from microsoft_agents.activity import Activity, Attachment

from adapters.teams.cards import CARD_TYPE, Card, asking, card, parts, questions, rich, run, said
from adapters.teams.envelope import addressed
from adapters.teams.place import Place
from bot.ports import Home, SourceAge
from config import texts

RECENT, SOURCES = 5, 30
NAME_CHARS = 120


def start_page(page: Home, place: Place, language: str) -> list[Activity]:
    """The page as messages, one for each card that it needs: one, but for very many sources of long names."""
    elements: list[Card] = [said(language, "teams.home", look={"size": "Medium", "weight": "Bolder"})]
    if page.site:
        label = {"type": "TextRun", "text": f"{texts.text(language, 'teams.set_site')}: ", "weight": "Bolder"}
        elements.append(rich(label, run(page.site, language, limit=NAME_CHARS)))
    recent = [question for _, question in page.recent][:RECENT]
    for key, asked in (("teams.home_prompts", page.prompts), ("teams.home_recent", recent)):
        if buttons := asking(questions(asked)):
            elements += [said(language, key, look={"weight": "Bolder"}), *buttons]
    if page.sources:
        elements.append(said(language, "teams.home_sources", look={"weight": "Bolder"}))
    elements += [_source(one, language) for one in page.sources[:SOURCES]]
    if len(page.sources) > SOURCES:
        elements.append(said(language, "teams.home_more", count=len(page.sources) - SOURCES))
    return [_message(made, place, language) for made in parts(elements)]


def _source(one: SourceAge, language: str) -> Card:
    read = texts.day(datetime.fromtimestamp(one.read_at, UTC).date(), language) if one.read_at else "–"
    about = texts.text(language, "teams.home_source", count=one.documents, read=read)
    shown = {"type": "TextRun", "text": f" {about}", "isSubtle": True}
    return rich(run(one.name, language, limit=NAME_CHARS), shown, spacing="Small")


def _message(elements: Sequence[Card], place: Place, language: str) -> Activity:
    attached = [Attachment(content_type=CARD_TYPE, content=card(elements))]
    return addressed(Activity(type="message", locale=language, attachments=attached), place)
