"""Text as Slack's mrkdwn that can do no harm: our bold, list items and links live, everything else is plain text. Pure.

Documents and models are not trusted: no mention, no link but those to the sources of this answer. An address that is none of
them is taken out, since clients turn even bare ones into links. Slack has no way to escape `_`, `~` and single `*`: they may
show as italics and the like, which changes no word.
"""

from __future__ import annotations

import re
from collections.abc import Set

from adapters.untrusted import ADDRESS, TRAILING, clean

_EMOJI = r":(?=[\w+-]{0,40}\d)[\w+-]{1,60}(?=:)"
"""What Slack would make a picture of, and a number be lost: `:100:`, `:+1:`."""
_TOKEN = re.compile(
    rf"(?P<address>{ADDRESS})|(?P<bold>\*\*(?=\S)(?:(?!\*\*).)+(?<=\S)\*\*)|(?P<emoji>{_EMOJI})",
    re.IGNORECASE,
)
_JOINER = "\u2060"


def escape(text: str) -> str:
    """The three characters that Slack reads as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def line(text: str, *, links: Set[str], removed: str) -> str:
    """One line of an answer; `links` are the addresses of its sources, `removed` replaces others."""
    text = clean(text).strip()
    bullet = "• " if text.startswith("- ") else ""
    return bullet + inline(text.removeprefix("- ").strip() if bullet else text, links=links, removed=removed)


def inline(text: str, *, links: Set[str], removed: str, bold: bool = True) -> str:
    """Text within a line. Without `bold` its asterisks are shown."""
    made, at = [], 0
    for found in _TOKEN.finditer(text):
        made.append(escape(text[at : found.start()]))
        at = found.end()
        if found["address"]:
            made.append(_address(found["address"], links, removed))
        elif found["bold"]:
            within = inline(found["bold"][2:-2], links=links, removed=removed, bold=bold)
            made.append(f"*{within}*" if bold else f"**{within}**")
        else:
            made.append(found["emoji"] + _JOINER)
    return "".join([*made, escape(text[at:])])


def plain(text: str, *, removed: str) -> str:
    """Text of a document or a person: on one line, without live links or bold."""
    return inline(" ".join(clean(text).split()), links=frozenset(), removed=removed, bold=False)


def link(title: str, address: str) -> str:
    """A title, already mrkdwn, that opens a source's address, which the caller has checked to be one."""
    return f"<{escape(address)}|{title}>"


def _address(found: str, links: Set[str], removed: str) -> str:
    bare = found.rstrip(TRAILING)
    tail = escape(found[len(bare) :])
    return f"<{escape(bare)}>{tail}" if bare in links else removed + tail
