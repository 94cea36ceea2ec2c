"""Text that is not ours (documents, models, people) before a channel shows it: unseen characters, addresses, safe cuts. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00\ufeff\U000e0000-\U000e007f]"
)
ADDRESS = (
    r"(?:\b[a-z][a-z0-9+.\-]{1,30}:)?//+[^\s<>\[\]{}|\\^`\"']+"
    r"|(?<![a-z0-9])(?:javascript|vbscript|data|file|mailto|blob|slack|msteams|skype|tel|ms-[a-z]+):[^\s<>\[\]]+"
    r"|(?<![a-z0-9])www\d?\.[^\s<>\[\]]+"
    r"|(?<![a-z0-9@])(?<![a-z0-9@][.-])(?:[a-z0-9][a-z0-9-]{0,62}\.)+(?:"
    r"(?:com|net|org|io|info|biz|dev|app|xyz|top|site|online|click|link)\b(?:[/:?#][^\s<>\[\]]*)?"
    r"|(?:es|eu|cat|gal|eus|pt|fr|de|it|uk|us|mx|ar|cl|co|me|tv|cc|ru|cn|tk|ai|gg|to|ly)(?:[/?#]|:\d)[^\s<>\[\]]*)"
)
"""What a chat client may turn into a link of its own accord, also glued to a letter of another alphabet («éwww.»); to be compiled
with IGNORECASE. Under a country's letters, which are words too, a name counts as one only with a path: «m3.de agua» is none."""
_LINK = re.compile(ADDRESS, re.IGNORECASE)
TRAILING = ".,;:!?)»”’'\""
"""Characters at the end of a found address that belong to the sentence around it."""
_GAP = re.compile(r"\s+|(?<=\])(?=\[)")
_MARK = re.compile(r"\[\d{1,3}\]")
_EXTENDERS = {0x200D, *range(0xFE00, 0xFE10), *range(0x1F3FB, 0x1F400)}
_FLAGS = range(0x1F1E6, 0x1F200)


def clean(text: str) -> str:
    """The text without characters that nobody sees: controls, zero-width, bidirectional overrides, tags, half characters."""
    return _UNSEEN.sub("", text).encode("utf-16", "replace").decode("utf-16")


def unlinked(text: str, *, removed: str) -> str:
    """Text for where no markup is read: nothing unseen, `removed` for each address. To be done before a cut, not after."""

    def one(found: re.Match[str]) -> str:
        bare = found.group().rstrip(TRAILING)
        return removed + found.group()[len(bare) :]

    return _LINK.sub(one, clean(text))


def units(text: str) -> int:
    """Length in UTF-16 units: never less than a platform counts, whether it counts those or characters."""
    return len(text) + sum(char > "\uffff" for char in text)


def halves(text: str) -> tuple[str, str]:
    """A text of two or more characters as two: at the space nearest its middle, else between citation marks, else between
    whole characters. `**bold**` that is cut is closed and opened again.
    """
    middle = len(text) // 2
    first, last = len(text) - len(text.lstrip(" -*")), len(text.rstrip())
    gaps = [gap.span() for gap in _GAP.finditer(text) if first < gap.start() and gap.end() < last]
    start, end = min(gaps, key=lambda gap: abs(gap[0] - middle)) if gaps else (_whole(text, middle),) * 2
    left, right = text[:start], text[end:]
    if left.count("**") % 2 and "**" in right:
        return f"{left}**", f"**{right}"
    return left, right


def _whole(text: str, middle: int) -> int:
    """A place near the middle that is not inside a mark, nor inside what a reader sees as one character."""
    for mark in _MARK.finditer(text):
        if mark.start() < middle < mark.end():
            return mark.end() if mark.end() < len(text) else max(mark.start(), 1)
    at = middle
    while 0 < at < len(text) and _joined(text[at - 1], text[at]):
        at -= 1
    return at or middle


def _joined(before: str, after: str) -> bool:
    """Whether two characters may be parts of one that a reader sees: accents, skin tones, joined emoji, flags."""
    if unicodedata.combining(after) or ord(after) in _EXTENDERS or before == "\u200d":
        return True
    return ord(before) in _FLAGS and ord(after) in _FLAGS


def lines(text: str) -> Iterable[str]:
    """Its lines that hold anything, stripped."""
    return filter(None, (line.strip() for line in text.splitlines()))
