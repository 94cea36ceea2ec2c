"""Replies as Slack messages: nothing is lost, every limit holds, nothing of a document comes alive."""

from __future__ import annotations

import re
import time
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.slack.markup import inline, line, plain
from adapters.slack.render import NOTIFICATION_CHARS, SlackMessage, asked, render
from adapters.untrusted import halves, units
from rag.models import Answer, Citation
from tests.fakes.slack_limits import check_message, texts

ATTACKS = [
    "<!channel>", "<!here|x>", "<@U0ANA>", "<#C0001>", "<!subteam^S1|x>", "<https://evil.example/x|Manual>", "https://evil.example/?q=1",
    "[a](https://evil.example)", "![](http://evil.example/a.png)", "//evil.example/x", "javascript:alert(1)", "data:text/html,x",
    "mailto:x@evil.example", "www.evil.example", "éwww.evil.example", "ñevil.com/x", "éjavascript:alert(1)",
    "evil.com/x", "http://a@evil.example", "slack://open", "&lt;!channel&gt;", "HTTPS://EVIL.EXAMPLE",
    "<<!channel>>", "<ht\u200btps://evil.example>", "https:\u200b//evil.example", "<!\u202echannel>", "[1]: https://evil.example",
]  # fmt: skip
UNUSUAL = [
    *ATTACKS,
    "&",
    "<",
    ">",
    "*",
    "**",
    "`",
    "e\u0301",
    "👍🏽",
    "🇪🇸",
    "[1]",
    "1.234,5 kWh ",
    "agua ",
    "\x00",
    "\u202e",
    "x" * 50,
    ":100:",
]
TEXT = st.lists(st.sampled_from(UNUSUAL), max_size=12).map("".join).map(lambda text: text * 9) | st.text(max_size=20)
URIS = [
    "file:///x.pdf",
    "https://docs.example/x.pdf?a=1&b=2",
    f"https://docs.example/{'&' * 400}",
    "https://docs.example/<!channel>",
    "x",
]


def cite(n: int, **changes: Any) -> Citation:
    """A citation with everything filled in."""
    values: dict[str, Any] = {
        "n": n, "kind": "passage", "title": f"Manual {n}", "uri": f"https://docs.example/{n}.pdf", "locator": f"p. {n}",
        "quote": f"Cita literal {n}.", "language": "es", "date": date(2025, 3, 3),
    }  # fmt: skip
    return Citation(**{**values, **changes})


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """Answers of some lines and up to 60 citations, each used, with hostile titles, quotes and addresses."""
    citations = tuple(
        cite(
            n + 1, title=draw(TEXT), quote=draw(TEXT), locator=draw(TEXT), uri=draw(st.sampled_from(URIS)),
            language=draw(st.sampled_from(["es", "en", "", "fr"])),
        )
        for n in range(draw(st.integers(0, 5)) * draw(st.sampled_from([1, 12])))
    )  # fmt: skip
    lines = draw(st.lists(TEXT, max_size=6)) + [f"Hecho [{citation.n}]." for citation in citations]
    if draw(st.booleans()):
        lines = ["".join(lines)]
    return Answer(
        "answered", draw(st.sampled_from(["es", "en"])), "\n\n".join(lines), citations,
        follow_ups=tuple(draw(st.lists(TEXT, max_size=5))), notices=tuple(draw(st.lists(TEXT, max_size=2))),
    )  # fmt: skip


def seen(messages: list[SlackMessage]) -> str:
    """All that a person reads, as mrkdwn."""
    return "\n".join(text for message in messages for block in message.blocks for text in texts(block))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(answers())
def test_limits_hold_and_no_source_is_lost(answer: Answer) -> None:
    """Slack takes every message; each citation is in the list of sources, and what has a web address links to it."""
    messages = render(answer)
    assert messages
    for message in messages:
        check_message({"text": message.notification, "blocks": list(message.blocks)})
        check_message({"text": message.text})
        assert message.notification.strip()
        assert units(message.notification) <= NOTIFICATION_CHARS + 10
    whole = seen(messages)
    for citation in answer.citations:
        assert len(re.findall(rf"^\[{citation.n}\] ", whole, re.MULTILINE)) >= 1
        assert whole.count(f"[{citation.n}]") >= 2
        if citation.uri == URIS[1]:
            assert re.search(rf"^\[{citation.n}\] <https://docs\.example/x\.pdf\?a=1&amp;b=2\|", whole, re.MULTILINE)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(answers())
def test_nothing_of_a_document_comes_alive(answer: Answer) -> None:
    """In what is posted every <...> is a link to a source of this answer; no other address stands there, nor any mention."""
    sources = {citation.uri.replace("&", "&amp;") for citation in answer.citations}
    for message in render(answer):
        for posted in (seen([message]), message.text, message.notification):
            for mark in re.findall(r"<([^<>]*)>", posted):
                assert mark.split("|")[0] in sources
            outside = re.sub(r"<[^<>]*>", "", posted)
            assert "<" not in outside
            assert ">" not in outside
            assert not re.search(
                r"(?i)https?:/+\w|//+\w|\bwww\.\w|\b(?:javascript|data|mailto|slack):\w|(?<![\w.@-])evil\.com", outside
            )


@pytest.mark.parametrize("attack", ATTACKS)
def test_each_attack_in_each_place(attack: str) -> None:
    """Text, title, quote, locator, notice, question, and a person's own command: an attack is words in each of them."""
    hostile = cite(1, title=attack, quote=attack, locator=attack)
    answer = Answer("answered", "es", f"{attack} [1] **{attack}**", (hostile,), follow_ups=(attack,), notices=(attack,))
    for message in (*render(answer), asked("U0ANA", "/ask", attack, "es")):
        alive = set(re.findall(r"<[^<>|]*", message.text)) - {"<https://docs.example/1.pdf", "<@U0ANA"}
        assert alive == set()
        assert not re.search(r"(?i)(?:https?:|//|www\.|data:|mailto:|javascript:)[^\s|]*(?:evil|x\b|alert)", message.text)
    assert all(block["text"]["verbatim"] for message in render(answer) for block in message.blocks if block["type"] == "section")


def test_text_is_whole_at_any_length() -> None:
    """A hundred thousand characters come in several messages, each word once and in order."""
    words = [f"palabra{n}" for n in range(10_000)]
    for joined in (
        " ".join(words),
        "\n".join(words),
        "\n\n".join(" ".join(words[at : at + 700]) for at in range(0, 10_000, 700)),
    ):
        assert seen(render(Answer("answered", "es", joined))).split() == words


@pytest.mark.parametrize("piece", ["**a ", "** ", "a.", "https:", "/", "[1]", "<", ":1", "- ", "x" * 9, "e\u0301", "\n"])
def test_endless_text_does_not_stall(piece: str) -> None:
    """A hundred thousand characters of whatever is hard to match are rendered in seconds."""
    started = time.monotonic()
    assert render(Answer("answered", "es", piece * (100_000 // len(piece))))
    assert time.monotonic() - started < 5


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="e\u0301👍🏽🇪🇸[1]9 ", min_size=2, max_size=60))
def test_cut_loses_nothing_and_no_mark(text: str) -> None:
    """Both halves together are the text, white space aside; a mark [n] is in one of them, as is an accent with its letter."""
    text = "9" * 8 + text
    left, right = halves(text)
    assert "".join((left + right).split()) == "".join(text.split())
    assert len(re.findall(r"\[1\]", left)) + len(re.findall(r"\[1\]", right)) == len(re.findall(r"\[1\]", text))


def test_bold_survives_a_cut() -> None:
    """Bold that is cut is closed and opened again."""
    left, right = halves("**" + "agua " * 20 + "fin**")
    assert left.startswith("**")
    assert left.endswith("**")
    assert right.startswith("**")


@pytest.mark.parametrize(
    ("raw", "made"),
    [
        ("- uno **dos** & <tres>", "• uno *dos* &amp; &lt;tres&gt;"),
        ("ver https://docs.example/1.pdf.", "ver <https://docs.example/1.pdf>."),
        ("ver https://otro.example/1.pdf.", "ver (retirado)."),
        ("2 * 3 * 4 = 24, a las 10:30:00", "2 * 3 * 4 = 24, a las 10:\u206030:\u206000"),
        ("ratio 1:100:5", "ratio 1:100\u2060:5"),
        ("EDAR Norte (p. 14), 1.234,5 kWh/m³", "EDAR Norte (p. 14), 1.234,5 kWh/m³"),
    ],
)
def test_markup(raw: str, made: str) -> None:
    """Ours live, all else is text; numbers are as they were to a reader."""
    shown = line(raw, links=frozenset({"https://docs.example/1.pdf"}), removed="(retirado)")
    assert shown.replace("\u2060", "") == made.replace("\u2060", "")


def test_emoji_codes_of_digits_do_not_hide_numbers() -> None:
    """:100: would be a picture."""
    assert ":100:" not in inline("1:100:5", links=frozenset(), removed="")


def test_plain_is_one_line_without_bold() -> None:
    """A title's asterisks and line breaks are neither bold nor lines."""
    assert plain("Manual\n**de** bombas", removed="") == "Manual **de** bombas"


def test_source_line() -> None:
    """Number, title with its link, place, date and quote; the language of a foreign quote is named."""
    answer = Answer(
        "answered", "es", "Sí [1] [2].", (cite(1, language="en"), cite(2, uri="file:///x", title="", date=None, locator=""))
    )
    whole = seen(render(answer))
    assert "[1] <https://docs.example/1.pdf|Manual 1> · p. 1 · 3 mar 2025 · «Cita literal 1.» (en inglés)" in whole
    assert "[2] Fuente 2 · «Cita literal 2.»" in whole


def test_empty_answer_says_so() -> None:
    """An answer without text becomes words, with its reference, never an empty message."""
    (message,) = render(Answer("failed", "en", " \n ", trace_id="abc"))
    assert "abc" in message.text
