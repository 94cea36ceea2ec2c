"""Replies as activities: nothing is lost, every limit holds."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.teams.place import Place
from adapters.teams.render import ABSTRACT_CHARS, CITATIONS, MESSAGE_BYTES, NAME_CHARS, render, typing, wire_bytes
from adapters.teams.split import Block, halves, pack
from rag.models import Answer, Citation
from tests.fakes.bot_connector import schema_fault

PLACE = Place("https://smba.trafficmanager.net/emea/", "a:1", "m1", user_id="29:ana", bot_id="28:bot", bot_name="Asesor")
UNUSUAL = ['"', "\\", "<", "[", "*", "é", "e\u0301", "👍🏽", "//a ", "[1]", "agua ", "\x00", "\u202e", "x" * 50]
TEXT = st.lists(st.sampled_from(UNUSUAL), max_size=12).map("".join).map(lambda text: text * 9) | st.text(max_size=20)


def cite(n: int, **changes: Any) -> Citation:
    """A citation with everything filled in."""
    values: dict[str, Any] = {
        "n": n, "kind": "passage", "title": f"Manual {n}", "uri": f"https://docs.example/{n}.pdf", "locator": f"p. {n}",
        "quote": f"Cita literal {n}.", "language": "es", "date": date(2025, 3, 3),
    }  # fmt: skip
    return Citation(**{**values, **changes})


def wires(answer: Answer, place: Place = PLACE) -> list[dict[str, Any]]:
    """The activities as the SDK writes them on the wire."""
    return [made.model_dump(by_alias=True, exclude_unset=True, exclude_none=True, mode="json") for made in render(answer, place)]


def citations_of(wire: dict[str, Any]) -> list[dict[str, Any]]:
    """The native citations of an activity."""
    return [one for entity in wire.get("entities", []) for one in entity.get("citation", [])]


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """Answers of some lines and up to 25 citations, each used, with hostile titles, quotes and addresses."""
    citations = tuple(
        cite(
            n + 1,
            title=draw(TEXT),
            quote=draw(TEXT),
            locator=draw(TEXT),
            uri=draw(st.sampled_from(["file:///x.pdf", "https://docs.example/x.pdf", f"https://docs.example/{'a' * 900}", "x"])),
            language=draw(st.sampled_from(["es", "en", "", "fr"])),
        )
        for n in range(draw(st.integers(0, 25)))
    )
    lines = draw(st.lists(TEXT, max_size=6)) + [f"Hecho [{citation.n}]." for citation in citations]
    if draw(st.booleans()):
        lines = ["".join(lines)]
    return Answer(
        "answered", draw(st.sampled_from(["es", "en"])), "\n\n".join(lines), citations,
        follow_ups=tuple(draw(st.lists(TEXT, max_size=5))), notices=tuple(draw(st.lists(TEXT, max_size=2))),
    )  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(answers())
def test_limits_hold_and_no_citation_is_lost(answer: Answer) -> None:
    """Every message keeps to size, number of citations and lengths; each citation is shown with its mark in the same message."""
    made = wires(answer)
    assert made
    shown = set()
    for wire in made:
        assert wire.get("text", "").strip() or wire.get("attachments")
        assert wire_size(wire) <= MESSAGE_BYTES
        assert schema_fault(wire) == ""
        found = {int(n) for n in re.findall(r"\[(\d{1,3})\]", wire.get("text", ""))}
        cards = citations_of(wire)
        assert {card["position"] for card in cards} == found
        assert len(cards) <= CITATIONS
        shown |= found
    assert shown == {citation.n for citation in answer.citations}


def wire_size(wire: dict[str, Any]) -> int:
    """Size as the stand-in Connector counts it."""
    return len(json.dumps(wire, ensure_ascii=False).encode("utf-16-le"))


@settings(max_examples=20, deadline=None)
@given(
    st.integers(1, 40_000),
    st.sampled_from(["a", "agua ", "é", "👍🏽", "e\u0301", '"', "\\", "<", "[1]", "[1] ", "**b** ", "//a "]),
)
def test_any_length_is_said_in_full(length: int, unit: str) -> None:
    """A text of any length in any characters comes out whole over its messages, with no character or mark cut in two."""
    raw = (unit * (length // len(unit) + 1))[:length] if unit in {"a", "é", '"', "\\", "<"} else unit * (length // len(unit) + 1)
    made = wires(Answer("answered", "es", raw, (cite(1),)))
    body = "".join(wire["text"] for wire in made).split("**Fuentes**")[0]
    visible = {
        "a": "a",
        "agua ": "agua",
        "é": "é",
        '"': '"',
        "<": "&lt;",
        "\\": "\\\\",
        "[1]": "[1]",
        "[1] ": "[1]",
        "**b** ": "b",
    }
    wanted = visible.get(unit, {"👍🏽": "👍🏽", "e\u0301": "e\u0301", "//a ": "(enlace retirado)"}.get(unit, unit))
    assert body.count(wanted) == len(raw) // len(unit)
    for wire in made:
        assert not wire["text"].startswith(("\u0301", "🏽"))


def test_sources_name_title_place_and_date() -> None:
    """Below the answer each source stands once, with its link, place and date; a quote that the card cuts stands in full."""
    long = "La potencia contratada se reduce a 120 kW. " * 5
    foreign = "Blowers keep running at night. " * 8
    answer = Answer(
        "answered", "es", "Uno [1], dos [2] y tres [3].",
        (
            cite(1), cite(2, uri="manuales/a.pdf", date=None, locator="", quote=long),
            cite(3, quote=foreign, language="en"),
        ),
    )  # fmt: skip
    (wire,) = wires(answer)
    assert wire["text"].split("\n\n")[1:] == [
        "**Fuentes**",
        "- [1] [Manual 1](https://docs.example/1.pdf) · p. 1 · 3 mar 2025\n"
        f"- [2] Manual 2 · «{long.strip()}»\n"
        f"- [3] [Manual 3](https://docs.example/3.pdf) · p. 3 · 3 mar 2025 · «{foreign.strip()}» (en inglés)",
    ]
    cards = citations_of(wire)
    assert [card["appearance"].get("url") for card in cards] == ["https://docs.example/1.pdf", None, "https://docs.example/3.pdf"]
    assert cards[1]["appearance"]["abstract"].endswith("…")


def test_a_quote_in_the_text_is_not_repeated() -> None:
    """What the answer already quotes whole stands once."""
    quote = "La potencia contratada se reduce a ciento veinte kilovatios. " * 4
    (wire,) = wires(Answer("answered", "es", f"«{quote.strip()}» [1]", (cite(1, quote=quote),)))
    assert wire["text"].count("kilovatios") == 4


@pytest.mark.parametrize("title", ["", "   ", "\u200b", "T" * 300, "👍" * 100])
def test_names_and_abstracts_are_never_empty_or_long(title: str) -> None:
    """A card has a name of 1 to 80 units and an abstract of 1 to 160, whatever the document is called."""
    (wire,) = wires(Answer("answered", "en", "One [1].", (cite(1, title=title, quote="", locator="Artículo " * 30),)))
    look = citations_of(wire)[0]["appearance"]
    assert 1 <= len(look["name"].encode("utf-16-le")) // 2 <= NAME_CHARS
    assert 1 <= len(look["abstract"].encode("utf-16-le")) // 2 <= ABSTRACT_CHARS


def test_commands_and_refusals_carry_no_ai_label() -> None:
    """A text of our own is not marked as generated; an answer with citations is."""
    assert "entities" not in wires(Answer("answered", "es", "Soy el asesor."))[0]
    assert wires(Answer("answered", "es", "Uno [1].", (cite(1),)))[0]["entities"][0]["additionalType"] == ["AIGeneratedContent"]


def test_suggestions_only_in_personal_chats_and_last() -> None:
    """At most three buttons, on the last message, in personal chats; a fourth, or a long one, takes all of them to a card."""
    answer = Answer("answered", "es", "\n".join("agua " * 900 for _ in range(5)), follow_ups=("¿A?", "", "¿B?", "¿C?"))
    *first, last = wires(answer)
    assert first
    assert all("suggestedActions" not in wire for wire in first)
    assert [action["value"] for action in last["suggestedActions"]["actions"]] == ["¿A?", "¿B?", "¿C?"]
    for more in ("¿D?", "¿" + "D" * 170 + "?"):
        *_, last = wires(replace(answer, follow_ups=("¿A?", more, "¿B?", "¿C?")[: 4 if len(more) < 9 else 2]))
        assert "suggestedActions" not in last
        assert more in json.dumps(last["attachments"], ensure_ascii=False)
    channel = Place("https://x/", "19:c;messageid=1", "m", kind="channel")
    assert all("suggestedActions" not in wire for wire in wires(answer, channel))


def test_notices_are_shown_apart() -> None:
    """How an answer was made stands in italics below it; nothing to say is still something."""
    (wire,) = wires(Answer("answered", "es", "Texto.", notices=("El modelo no ha respondido.",)))
    assert wire["text"] == "Texto.\n\n*El modelo no ha respondido.*"
    (empty,) = wires(Answer("failed", "es", "", trace_id="t1"))
    assert "t1" in empty["text"]


def test_typing_says_nothing_else() -> None:
    """The sign of work is a bare activity in the same conversation."""
    wire = typing(PLACE).model_dump(by_alias=True, exclude_unset=True, mode="json")
    assert (wire["type"], wire["conversation"]["id"], "text" in wire) == ("typing", "a:1", False)
    assert wire_bytes(typing(PLACE)) < 1000


@given(st.text(min_size=2, max_size=300).filter(lambda raw: "**" not in raw))
def test_halves_hold_the_whole(raw: str) -> None:
    """A block cut in two loses only white space at the cut, and both parts are shorter."""
    left, right = halves(Block(raw, str))
    assert "".join((left.raw + right.raw).split()) == "".join(raw.split())
    assert 0 < len(left.raw) < len(raw)
    assert len(right.raw) < len(raw)


def test_bold_goes_on_after_a_cut() -> None:
    """Bold that is cut is closed and opened again."""
    left, right = halves(Block("**" + "agua " * 20 + "fin**", str))
    assert left.raw.count("**") == right.raw.count("**") == 2


def test_impossible_limits_are_an_error() -> None:
    """A limit that nothing fits ends in an error, not in an endless loop."""
    with pytest.raises(ValueError, match="no room"):
        pack([Block("abc", str)], lambda text: False)
