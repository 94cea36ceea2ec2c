"""From a reply to the messages that say it in Slack: text with its [n] marks, sources, notices, further questions. Pure.

Long answers become several messages, cut between lines where possible; no source is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from adapters.links import citation_link
from adapters.slack.buttons import Which, expert_rows, rows, told_by_button
from adapters.slack.markup import escape, inline, line, link, plain
from adapters.untrusted import clean, halves, lines, units
from config import texts
from rag.models import Answer, Citation

SECTION_CHARS = 2900
"""Of one block's text; Slack refuses more than 3,000 (Block Kit reference, seen 2025)."""
MESSAGE_CHARS = 10_000
"""Of all blocks together, each counted with BLOCK_CHARS more. Slack refuses from about 13,200, and has refused 11,341 in many
blocks (slackapi/bolt-js issues 2509, 2025-04, and 2867, 2026-04)."""
BLOCK_CHARS = 100
MESSAGE_BLOCKS = 40
NOTIFICATION_CHARS = 3900
"""Of the text that notifications and screen readers use; Slack advises at most 4,000."""
TITLE_CHARS, LOCATOR_CHARS, QUOTE_CHARS, LINK_CHARS, SUGGESTION_CHARS = 300, 200, 500, 1500, 300

Look = Literal["text", "small"]


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """One message to post. `text` says in mrkdwn all that the blocks say."""

    text: str
    blocks: tuple[dict[str, Any], ...]

    @property
    def notification(self) -> str:
        """The text for notifications, shortened at a line's end."""
        if units(self.text) <= NOTIFICATION_CHARS:
            return self.text
        kept = self.text[: NOTIFICATION_CHARS // 2]
        return f"{kept.rpartition(chr(10))[0] or kept.rpartition(' ')[0] or '…'}\n…"


@dataclass(frozen=True, slots=True)
class _Line:
    """A line before rendering. `group` lines that follow each other share a block; a `whole` one is never cut."""

    raw: str
    render: Callable[[str], str]
    group: str
    look: Look = "text"
    whole: bool = False


def render(
    answer: Answer, *, exchange: str = "", expert: str = "", share: bool = False, keep: str = "", which: Which = ()
) -> list[SlackMessage]:
    """The messages that say the answer, in order; at least one. With an `exchange` its buttons stand beneath; `keep` and `which`
    are what an expert may press (bot.messages.Reply).
    """
    blocks = [*_blocks(_lines(answer, buttons=bool(exchange)))] or [
        _Block(texts.text(answer.language, "error.internal", trace=answer.trace_id or "-"), "text")
    ]
    below = (*rows(answer, exchange, expert, share=share), *expert_rows(answer.language, keep, which))
    blocks += (_Block("", "text", row.block, row.size) for row in below)
    return [*_messages(blocks)]


def asked(user: str, command: str, text: str, language: str) -> SlackMessage:
    """The first message of a command's thread: who asked what."""
    removed = texts.text(language, "slack.link_removed")
    question = _clip(text, SECTION_CHARS - 200, lambda raw: plain(raw, removed=removed))
    said = (f"*{escape(clean(command)[:64])}* · " if command else "") + f"<@{user}>" + (f"\n&gt; {question}" if question else "")
    return SlackMessage(said, (_json(said, "text"),))


def mentions(said: str) -> SlackMessage:
    """A text of our own in mrkdwn as it is, whose names of people call them. All that others wrote in it is escaped."""
    return SlackMessage(said, (_json(said, "text"),))


def told(said: str) -> SlackMessage:
    """A text of our own, from config/texts, as a message."""
    made = "\n".join(line(one, links=frozenset(), removed="") for one in said.splitlines())
    return SlackMessage(made, (_json(made, "text"),))


def so_far(said: str, language: str, more: str = " …") -> SlackMessage:
    """The beginning of an answer, or a piece of it, while the rest is being written: no links, and cut where a block is full."""
    removed = texts.text(language, "slack.link_removed")
    kept = ""
    for raw in lines(said):
        made = line(raw, links=frozenset(), removed=removed)
        if units(kept) + units(made) + 3 > SECTION_CHARS:
            break
        kept = f"{kept}\n{made}" if kept else made
    made = f"{kept}{more}".strip()
    return SlackMessage(made, (_json(made, "text"),))


def _lines(answer: Answer, *, buttons: bool) -> Iterator[_Line]:
    language = answer.language
    links = frozenset(filter(None, map(_link, answer.citations)))
    removed = texts.text(language, "slack.link_removed")

    def said(raw: str) -> str:
        return line(raw, links=links, removed=removed)

    def aside(raw: str) -> str:
        return inline(clean(raw).strip(), links=links, removed=removed)

    yield from (_Line(raw, said, "text") for raw in lines(answer.text))
    if answer.citations:
        heading = f"*{texts.text(language, 'slack.sources')}*"
        yield _Line(heading, str, "sources", "small", whole=True)
        for citation in answer.citations:
            yield _Line(_source(citation, language, removed), str, "sources", "small", whole=True)
    yield from (_Line(raw, aside, "notices", "small") for notice in answer.notices for raw in lines(notice))
    questions = [one for one in answer.follow_ups if clean(one).strip() and not (buttons and told_by_button(one))]
    if questions:
        yield _Line(texts.text(language, "slack.follow_ups"), str, "questions", "small", whole=True)
        for question in questions:
            shown = _clip(question, SUGGESTION_CHARS, lambda raw: plain(raw, removed=removed))
            yield _Line(f"• {shown}", str, "questions", "small", whole=True)


def _source(citation: Citation, language: str, removed: str) -> str:
    """A line of the list of sources: number, title (a link where it has one), place, date and quote."""

    def shown(raw: str) -> str:
        return plain(raw, removed=removed)

    title = _clip(citation.title, TITLE_CHARS, shown) or texts.text(language, "slack.untitled", n=citation.n)
    address = _link(citation)
    parts = [link(title, address) if address else title]
    if locator := _clip(citation.locator, LOCATOR_CHARS, shown):
        parts.append(locator)
    if citation.date:
        parts.append(texts.day(citation.date, language))
    if quote := _clip(citation.quote, QUOTE_CHARS, shown):
        foreign = citation.language not in {"", language}
        name = f"answer.language_{citation.language}"
        spoken = texts.text(language, name) if citation.language in texts.LANGUAGES else shown(citation.language[:20])
        parts.append(texts.text(language, "slack.quote_foreign" if foreign else "slack.quote", quote=quote, language=spoken))
    return f"[{citation.n}] {' · '.join(parts)}"


def _link(citation: Citation) -> str | None:
    """The address of a source; None where it has none, or one that would fill the message."""
    address = citation_link(citation)
    return address if address and units(escape(address)) <= LINK_CHARS else None


def _clip(raw: str, limit: int, shown: Callable[[str], str]) -> str:
    """The text as `shown`, with at most `limit` UTF-16 units and an ellipsis where something was cut."""
    raw = " ".join(clean(raw[: 4 * limit]).split())
    made = shown(raw)
    if units(made) <= limit:
        return made
    kept = raw[:limit]
    while kept and units(made := shown(kept)) >= limit:
        kept = kept[: min(len(kept) - 1, int(len(kept) * 0.9))]
    return f"{made.rstrip()}…" if kept else "…"


@dataclass(frozen=True, slots=True)
class _Block:
    text: str
    look: Look
    row: dict[str, Any] | None = None
    row_chars: int = 0

    @property
    def size(self) -> int:
        return units(self.text) + self.row_chars + BLOCK_CHARS

    def json(self) -> dict[str, Any]:
        """As Slack takes it."""
        return self.row or _json(self.text, self.look)


def _blocks(all_lines: Iterable[_Line]) -> Iterator[_Block]:
    """Lines of a group packed into as few blocks as their limit allows; a line that fits in none is halved."""
    text, last = "", _Line("", str, "")
    for one in _fitting(all_lines):
        rendered = one.render(one.raw)
        glue = "\n" if _close(last, one) else "\n\n"
        if text and last.group == one.group and units(text) + units(rendered) + 2 <= SECTION_CHARS:
            text += glue + rendered
        else:
            if text:
                yield _Block(text, last.look)
            text = rendered
        last = one
    if text:
        yield _Block(text, last.look)


def _close(last: _Line, one: _Line) -> bool:
    """Whether two lines stand close together: small ones, and items of a list."""
    return one.look == "small" or (last.raw.startswith("- ") and one.raw.startswith("- "))


def _fitting(all_lines: Iterable[_Line]) -> Iterator[_Line]:
    """The same lines, but for those that are too long: each in pieces that fit."""
    for one in all_lines:
        pieces = [one.raw]
        while pieces:
            raw = pieces.pop()
            rendered = one.render(raw)
            if not rendered:
                continue
            if one.whole or len(raw) < 2 or units(rendered) <= SECTION_CHARS:
                yield _Line(raw, one.render, one.group, one.look, one.whole)
            else:
                pieces += reversed(halves(raw))


def _messages(blocks: list[_Block]) -> Iterator[SlackMessage]:
    held: list[_Block] = []
    for one in blocks:
        if held and (len(held) == MESSAGE_BLOCKS or sum(block.size for block in held) + one.size > MESSAGE_CHARS):
            yield _message(held)
            held = []
        held.append(one)
    yield _message(held)


def _message(blocks: list[_Block]) -> SlackMessage:
    text = "\n\n".join(block.text for block in blocks if block.text)
    return SlackMessage(text or "…", tuple(block.json() for block in blocks))


def _json(text: str, look: Look) -> dict[str, Any]:
    """A block. `verbatim` keeps Slack from making links and mentions of what only looks like them."""
    said = {"type": "mrkdwn", "text": text, "verbatim": True}
    return {"type": "section", "text": said} if look == "text" else {"type": "context", "elements": [said]}
