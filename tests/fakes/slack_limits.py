"""What Slack refuses in a message or a view, with the error names that Slack gives; pure.

Beliefs about the platform, with source and date of what was read:
* Section text 3,000, field 2,000 (ten at most), header 150, 50 blocks: `invalid_blocks`, with the place and the rule in
  response_metadata.messages (Block Kit reference; metabase/metabase pull request 80105, 2026-08).
* A markdown block of more than 12,000 is `msg_too_long`, per block (measured in metabase/metabase pull request 79908, 2026-08;
  the reference page says cumulative).
* A markdown block becomes several blocks at Slack's end (heading, paragraph, list, table, fence) and these count towards the 50
  (archestra-ai/archestra pull request 4980, 2026-05).
* All blocks together about 13,200 characters, with something for each container: `msg_blocks_too_long` (slackapi/bolt-js issues
  2509, 2025-04, and 2867, 2026-04, where 11,341 characters of text in many blocks were refused). A container's cost: our guess.
* text over 40,000: pages say truncated, refused here as `msg_too_long` so that no test loses text unseen; chat.update refuses
  over 4,000 (chat.update page; seratch/ChatGPT-in-Slack issue 102, 2024-10). markdown_text 12,000 and not beside text or blocks
  (chat.postMessage page, seen 2025).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.fakes.slack_schema import schema_faults

TEXT = 40_000
UPDATED_TEXT = 4_000
MARKDOWN = 12_000
SECTION = 3_000
FIELD = 2_000
BLOCKS = 50
ALL_BLOCKS = 13_200
PER_BLOCK = 35
_TEXT_LIMITS = {"section": SECTION, "header": 150}
_KNOWN = {"section", "header", "divider", "context", "actions", "image", "markdown", "rich_text", "table", "input", "video"} | {
    "file", "context_actions", "task_card", "plan",
}  # fmt: skip
_ELEMENTS = {"actions": 25, "context": 10, "context_actions": 5}


class RefusedError(Exception):
    """Slack would answer `{"ok": false, "error": error}`, with these messages in response_metadata."""

    def __init__(self, error: str, *messages: str) -> None:
        super().__init__(error, *messages)
        self.error = error
        self.messages = messages


def check_message(sent: dict[str, Any], *, text_limit: int = TEXT) -> None:
    """Refuse a message that Slack would refuse for what it holds."""
    text, blocks, markdown = (
        sent.get("text") or "",
        listed(sent.get("blocks"), "invalid_blocks_format"),
        sent.get("markdown_text"),
    )
    if markdown and (text or blocks):
        raise RefusedError("markdown_text_conflict")
    if not (text or blocks or markdown or sent.get("attachments")):
        raise RefusedError("no_text")
    if len(text) > text_limit or len(markdown or "") > MARKDOWN:
        raise RefusedError("msg_too_long")
    check_blocks(blocks)
    check_metadata(sent.get("metadata"))


def listed(value: Any, error: str) -> list[dict[str, Any]]:
    """A list of objects, which may come as JSON in a string."""
    if isinstance(value, str) and value:
        try:
            value = json.loads(value)
        except json.JSONDecodeError:
            raise RefusedError(error) from None
    if not value:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise RefusedError(error)
    return value


def check_blocks(blocks: list[dict[str, Any]], *, all_blocks: bool = True) -> None:
    """Refuse blocks that break a limit or Slack's own types; `all_blocks` false leaves the sum out, as a response_url does."""
    faults = [fault for index, block in enumerate(blocks) for fault in _block_faults(block, f"/blocks/{index}")]
    ids = [block["block_id"] for block in blocks if block.get("block_id")]
    if len(ids) != len(set(ids)):
        faults.append("block_id must be unique [json-pointer:/blocks]")
    if faults:
        raise RefusedError("invalid_blocks", *(f"[ERROR] {fault}" for fault in faults))
    if any(block["type"] == "markdown" and len(block["text"]) > MARKDOWN for block in blocks):
        raise RefusedError("msg_too_long")
    if sum(rendered(block) for block in blocks) > BLOCKS:
        raise RefusedError("invalid_blocks", f"[ERROR] no more than {BLOCKS} items allowed [json-pointer:/blocks]")
    if all_blocks and sum(characters(block) + PER_BLOCK for block in blocks) > ALL_BLOCKS:
        raise RefusedError("msg_blocks_too_long")
    if unknown := [fault for block in blocks for fault in schema_faults(block)]:
        raise RefusedError("invalid_blocks", *(f"[ERROR] {fault}" for fault in unknown))


def check_metadata(metadata: Any) -> None:
    """Refuse metadata without an event_type or an event_payload."""
    if isinstance(metadata, str) and metadata:
        metadata = json.loads(metadata)
    if metadata and not (isinstance(metadata.get("event_type"), str) and isinstance(metadata.get("event_payload"), dict)):
        raise RefusedError("invalid_metadata_format")


def rendered(block: dict[str, Any]) -> int:
    """How many blocks Slack makes of this one: a markdown block becomes one per heading, paragraph, list, table or fence."""
    if block["type"] != "markdown":
        return 1
    count, before, fenced = 0, "", False
    for line in block["text"].splitlines():
        if line.lstrip().startswith("```"):
            fenced, count, before = not fenced, count + (not fenced), ""
        elif not fenced:
            kind = _kind(line)
            again = kind == "heading" or kind != before
            count += bool(line.strip()) and again and not (kind == "text" and before == "list")
            before = before if before == "list" and kind in {"", "text"} and line[:1] in {"", " "} else kind
    return max(count, 1)


def _kind(line: str) -> str:
    if re.match(r"#{1,6} ", line):
        return "heading"
    if re.match(r"\s*(?:[-*+]|\d+[.)]) ", line):
        return "list"
    if line.startswith("|"):
        return "table"
    return "text" if line.strip() else ""


def characters(block: Any) -> int:
    """The characters of every text inside a block."""
    return sum(len(text) for text in texts(block))


def texts(block: Any) -> Iterator[str]:
    """Every text inside a block, in order."""
    if isinstance(block, dict):
        for name, value in block.items():
            if name in {"text", "title", "alt_text"} and isinstance(value, str):
                yield value
            else:
                yield from texts(value)
    elif isinstance(block, list):
        for one in block:
            yield from texts(one)


def _block_faults(block: dict[str, Any], place: str) -> Iterator[str]:
    kind = block.get("type")
    if kind not in _KNOWN:
        yield f"unsupported type: {kind} [json-pointer:{place}/type]"
        return
    if len(block.get("block_id") or "") > 255:
        yield f"must be less than 256 characters [json-pointer:{place}/block_id]"
    if kind == "markdown":
        if not isinstance(block.get("text"), str) or not block["text"]:
            yield f"missing required field: text [json-pointer:{place}]"
    elif kind in _TEXT_LIMITS:
        yield from _text_faults(block.get("text"), _TEXT_LIMITS[kind], f"{place}/text", needed=not block.get("fields"))
        yield from _field_faults(block.get("fields") or [], place)
    elif kind in _ELEMENTS:
        yield from _element_faults(block.get("elements") or [], _ELEMENTS[kind], place)
    if kind == "section" and block.get("accessory"):
        yield from _element_faults([block["accessory"]], 1, f"{place}/accessory")


def _field_faults(fields: list[Any], place: str) -> Iterator[str]:
    if len(fields) > 10:
        yield f"no more than 10 items allowed [json-pointer:{place}/fields]"
    for index, one in enumerate(fields):
        yield from _text_faults(one, FIELD, f"{place}/fields/{index}")


def _text_faults(text: Any, limit: int, place: str, *, needed: bool = True) -> Iterator[str]:
    if text is None:
        if needed:
            yield f"missing required field: text [json-pointer:{place}]"
    elif not isinstance(text, dict) or text.get("type") not in {"plain_text", "mrkdwn"}:
        yield f"must be a text object [json-pointer:{place}]"
    elif not text.get("text"):
        yield f"must be more than 0 characters [json-pointer:{place}/text]"
    elif len(text["text"]) > limit:
        yield f"must be less than {limit + 1} characters [json-pointer:{place}/text]"


def _element_faults(elements: list[Any], most: int, place: str) -> Iterator[str]:
    if not elements:
        yield f"must provide at least 1 item [json-pointer:{place}/elements]"
    if len(elements) > most:
        yield f"no more than {most} items allowed [json-pointer:{place}/elements]"
    for index, one in enumerate(elements):
        where = f"{place}/elements/{index}"
        if one.get("type") in {"mrkdwn", "plain_text"}:
            yield from _text_faults(one, SECTION, where)
        elif one.get("type") == "button":
            yield from _text_faults(one.get("text"), 75, f"{where}/text")
        for name, limit in (("value", 2_000), ("action_id", 255), ("url", 3_000)):
            if len(one.get(name) or "") > limit:
                yield f"must be less than {limit + 1} characters [json-pointer:{where}/{name}]"
