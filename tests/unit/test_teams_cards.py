"""Cards below replies and in dialogs: whatever they are made of, they keep to the schema and to size, and lose nothing."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.teams import dialogs
from adapters.teams.cards import amount, recommendation
from adapters.teams.place import Place
from adapters.teams.render import MESSAGE_BYTES, render
from bot.ports import ChannelSettings, Handover, SourceView
from config import texts
from rag.models import Answer, Citation, Range, Recommendation
from tests.fakes.card_schema import actions, faults

HOSTILE = [
    '"', "\\", "<at>todos</at>", "[x](https://evil.example) ", " https://evil.example/a ", " www.evil.com ", "*", "é", "👍🏽",
    "\u202e", "\x00", "agua ", "x" * 200,
]  # fmt: skip
TEXT = st.lists(st.sampled_from(HOSTILE), max_size=10).map("".join) | st.text(max_size=30)
NUMBER = st.floats(0, 1e9, allow_nan=False)
RANGES = st.none() | st.tuples(NUMBER, NUMBER, NUMBER).map(lambda three: Range(*sorted(three)))
PLACES = st.sampled_from(
    [Place("https://x/", "a:1", "m", user_id="29:a"), Place("https://x/", "19:c;messageid=1", "m", kind="channel")]
)


@st.composite
def recommendations(draw: st.DrawFn) -> Recommendation:
    """A measure with any words and figures."""
    figures: dict[str, Any] = {name: draw(RANGES) for name in ("energy_kwh", "water_m3", "cost_eur", "payback_years", "npv_eur")}
    return Recommendation(
        "m", draw(TEXT), "energy", draw(TEXT), (1,), draw(st.sampled_from(["metered", "engineering", "document"])),
        draw(st.sampled_from(["high", "medium", "low"])), missing=draw(TEXT), next_step=draw(TEXT), **figures,
    )  # fmt: skip


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """Answers with citations, recommendations and follow-ups of any words."""
    cited = tuple(
        Citation(n + 1, "passage", draw(TEXT), "https://docs.example/x.pdf", "p. 1", "Cita.", "es")
        for n in range(draw(st.integers(0, 20)))
    )
    said = " ".join(f"Hecho [{one.n}]." for one in cited)
    proposed = tuple(draw(st.lists(recommendations(), max_size=8)))
    return Answer("answered", draw(st.sampled_from(["es", "en"])), said, cited, proposed, tuple(draw(st.lists(TEXT, max_size=4))))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(answers(), PLACES, TEXT)
def test_no_button_number_or_citation_is_lost(answer: Answer, place: Place, expert: str) -> None:
    """Each citation has one button, each follow-up of a channel too, each figure stands in its card; size and schema hold."""
    made = render(answer, place, exchange="e1", expert=expert)
    wires = [one.model_dump(by_alias=True, exclude_unset=True, exclude_none=True, mode="json") for one in made]
    cards = [attached["content"] for wire in wires for attached in wire.get("attachments", [])]
    assert [fault for card in cards for fault in faults(card)] == []
    assert max(len(json.dumps(wire, ensure_ascii=False).encode("utf-16-le")) for wire in wires) <= MESSAGE_BYTES
    pressed = [action["data"] for card in cards for action in actions(card)]
    assert sorted(data["n"] for data in pressed if data.get("do") == "source") == [one.n for one in answer.citations]
    everything = json.dumps(cards, ensure_ascii=False)
    for one in answer.recommendations:
        for name in ("energy_kwh", "water_m3", "cost_eur", "payback_years", "npv_eur"):
            value = getattr(one, name)
            assert value is None or json.dumps(amount(value, name, one, answer.language), ensure_ascii=False) in everything
    shown = [text for card in cards for text in live(card)]
    assert not [text for text in shown if "evil" in text]


def live(card: dict[str, Any]) -> list[str]:
    """Texts of a card that a client may turn into links: all but what a press says in its reader's name."""
    found: list[str] = []
    waiting: list[Any] = [card]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            found += [value for key, value in one.items() if key in {"text", "value", "url"} and isinstance(value, str)]
            waiting += [value for key, value in one.items() if key != "msteams"]
        elif isinstance(one, list):
            waiting += one
    return found


@settings(max_examples=40, deadline=None)
@given(TEXT, TEXT, TEXT, TEXT, st.sampled_from(["https://docs.example/a.pdf", "javascript:alert(1)", "file:///a", ""]))
def test_passage_of_any_words_keeps_to_schema_and_size(before: str, text: str, after: str, quote: str, uri: str) -> None:
    """The dialog of a source is a card whatever the document says; its quote stands out where it is; only web addresses open."""
    view = SourceView(
        1, before, after, date(2025, 3, 3), uri, quote, before * 30, f"{text * 40}{quote}{text * 40}", after * 30, "en"
    )
    card = dialogs.source(view, "es")["task"]["value"]["card"]["content"]
    assert faults(card) == []
    assert len(json.dumps(card, ensure_ascii=False).encode("utf-16-le")) <= MESSAGE_BYTES
    assert [action["url"] for action in card.get("actions", [])] == ([uri] if uri.startswith("https") else [])
    assert not [one for one in live({**card, "actions": []}) if "evil" in one]


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_forms_are_cards_and_give_back_what_they_show(language: str) -> None:
    """The settings form shows what is set; sent back unchanged it means the same."""
    now = ChannelSettings("a", ("everyone", "b"), "en", False, (("a", "A"),), (("everyone", "Todos"), ("b", "B")))
    card = dialogs.settings(now, language)["task"]["value"]["card"]["content"]
    assert faults(card) == []
    chosen = dialogs.chosen({one["id"]: one["value"] for one in card["body"][1:]})
    assert (chosen.site, chosen.audience, chosen.language) == ("a", ("everyone", "b"), "en")
    empty = dialogs.settings(ChannelSettings(None, (), None), language)["task"]["value"]["card"]["content"]
    back = dialogs.chosen({one["id"]: one["value"] for one in empty["body"][1:]})
    assert (back.site, back.audience, back.language) == (None, (), None)


@given(TEXT, TEXT)
def test_only_the_expert_is_mentioned(name: str, question: str) -> None:
    """One mention, of the expert's id, whatever the names and the question say."""
    card = dialogs.asks_expert(Handover("id", name, question, "es"), "", mention=True)
    (entity,) = card["msteams"]["entities"]
    assert entity["mentioned"]["id"] == "id"
    block = next(one["text"] for one in card["body"] if one["type"] == "TextBlock")
    assert block.count("<at>") == 1
    assert faults(card) == []


def test_a_measure_known_by_its_sentence_says_it_once() -> None:
    """Where the title is only the beginning of the reason, the reason stands alone."""
    why = "Se recomienda cubrir el aparcamiento con placas."
    one = Recommendation("m", "Se recomienda cubrir el aparcamiento…", "energy", why, (1,), "document", "low")
    assert json.dumps(recommendation(one, "es"), ensure_ascii=False).count("Se recomienda cubrir") == 1
