"""Teams markdown: what documents and models write stays text; only our bold, items, marks and sources' links live."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from adapters.teams.markup import line, link, marks, plain

SOURCE = "https://docs.example.com/a_b/manual.pdf?x=1&y=2"
REMOVED = "(enlace retirado)"
_BARE = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:)?//[^\s<>()\[\]]+|\bwww\.\S+|\b(?:javascript|data|mailto|file|vbscript):\S+", re.IGNORECASE
)

HOSTILE = [
    "![x](https://evil.example/a.png)",
    "![x](<https://evil.example/a.png>)",
    "[pulsa](https://evil.example)",
    "[pulsa](//evil.example)",
    "[pulsa](/\\evil.example)",
    "[pulsa](javascript:alert(1))",
    "[pulsa](JaVaScRiPt:alert(1))",
    "[pulsa](data:text/html;base64,AAAA)",
    "[pulsa](mailto:a@evil.example?body=x)",
    "[pulsa](https:evil.example)",
    "[pulsa](relative)",
    "[pulsa][ref]",
    "[ref]: https://evil.example",
    "[1]: https://evil.example",
    "[1](https://evil.example)",
    "[1][ref]",
    "[1] (https://evil.example)",
    "[1](relative)",
    "[1]: relative",
    "<https://evil.example>",
    "<a@evil.example>",
    "https://evil.example/?q=secreto",
    "HTTPS://EVIL.EXAMPLE",
    "http://docs.example.com@evil.example/",
    f"{SOURCE}.evil.example",
    f"{SOURCE}&leak=1",
    "www.evil.example",
    "evil.com/path?x=1",
    "evil.com",
    "ht\u200btps://evil.example",
    "https\u202e://evil.example",
    "//evil.example/x",
    "ftp://evil.example",
    "msteams://evil",
    '<img src="https://evil.example/a.png">',
    '<a href="https://evil.example">x</a>',
    "<at>todos</at>",
    '<at id="0">Ana</at>',
    "<script>alert(1)</script>",
    "&lt;at&gt;Ana&lt;/at&gt;",
    "&#60;at&#62;Ana",
    "`https://evil.example`",
    "```\nhttps://evil.example",
    "\\[pulsa\\](https://evil.example)",
    "**[pulsa](https://evil.example)**",
    "**![x](https://evil.example)**",
    "- [pulsa](https://evil.example)",
    "> [pulsa](https://evil.example)",
    "| [pulsa](https://evil.example) | b |",
    "[![x](https://evil.example/a)](https://evil.example/b)",
    "# [pulsa](https://evil.example)",
]


def alive(text: str) -> tuple[set[str], set[str]]:
    """What a CommonMark client would make of a text: the addresses it would open or fetch, and the tags it would build."""
    addresses: set[str] = set()
    tags: set[str] = set()
    for token in MarkdownIt("commonmark", {"html": True}).parse(text):
        for one in [token, *(token.children or [])]:
            for name in ("href", "src"):
                if name in one.attrs:
                    addresses.add(str(one.attrs[name]))
            if one.type in {"html_block", "html_inline", "image", "code_inline", "fence", "code_block", "heading_open", "hr"}:
                tags.add(one.type)
            if one.type == "text":
                addresses |= set(_BARE.findall(one.content))
    return addresses, tags


def rendered(text: str) -> str:
    """A line of an answer with one citation, [1], whose source has an address."""
    return line(text, numbers={1}, links={SOURCE}, removed=REMOVED)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_opens_nothing(text: str) -> None:
    """No form of a foreign link, image, mention or HTML survives, neither in an answer's line nor in a title or quote."""
    title = plain(text, removed=REMOVED)
    opened = link(text, SOURCE, removed=REMOVED)
    for shown in (rendered(text), rendered(f"Texto {text} y [1] más"), f"- [1] {title}", f"- [1] {opened}"):
        addresses, tags = alive(shown)
        assert addresses <= {SOURCE}
        assert tags == set()
        assert "<" not in shown
        assert "evil.com" not in shown


_CHUNKS = st.lists(
    st.sampled_from([*HOSTILE, "[1]", "[2]", "**", "- ", "agua", " ", "3*4*5", "P_1_A", "\\", "](", "][", SOURCE])
    | st.text(max_size=8)
)


@given(_CHUNKS.map("".join))
def test_no_mixture_opens_anything(text: str) -> None:
    """Whatever stands next to whatever: the only address is the source's, and no HTML, image or code appears."""
    shown = rendered(text)
    addresses, tags = alive(shown)
    assert addresses <= {SOURCE}
    assert tags == set()
    assert "<" not in shown


@given(st.text(alphabet="abc 12.,[]*_-#+>`~\\!(){}|&:ñé", max_size=60))
def test_words_are_kept(text: str) -> None:
    """Without addresses, a reader of the rendered line sees the characters that were written (white space and bold aside)."""
    tokens = MarkdownIt("commonmark", {"html": True}).parse(rendered(text))
    seen = "".join(child.content for token in tokens for child in token.children or [])
    assert re.sub(r"[\s*-]", "", seen) == re.sub(r"[\s*-]", "", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Quedan **tres soplantes** en marcha [1].", "Quedan **tres soplantes** en marcha [1]."),
        ("- Parar la bomba P_1_A [1][1]", "- Parar la bomba P\\_1\\_A [1] [1]"),
        ("  A favor, «Manual»: sí [1]", "  A favor, «Manual»: sí [1]"),
        ("   - Parar la bomba", "- Parar la bomba"),
        ("Sube 3*4*5 veces", "Sube 3\\*4\\*5 veces"),
        ("según [7]", "según \\[7\\]"),
        (f"Véase {SOURCE}.", f"Véase [docs.example.com/a\\_b/manual.pdf?x=1&amp;y=2]({SOURCE})."),
        ("mira http://evil.example, anda", f"mira {REMOVED}, anda"),
        ("x < 5 & y > 3", "x &lt; 5 &amp; y &gt; 3"),
        ("1. Primero", "1\\. Primero"),
        ("---", "\\---"),
        ("30/06/2025: 5 kWh/m3, 10:30", "30/06/2025: 5 kWh/m3, 10:30"),
        ("datos: 5; data: 7", "datos: 5; data: 7"),
    ],
)
def test_ordinary_lines(text: str, expected: str) -> None:
    """Our own markup stays, technical text is shown as written, an address that is not a source's is taken out."""
    assert rendered(text) == expected


def test_marks_are_those_that_teams_finds() -> None:
    """Only live marks count as citations of a message."""
    assert marks(rendered("a [1] b [7] c [12]")) == {1}
