"""Text as Teams markdown that can do no harm: our bold, list items and citation marks live, everything else is plain text. Pure.

Documents and models are not trusted: no link but those to the sources of this answer, no image, no mention, no HTML. An address
that is none of them is taken out, since clients turn even bare ones into links.
"""

from __future__ import annotations

import re
from collections.abc import Set

from adapters.untrusted import ADDRESS, TRAILING, clean

_TOKEN = re.compile(
    rf"(?P<address>{ADDRESS})|\[(?P<mark>\d{{1,3}})\]|(?P<bold>\*\*(?=\S).+?(?<=\S)\*\*)|(?P<special>[\\`*_~|<>&\[\]])",
    re.IGNORECASE,
)
_LEADING = re.compile(r"(?P<rule>[-=+#]+)(?=\s|$)|(?P<number>\d{1,9})(?=[.)](?:\s|$))")
_MARK_THEN = re.compile(r"(\[\d{1,3}\])(?=[(\[:])")


def marks(text: str) -> set[int]:
    """The numbers of the citation marks that Teams would find in rendered text."""
    return {int(number) for number in re.findall(r"\[(\d{1,3})\]", text)}


def line(text: str, *, numbers: Set[int], links: Set[str], removed: str) -> str:
    """One line of an answer as markdown. `numbers` are its citations, `links` their addresses; `removed` replaces others.

    What stands two spaces in goes on with the item of the list above it, and stays in it.
    """
    text = clean(text).rstrip()
    within = "  " if re.match(r"  (?! *- )", text) else ""
    text = text.strip()
    bullet = "- " if text.startswith("- ") else within
    body = _MARK_THEN.sub(r"\1 ", inline(text.removeprefix("- "), numbers=numbers, links=links, removed=removed))
    leading = _LEADING.match(body)
    return bullet + (_no_block(leading) + body[leading.end() :] if leading else body)


def _no_block(found: re.Match[str]) -> str:
    # At the start of a line these would begin a heading, a rule, a list or underline the line before.
    return f"\\{found.group()}" if found["rule"] else f"{found.group()}\\"


def inline(text: str, *, numbers: Set[int], links: Set[str], removed: str, bold: bool = True) -> str:
    """Text within a line; nothing in it starts a block. Without `bold` its asterisks are shown."""
    strong = "**" if bold else "\\*\\*"

    def one(found: re.Match[str]) -> str:
        if found["address"]:
            return _address(found["address"], links, removed)
        if found["mark"]:
            return f"[{int(found['mark'])}]" if int(found["mark"]) in numbers else f"\\[{found['mark']}\\]"
        if found["bold"]:
            within = inline(found["bold"][2:-2], numbers=numbers, links=links, removed=removed, bold=bold)
            return f"{strong}{within}{strong}"
        return {"<": "&lt;", ">": "&gt;", "&": "&amp;"}.get(found["special"], f"\\{found['special']}")

    return _TOKEN.sub(one, text)


def plain(text: str, *, removed: str) -> str:
    """Text of a document, a title or a quote: on one line, without live marks, links or bold."""
    said = " ".join(clean(text).split())
    return inline(said, numbers=frozenset(), links=frozenset(), removed=removed, bold=False)


def link(title: str, address: str, *, removed: str) -> str:
    """A title that opens a source's address, which the caller has checked to be one."""
    text = plain(title, removed=removed)
    return f"[{f'«{text}»' if text.isdecimal() else text}]({_target(address)})"  # a bare number would be read as a mark


def _address(found: str, links: Set[str], removed: str) -> str:
    bare = found.rstrip(TRAILING)
    tail = found[len(bare) :]
    if bare in links:
        label = re.sub(r"([\\`*_~|])", r"\\\1", bare.split("//", 1)[-1]).replace("&", "&amp;")
        return f"[{label}]({_target(bare)}){tail}"
    return removed + tail


def _target(address: str) -> str:
    return address.replace("(", "%28").replace(")", "%29")
