"""The response_url of a slash command or a button press, good five times within half an hour."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from tests.fakes.slack_limits import RefusedError, check_blocks, listed
from tests.fakes.slack_room import Room, made_post

USES = 5


@dataclass(frozen=True, slots=True)
class Hook:
    """Where an answer goes, and how often one may still be given."""

    channel: str
    user: str
    message_ts: str
    thread_ts: str
    uses: int = USES


class Hooks:
    """The open response_urls; `received` is what was posted to them."""

    def __init__(self, room: Room) -> None:
        self.received: list[dict[str, Any]] = []
        self._room = room
        self._open: dict[str, Hook] = {}

    def open(self, channel: str, user: str, message_ts: str, thread_ts: str) -> str:
        """The path of a new one."""
        key = secrets.token_hex(8)
        self._open[key] = Hook(channel, user, message_ts, thread_ts)
        return f"/hooks/{key}"

    def expire(self) -> None:
        """Half an hour has passed."""
        self._open.clear()

    async def answer(self, request: web.Request) -> web.Response:
        """A message to the one who asked, to all, or in the place of the message with the button."""
        key = request.match_info["key"]
        hook = self._open.get(key)
        if hook is None or hook.uses == 0:
            return web.json_response({"ok": False, "error": "used_url" if hook else "expired_url"}, status=404)
        sent = await request.json()
        self.received.append(sent)
        try:
            blocks = listed(sent.get("blocks"), "invalid_blocks")
            check_blocks(blocks, all_blocks=False)
            if not (sent.get("text") or blocks or sent.get("delete_original")):
                raise RefusedError("no_text")
        except RefusedError as error:
            return web.json_response({"ok": False, "error": error.error}, status=400)
        self._open[key] = replace(hook, uses=hook.uses - 1)
        self._show(hook, sent, blocks)
        return web.Response(text="ok")

    def _show(self, hook: Hook, sent: dict[str, Any], blocks: list[dict[str, Any]]) -> None:
        original = self._room.find(hook.channel, hook.message_ts)
        if original and sent.get("delete_original"):
            self._room.change(original, deleted=True)
        elif original and sent.get("replace_original"):
            self._room.change(original, text=sent.get("text") or "", blocks=tuple(blocks), edited=True, raw=sent)
        else:
            only = "" if sent.get("response_type") == "in_channel" else hook.user
            wanted = {"thread_ts": hook.thread_ts, **sent, "channel": hook.channel}
            self._room.add(made_post(wanted, blocks, ephemeral=only))
