"""Teams' replies, cards and dialogs, whatever they are made of: nothing is lost, no limit broken, each button is understood.

The limits are those of the pages on AI-generated content, on message size (28 KB), on suggested actions and on dialogs, and of
the Adaptive Card schema 1.5, seen 2026-11; tests/fakes/card_schema.py and tests/fakes/bot_connector.py have them.
"""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from adapters.kept import KeptHere
from adapters.links import citation_link
from adapters.teams import dialogs
from adapters.teams.client import ConnectorSender
from adapters.teams.hosts import LOOPBACK
from adapters.teams.inbound import address, plain_text, read
from adapters.teams.invoke import Presses
from adapters.teams.kept import Remembered
from adapters.teams.place import Place
from adapters.teams.render import MESSAGE_BYTES, render
from adapters.teams.start import start_page
from bot.messages import IncomingMessage
from bot.ports import ChannelSettings, Home, SourceAge, SourceView
from config.texts import LANGUAGES
from rag.models import Answer
from tests.fakes.any_answers import ADDRESSES, GLUED, TEXT, URIS, answers, numbers, questions
from tests.fakes.bot_activities import message, press
from tests.fakes.bot_connector import TENANT, schema_fault
from tests.fakes.card_schema import actions, faults
from tests.fakes.teams_desk import NotingDesk

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
LANGUAGE = st.sampled_from(LANGUAGES)
PLACES = st.sampled_from(
    [Place("https://x/", "a:1", "m", user_id="29:a"), Place("https://x/", "19:c;messageid=1", "m", kind="channel")]
)
PAIRS = st.tuples(st.integers(0, 3), TEXT).map(lambda some: [(f"k{n}", f"{some[1]} {n}") for n in range(some[0])])
"""Sites or audiences: ids and any names."""


def size(made: Any) -> int:
    """Bytes on the wire, in UTF-16."""
    return len(json.dumps(made, ensure_ascii=False).encode("utf-16-le", "surrogatepass"))


def read_by_people(markdown: str) -> str:
    """What a markdown client shows of a message."""
    tokens = MarkdownIt("commonmark", {"html": True}).parse(markdown)
    blocks = [token.children for token in tokens if token.children]
    return "\n".join("".join(part.content if part.type == "text" else "\n" for part in block) for block in blocks)


def addresses(markdown: str) -> set[str]:
    """What a markdown client would open."""
    tokens = MarkdownIt("commonmark", {"html": True}).parse(markdown)
    parts = [child for token in tokens for child in (token.children or [])]
    return {str(part.attrs[name]) for part in parts for name in ("href", "src") if name in part.attrs}


@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
@given(answers(30), PLACES, st.sampled_from(["", "e" * 64]), TEXT)
def test_nothing_of_an_answer_is_lost(answer: Answer, place: Place, exchange: str, expert: str) -> None:
    """Each number is read, each citation shown, linked and opened by a button, each question on a button; Teams takes it all."""
    made = render(answer, place, exchange=exchange, expert=expert)
    wires = [one.model_dump(by_alias=True, exclude_unset=True, exclude_none=True, mode="json") for one in made]
    whole = "\n".join(read_by_people(wire.get("text", "")) for wire in wires)
    assert not numbers("\n".join([answer.text, *answer.notices])) - numbers(whole)
    assert {one.n for one in answer.citations} <= {int(n) for n in re.findall(r"\[(\d{1,3})\]", whole)}
    links = {link for wire in wires for link in addresses(wire.get("text", ""))}
    sources = {one.uri.replace("(", "%28").replace(")", "%29") for one in answer.citations if citation_link(one)}
    assert {one for one in sources if len(one) < 1000} <= links <= sources
    for wire in wires:
        assert schema_fault(wire) == ""
        assert size(wire) <= MESSAGE_BYTES
        assert not ("suggestedActions" in wire and "attachments" in wire)
    cards = [attached["content"] for wire in wires for attached in wire.get("attachments", [])]
    assert [fault for card in cards for fault in faults(card)] == []
    buttons = [action for card in cards for action in actions(card)]
    assert understood(buttons) == ([("open", exchange, one.n) for one in answer.citations] if exchange else [])
    assert asked(wires, buttons) == [one if len(one) <= 300 else f"{one[:299].rstrip()}…" for one in questions(answer)]
    assert [one["verb"] for one in buttons if "verb" in one] == (["expert"] if exchange and expert else [])


def understood(buttons: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    """What the desk is asked when each button of a source is pressed, in order."""
    desk = NotingDesk()

    async def nothing(_message: IncomingMessage) -> bool:
        return True

    presses = Presses(desk, ConnectorSender(None, LOOPBACK), Remembered(KeptHere()), TENANT, nothing)

    async def press_all() -> None:
        for one in buttons:
            if one["type"] == "Action.Submit" and one["data"]["msteams"]["type"] == "task/fetch":
                opened = await presses.answer(read(press("task/fetch", {"data": one["data"]}, "http://127.0.0.1/")))
                assert opened["task"]["type"] == "continue"

    asyncio.run(press_all())
    return [(name, exchange, int(n)) for name, _, exchange, n in desk.asked]


def asked(wires: list[dict[str, Any]], buttons: list[dict[str, Any]]) -> list[str]:
    """What is asked when each question's button is pressed, read as the door reads what its press says."""
    offered = [one for wire in wires for one in wire.get("suggestedActions", {}).get("actions", [])]
    assert len(offered) <= 3
    said = [one["value"] for one in offered]
    for one in buttons:
        back = one.get("data", {}).get("msteams", {})
        if back.get("type") == "messageBack":
            assert back["displayText"] == back["text"]
            activity = read(message(back["text"], "http://127.0.0.1/", value={}, replyToId="m"))
            assert address(activity) == "yes"
            assert plain_text(activity)
            said.append(back["text"])
    return said


@settings(max_examples=40, deadline=None)
@given(TEXT, TEXT, TEXT, TEXT, st.sampled_from(URIS), LANGUAGE)
def test_any_passage_opens(title: str, before: str, text: str, quote: str, uri: str, language: str) -> None:
    """The dialog of a source keeps to schema and size, whatever its document says, and shows no address but its own."""
    view = SourceView(7, title * 9, before * 4, None, uri, quote, before * 50, f"{text * 50}{quote}{text}", text, "en")
    dialog = dialogs.source(view, language)
    card = dialog["task"]["value"]["card"]["content"]
    assert faults(card) == []
    assert size(dialog) <= MESSAGE_BYTES
    runs = "\n".join(run["text"] for block in card["body"] for run in block.get("inlines", []))
    assert not re.search(r"(?i)https?://\w|//+\w|(?<![a-z0-9])(?:www\.|javascript:)\w", runs)
    assert all(one["url"] == uri and uri.startswith("https://docs.example/") for one in card.get("actions", []))


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["s", None]), PAIRS, PAIRS, st.sampled_from([None, *LANGUAGES]), LANGUAGE)
def test_settings_come_back_as_they_were_sent(site: Any, sites: Any, audiences: Any, chosen: Any, language: str) -> None:
    """The form of any sites and audiences keeps to schema and size and, sent unchanged, means the same."""
    now = ChannelSettings(site, tuple(key for key, _ in audiences), chosen, False, (("s", "S"), *sites), tuple(audiences))
    dialog = dialogs.settings(now, language)
    card = dialog["task"]["value"]["card"]["content"]
    assert faults(card) == []
    assert size(dialog) <= MESSAGE_BYTES
    back = dialogs.chosen({one["id"]: one["value"] for one in card["body"] if one["type"] == "Input.ChoiceSet"})
    assert (back.site, back.audience, back.language) == (site, now.audience, chosen)
    many = replace(now, sites=tuple((f"k{n}", "EDAR «Norte» " * 30) for n in range(200)), audiences=(("k", '"' * 300),) * 200)
    assert size(dialogs.settings(many, language)) <= MESSAGE_BYTES


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(TEXT, st.lists(TEXT, max_size=4), st.lists(TEXT, max_size=5), st.lists(TEXT, max_size=5), LANGUAGE)
def test_start_page_of_anything_is_cards(site: str, prompts: Any, recent: Any, names: Any, language: str) -> None:
    """Any site, questions and sources make cards of good schema and size, and each question has its button."""
    sources = tuple(SourceAge(name, 10**6, 1.7e9) for name in names * 20)
    page = Home(site, tuple(prompts), tuple((f"e{n}", one) for n, one in enumerate(recent)), sources)
    made = start_page(page, Place("https://x/", "a:1", "m"), language)
    wires = [one.model_dump(by_alias=True, exclude_unset=True, exclude_none=True, mode="json") for one in made]
    assert all(size(wire) <= MESSAGE_BYTES for wire in wires)
    cards = [attached["content"] for wire in wires for attached in wire["attachments"]]
    assert [fault for card in cards for fault in faults(card)] == []
    buttons = [action for card in cards for action in actions(card)]
    wanted = questions(Answer("answered", "es", "", follow_ups=(*prompts, *recent)))
    assert asked([], buttons) == [one if len(one) <= 300 else f"{one[:299].rstrip()}…" for one in wanted]


@pytest.mark.parametrize("link", ADDRESSES)
def test_no_spelling_of_an_address_is_live(link: str) -> None:
    """Whatever an address is glued to, it is taken out, and the words around it stay."""
    for glued in GLUED:
        (made,) = render(Answer("answered", "en", f"Antes {glued}{link} después {link.upper()}"), Place("https://x/", "a:1", "m"))
        assert not re.search(r"(?i)evil|alert|//", str(made.text)), (glued, made.text)
        assert addresses(str(made.text)) == set()
        assert str(made.text).startswith("Antes ")
        assert " después " in str(made.text)
