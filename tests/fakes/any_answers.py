"""Answers of any words, for the properties of renderers: markup, addresses, tables, emoji, other scripts, numbers."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import Any

from hypothesis import strategies as st

from adapters.untrusted import ADDRESS, clean
from rag.models import Answer, Citation

ADDRESSES = [
    "https://evil.example/?q=1", "HTTPS://EVIL.EXAMPLE", "http://docs.example@evil.example", "//evil.example/x", "www.evil.com",
    "éwww.evil.com", "ñevil.com/x", "_www.evil.com", "evil.com", "javascript:alert(1)", "mailto:x@evil.example", "msteams://evil",
    "<https://evil.example|Manual>", "[Manual](https://evil.example)", "![](//evil.example/a.png)", "https:\u200b//evil.example",
    "«https://evil.example»", "https://evil.example/a_(b)", "日www.evil.com", "٣www.evil.com", "evil.es/x?q=1",
    "evil.co:8/x", "[1]: https://evil.example",
]  # fmt: skip
GLUED = ["", *"éñ日٣_*(«·/=|~`>&“→€.-"]
"""What an address may be glued to."""
NUMBERS = [
    "1.234,5 kWh/m³", "1,234.5 m3", "12 %", "−3,5 °C", "(2)", "[7]", "10:30:00", ":100:", ":100:100:", "a:+1:b",
    ":1st_place_medal:", "3*4*5", "1_000_2", "2025-03-03", "| 8 | 9,5 |", "~~5~~", "`6`", "x² 17", "٣٤ مضخة", "-40",
    "1. ", "#3", "5<6 & 7>4", "&#49;", "**21**", "* 22", "> 23", "\\24", "+1", "- 25", "26)", "27 👍🏽 28", "30\u202e31",
    "R$ 32", "1\u00a0000",
]  # fmt: skip
OTHERS = [
    "agua", "<!channel>", "<@U0ANA>", "<at>todos</at>", "**", "*", "_", "`", "```", "|---|---|", "\\", "&lt;", "e\u0301",
    "👍🏽", "🇪🇸",     "\u202e", "\x00", "\n", "\n\n", "x" * 50, "مضخة", "- ", "# ", "> ", '"', "[1]", "[", "](", "»", "😀" * 30,
]  # fmt: skip
WORDS = st.lists(st.sampled_from([*ADDRESSES, *NUMBERS, *OTHERS]), max_size=14).map(" ".join)
TEXT = WORDS | WORDS.map(lambda said: f"{said} " * 9) | st.text(max_size=20)
URIS = [
    "file:///x.pdf", "https://docs.example/x.pdf?a=1&b=(2)", f"https://docs.example/{'&' * 400}", "https://docs.example/<!channel>",
    f"https://docs.example/{'a' * 1900}", "javascript:alert(1)", "x", "",
]  # fmt: skip


@st.composite
def citations(draw: st.DrawFn, most: int) -> tuple[Citation, ...]:
    """Up to `most` citations of hostile words, numbered from 1."""
    languages, dates = st.sampled_from(["es", "en", "", "fr"]), st.sampled_from([None, date(2025, 3, 3)])
    uris, kinds = st.sampled_from(URIS), st.sampled_from(["passage", "calculation"])
    count = draw(st.integers(0, 5)) * draw(st.sampled_from([1, most // 5]))
    return tuple(
        Citation(n, draw(kinds), draw(TEXT), draw(uris), draw(TEXT), draw(TEXT), draw(languages), date=draw(dates))
        for n in range(1, count + 1)
    )


@st.composite
def answers(draw: st.DrawFn, most: int = 30, **fixed: Any) -> Answer:
    """Answers in either language whose citations are all used."""
    cited = draw(citations(most))
    said = [*draw(st.lists(TEXT, max_size=6)), *(f"Hecho [{one.n}]." for one in cited)]
    values: dict[str, Any] = {
        "follow_ups": tuple(draw(st.lists(TEXT, max_size=6))), "notices": tuple(draw(st.lists(TEXT, max_size=2))), **fixed,
    }  # fmt: skip
    glue = draw(st.sampled_from(["\n\n", "\n", " "]))
    return Answer("answered", draw(st.sampled_from(["es", "en"])), glue.join(said), cited, **values)


def numbers(said: str) -> Counter[str]:
    """The numbers that a reader sees in a text, piece by piece; what stands in an address is none."""
    lines = (re.sub(ADDRESS, " ", clean(line), flags=re.IGNORECASE) for line in said.splitlines())
    return Counter(found for line in lines for found in re.findall(r"\d+", line))


def questions(answer: Answer) -> list[str]:
    """The questions that an answer suggests, as a reader sees them."""
    shown = (" ".join(clean(one).split()) for one in answer.follow_ups)
    return [one for one in shown if one]
