"""Packs rendered blocks into as few messages as the platform's limits allow, cutting a block only where nothing breaks. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_GAP = re.compile(r"\s+|(?<=\])(?=\[)")
_MARK = re.compile(r"\[\d{1,3}\]")
_EXTENDERS = {0x200D, *range(0xFE00, 0xFE10), *range(0x1F3FB, 0x1F400)}
_FLAGS = range(0x1F1E6, 0x1F200)


@dataclass(frozen=True, slots=True)
class Block:
    """A line before rendering. `render` makes its markdown; `item` lines stand close together; a `whole` one is never cut."""

    raw: str
    render: Callable[[str], str]
    item: bool = False
    whole: bool = False


def pack(blocks: Iterable[Block], fits: Callable[[str], bool]) -> list[str]:
    """Texts that each fit and together hold all blocks in order. A block that fits nowhere is halved."""
    waiting = deque(blocks)
    texts: list[str] = []
    current, last_item = "", False
    while waiting:
        block = waiting.popleft()
        rendered = block.render(block.raw)
        if not rendered:
            continue
        joined = f"{current}{_glue(current, last_item and block.item)}{rendered}"
        if fits(joined):
            current, last_item = joined, block.item
        elif current:
            texts.append(current)
            current = ""
            waiting.appendleft(block)
        elif len(block.raw) > 1 and not block.whole:
            waiting.extendleft(reversed(halves(block)))
        else:
            raise ValueError("the limit leaves no room for a block that cannot be cut")
    return [*texts, current] if current else texts


def _glue(current: str, close: bool) -> str:
    if not current:
        return ""
    return "\n" if close else "\n\n"


def halves(block: Block) -> tuple[Block, Block]:
    """The block as two: at the space nearest its middle, else between citation marks, else between two whole characters."""
    raw = block.raw
    middle = len(raw) // 2
    gaps = [gap.span() for gap in _GAP.finditer(raw) if raw[: gap.start()].strip(" -*") and raw[gap.end() :].strip()]
    start, end = min(gaps, key=lambda gap: abs(gap[0] - middle)) if gaps else (_whole(raw, middle),) * 2
    left, right = raw[:start], raw[end:]
    if left.count("**") % 2 and "**" in right:
        left, right = f"{left}**", f"**{right}"
    return Block(left, block.render, block.item), Block(right, block.render, block.item)


def _whole(raw: str, middle: int) -> int:
    """A place near the middle that is not inside a mark, nor inside what a reader sees as one character."""
    for mark in _MARK.finditer(raw):
        if mark.start() < middle < mark.end():
            return mark.end() if mark.end() < len(raw) else max(mark.start(), 1)
    at = middle
    while 0 < at < len(raw) and _joined(raw[at - 1], raw[at]):
        at -= 1
    return at or middle


def _joined(before: str, after: str) -> bool:
    """Whether two characters may be parts of one that a reader sees: accents, skin tones, joined emoji, flags."""
    if unicodedata.combining(after) or ord(after) in _EXTENDERS or before == "\u200d":
        return True
    return ord(before) in _FLAGS and ord(after) in _FLAGS
