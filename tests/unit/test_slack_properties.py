"""Slack's replies, forms and pages, whatever they are made of: nothing is lost, no limit broken, each button is understood.

The limits are those of Slack's reference pages, seen 2026-11: blocks/*, block-elements/*, composition-objects/*, surfaces/modals
and views. tests/fakes/slack_limits.py has those of messages.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.links import citation_link
from adapters.slack import modals, presses
from adapters.slack.buttons import VALUE_CHARS
from adapters.slack.payload import Interaction, Submission, read
from adapters.slack.render import SlackMessage, render
from adapters.untrusted import units
from bot.messages import Actor
from bot.ports import ChannelSettings, Home, SourceAge, SourceView
from config.texts import LANGUAGES
from rag.models import Answer
from tests.fakes.any_answers import ADDRESSES, GLUED, TEXT, URIS, answers, numbers, questions
from tests.fakes.slack_limits import check_blocks, check_message, texts
from tests.fakes.slack_schema import view_faults

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
LANGUAGE = st.sampled_from(LANGUAGES)
PAIRS = st.lists(st.tuples(TEXT, TEXT), max_size=3).flatmap(lambda some: st.sampled_from([some, some * 50]))


def seen(messages: list[SlackMessage]) -> str:
    """All that a person reads: a word between colons is a picture to Slack, but on buttons, which ask for none."""
    said = "\n".join(text for message in messages for block in message.blocks for text in texts(block))
    said = re.sub(r":[\w+'-]+:", "🖼", said).replace("\u2060", "")
    plain = [one["text"] for message in messages for one in elements(list(message.blocks)) if "text" in one]
    said = "\n".join([said, *(one["text"] for one in plain if one.get("emoji") is False)])
    return said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def elements(blocks: Any) -> Iterator[dict[str, Any]]:
    """Every element that has an action_id."""
    if isinstance(blocks, dict):
        if "action_id" in blocks:
            yield blocks
        blocks = list(blocks.values())
    if isinstance(blocks, list | tuple):
        for one in blocks:
            yield from elements(one)


def faults(blocks: Any) -> list[str]:
    """What of buttons, menus and boxes Slack would refuse."""
    found = []
    for block in blocks:
        names = [one["action_id"] for one in elements(block)]
        found += ["action_id twice in a block"] * (len(names) > len(set(names)))
        for one in elements(block):
            name = one["action_id"]
            found += [f"action_id of {name[:9]}"] * (not 0 < len(name) <= 255)
            found += [f"value of {name}"] * ("value" in one and not 0 < units(one["value"]) <= 2000)
            for label in (one.get("text"), *(one.get(side, {}).get("text") for side in ("positive_button", "negative_button"))):
                found += [f"label of {name}"] * (label is not None and not 0 < units(label["text"]) <= 75)
            found += menu_faults(one) if "options" in one else []
            found += [f"box {name}"] * (one["type"] == "plain_text_input" and not 0 < one["max_length"] <= 3000)
    return found


def menu_faults(menu: dict[str, Any]) -> list[str]:
    """What of a menu Slack would refuse."""
    name, options = menu["action_id"], menu["options"]
    found = [f"options of {name}"] * (not 0 < len(options) <= (10 if menu["type"] == "checkboxes" else 100))
    for one in options:
        found += [f"option of {name}"] * (not 0 < units(one["text"]["text"]) <= 75 or not 0 < units(one["value"]) <= 150)
    chosen = (
        [menu["initial_option"]] if "initial_option" in menu else menu.get("initial_options", [options[0]] if options else [])
    )
    return found + [f"chosen of {name}"] * (not chosen or any(one not in options for one in chosen))


def check_view(view: dict[str, Any]) -> None:
    """AssertionError if Slack would refuse a view."""
    assert 0 < len(view["blocks"]) <= 100
    assert view_faults(view) == []
    for name in ("title", "submit", "close"):
        assert name not in view or 0 < units(view[name]["text"]) <= 24
    assert units(view.get("private_metadata", "")) <= 3000
    assert len(view.get("callback_id", "")) <= 255
    assert ("submit" in view) == any(block["type"] == "input" for block in view["blocks"])
    for block in view["blocks"]:
        check_blocks([block], all_blocks=False)
        assert all(0 < units(block[name]["text"]) <= 2000 for name in ("label", "hint") if name in block)
    assert faults(view["blocks"]) == []


@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
@given(answers(60), st.sampled_from(["", "e" * 64]), TEXT)
def test_nothing_of_an_answer_is_lost(answer: Answer, exchange: str, expert: str) -> None:
    """Each number is read, each citation listed, linked and opened by a button, each question said; Slack takes it all."""
    messages = render(answer, exchange=exchange, expert=expert)
    for message in messages:
        check_message({"text": message.notification, "blocks": list(message.blocks)})
        assert faults(message.blocks) == []
    whole = seen(messages)
    assert not numbers("\n".join([answer.text, *answer.notices])) - numbers(whole)
    assert {one.n for one in answer.citations} <= {int(n) for n in re.findall(r"(?m)^\[(\d+)\] ", whole)}
    links = {html.unescape(link) for message in messages for link in re.findall(r"<([^<>|]*)[|>]", message.text)}
    sources = {one.uri for one in answer.citations if citation_link(one)}
    assert {one for one in sources if len(html.escape(one)) < 1500} <= links <= sources
    for question in questions(answer):
        assert not numbers(question[:50].rpartition(" ")[0]) - numbers(whole)
    pressed = [one for message in messages for one in elements(list(message.blocks))]
    assert bool(pressed) == bool(exchange)
    if exchange:
        assert sorted(opened(pressed)) == [(one.n, exchange) for one in answer.citations]
        assert [one["value"] for one in pressed if one["action_id"].startswith("follow")] == [
            one
            for one in answer.follow_ups
            if units(one) <= VALUE_CHARS and questions(Answer("answered", "es", "", follow_ups=(one,)))
        ]
        assert (["expert"] if expert else []) == [one["action_id"] for one in pressed if one["action_id"] == "expert"]


def opened(pressed: list[dict[str, Any]]) -> list[tuple[int, str]]:
    """What the buttons of sources open, read as the door reads a press of them."""
    found = []
    for one in pressed:
        if one["action_id"].startswith("source"):
            action = {"action_id": one["action_id"], "type": "button", "value": one["value"]}
            body = {"type": "block_actions", "actions": [action], "user": {"id": "U1"}, "team": {"id": "T1"}}
            data = presses._data(read(Interaction, body).actions[0])
            found.append((presses._number(data, "n"), presses._text(data, "exchange")))
    return found


@settings(max_examples=30, deadline=None)
@given(TEXT, TEXT, TEXT, TEXT, st.sampled_from(URIS), LANGUAGE)
def test_any_passage_opens(title: str, before: str, text: str, quote: str, uri: str, language: str) -> None:
    """The form of a source keeps to Slack's limits, whatever its document says, and is read without addresses."""
    view = SourceView(
        7, title * 9, before * 4, date(2025, 3, 3), uri, quote, before * 50, f"{text * 50}{quote}{text}", text, "en"
    )
    form = modals.source(view, language)
    check_view(form)
    outside = re.sub(r"<https://docs[^<>|]*\|", "", "\n".join(texts(form["blocks"])))
    assert not re.search(r"(?i)https?://\w|//+\w|(?<![a-z0-9])(?:www\.|javascript:)\w", outside)


@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
@given(
    st.sampled_from(["a", None]), PAIRS, PAIRS, st.sampled_from([None, *LANGUAGES]), st.booleans(), LANGUAGE,
    st.text("0123456789.:CD", max_size=60), st.text("abcdef0123456789", min_size=1, max_size=64),
)  # fmt: skip
def test_forms_come_back_as_they_were_sent(
    site: str | None, sites: Any, audiences: Any, chosen: Any, quiet: bool, language: str, place: str, exchange: str
) -> None:
    """Settings of any sites and audiences keep to the limits and, sent unchanged, mean the same; so does a reason's form."""
    now = ChannelSettings(site, tuple(key for key, _ in audiences), chosen, quiet, (("a", "A"), *sites), tuple(audiences))
    form = modals.settings(now, presses._metadata(Actor("slack", "T1", "U1", place, place), ""), language)
    check_view(form)
    back = modals.chosen(read(Submission, sent(form)).view.state)
    assert (back.site, back.language, back.mention_only) == (site, chosen, quiet)
    assert set(back.audience) <= set(now.audience)
    why = modals.reason(presses._metadata(Actor("slack", "T1", "U1", place, place), exchange), language)
    check_view(why)
    data = presses._json(read(Submission, sent(why)).view.private_metadata)
    assert (data["exchange"], data["channel"], data["conversation"]) == (exchange, place, place)


def sent(form: dict[str, Any]) -> dict[str, Any]:
    """A form as Slack sends it when nothing was changed in it."""
    values = {}
    for block in form["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            picked = {"selected_option": element.get("initial_option"), "selected_options": element.get("initial_options", [])}
            values[block["block_id"]] = {element["action_id"]: {"type": element["type"], "value": None, **picked}}
    view = {"callback_id": form["callback_id"], "private_metadata": form["private_metadata"], "state": {"values": values}}
    return {"type": "view_submission", "view": view, "user": {"id": "U1"}, "team": {"id": "T1"}}


@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
@given(TEXT, st.lists(TEXT, max_size=5), st.lists(TEXT, max_size=5), LANGUAGE)
def test_home_of_anything_is_a_page(site: str, asked: list[str], names: list[str], language: str) -> None:
    """Any site, questions and sources make a page that Slack takes."""
    recent = tuple((f"e{n}", question) for n, question in enumerate(asked * 9))
    page = Home(site, tuple(asked), recent, tuple(SourceAge(name, 10**6, 1.7e9) for name in names * 30))
    check_view(modals.home(page, language, datetime(2026, 11, 23, tzinfo=UTC)))


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_spelling_of_an_address_is_live(address: str) -> None:
    """Whatever an address is glued to, it is taken out, and the words around it stay."""
    for glued in GLUED:
        (message,) = render(Answer("answered", "en", f"Antes {glued}{address} después {address.upper()}"))
        for shown in (message.text, message.notification, *texts(list(message.blocks))):
            assert not re.search(r"(?i)evil|alert|//", shown), (glued, shown)
            assert shown.startswith("Antes ")
            assert " después " in shown
