"""Packs rendered blocks into as few messages as the platform's limits allow, cutting a block only where nothing breaks. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from adapters import untrusted


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
    """The block as two (adapters.untrusted.halves)."""
    left, right = untrusted.halves(block.raw)
    return Block(left, block.render, block.item), Block(right, block.render, block.item)
