"""The Slack adapter behind the product's own HTTP server, wired to a stand-in Slack; what it submits is kept for the test."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp

from adapters.http import Server, build_app
from adapters.slack import SlackAdapter
from bot.health import Health
from bot.messages import IncomingMessage
from bot.ports import Desk, Kept
from config.settings import Settings
from rag.errors import MemoryStoreError
from tests.fakes.slack_api import APP_TOKEN, FakeSlack
from tests.fakes.slack_events import SECRET, form_request, json_request, pressed


def slack_settings(fake: FakeSlack, *, socket: bool = False, **changes: Any) -> Settings:
    """Settings that point the adapter to the stand-in: over HTTP, or with `socket` over Socket Mode."""
    values: dict[str, Any] = {"slack_bot_token": fake.token, "slack_api_url": fake.base_url}
    values |= {"slack_app_token": APP_TOKEN} if socket else {"slack_signing_secret": SECRET}
    return Settings(_env_file=None, **{**values, **changes})


class SlackApp:
    """An adapter being served; `submitted` is what it stored, `known` the conversations in which the adviser takes part."""

    def __init__(self, settings: Settings, desk: Desk | None = None, kept: Kept | None = None) -> None:
        self.submitted: list[IncomingMessage] = []
        self.known: set[str] = set()
        self.store_down = False
        self.submit_down = False
        self.adapter = SlackAdapter(settings, self._submit, self._knows, desk=desk, kept=kept)
        self._client: aiohttp.ClientSession | None = None
        self.url = ""

    async def _submit(self, message: IncomingMessage) -> bool:
        if self.store_down or self.submit_down:
            raise MemoryStoreError("down")
        new = message.id not in {one.id for one in self.submitted}
        self.submitted.append(IncomingMessage.from_json(message.to_json()))
        return new

    async def _knows(self, key: str, said: str = "") -> bool:
        if self.store_down:
            raise MemoryStoreError("down")
        return any((one.key, one.said) == (key, said) for one in self.submitted) if said else key in self.known

    async def post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        """POST to /slack/events; status and body of the answer."""
        assert self._client is not None
        async with self._client.post(self.url, data=io.BytesIO(body), headers=headers) as response:
            return response.status, await response.text()

    async def event(self, payload: dict[str, Any], *, retry: int = 0) -> int:
        """An event, signed; the status."""
        status, _ = await self.post(*json_request(payload, retry=retry))
        return status

    async def command(self, fields: dict[str, str]) -> tuple[int, str]:
        """A slash command, signed."""
        return await self.post(*form_request(fields))

    async def press(self, payload: dict[str, Any]) -> dict[str, Any]:
        """An interaction, signed, which is always taken; what the answer says, once what it began has ended."""
        status, body = await self.post(*form_request(pressed(payload)))
        assert status == 200
        await self.adapter.channel.stop()
        return json.loads(body) if body else {}

    @classmethod
    @contextlib.asynccontextmanager
    async def running(cls, settings: Settings, desk: Desk | None = None, kept: Kept | None = None) -> AsyncIterator[SlackApp]:
        """Serve the adapter on a free port of this machine."""
        served = cls(settings, desk, kept)
        health = Health({})
        server = Server(build_app([served.adapter], health), health, drain_seconds=0.2)
        await served.adapter.start()
        try:
            served.url = f"http://127.0.0.1:{await server.start('127.0.0.1', 0)}/slack/events"
            async with aiohttp.ClientSession() as served._client:
                yield served
        finally:
            await server.stop()
            await served.adapter.stop()
