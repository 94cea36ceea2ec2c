"""The Teams adapter on a real HTTP server, wired to a stand-in Connector; what it submits is kept for the test to read."""

from __future__ import annotations

import contextlib
import io
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters.teams import TeamsAdapter
from bot.messages import IncomingMessage
from bot.ports import Desk, Kept
from config.settings import Settings
from rag.errors import MemoryStoreError
from tests.fakes.bot_connector import APP_ID, PASSWORD, TENANT, FakeConnector


def teams_settings(fake: FakeConnector, **changes: Any) -> Settings:
    """Settings that point every address of Teams to the stand-in."""
    values: dict[str, Any] = {
        "teams_app_id": APP_ID,
        "teams_app_password": PASSWORD,
        "teams_tenant_id": TENANT,
        "teams_openid_url": fake.openid_url,
        "teams_login_url": fake.login_url,
        "teams_service_hosts": "127.0.0.1",
    }
    return Settings(_env_file=None, **{**values, **changes})


class TeamsApp:
    """An adapter being served; `submitted` is what it stored, `known` the conversations in which the adviser takes part."""

    def __init__(self, settings: Settings, desk: Desk | None = None, pace: float = 0.0, kept: Kept | None = None) -> None:
        self.submitted: list[IncomingMessage] = []
        self.known: set[str] = set()
        self.store_down = False
        self.adapter = TeamsAdapter(settings, self._submit, self._knows, desk=desk, kept=kept)
        self.adapter.channel._streams._pace = pace
        self._client: aiohttp.ClientSession | None = None
        self._url = ""

    async def _submit(self, message: IncomingMessage) -> bool:
        if self.store_down:
            raise MemoryStoreError("down")
        new = message.id not in {one.id for one in self.submitted}
        self.submitted.append(message)
        return new

    async def _knows(self, key: str, said: str = "") -> bool:
        if self.store_down:
            raise MemoryStoreError("down")
        return any((one.key, one.said) == (key, said) for one in self.submitted) if said else key in self.known

    async def post(self, activity: Any, *, headers: dict[str, str] | None = None, data: bytes | None = None) -> int:
        """POST an activity (or `data` as it is) to /api/messages; the status of the answer."""
        assert self._client is not None
        body: dict[str, Any] = {"data": io.BytesIO(data)} if data is not None else {"json": activity}
        sent = {"Content-Type": "application/json", **(headers or {})}
        async with self._client.post(self._url, headers=sent, **body) as response:
            await response.read()
            return response.status

    async def press(self, activity: Any, *, headers: dict[str, str]) -> Any:
        """POST an invoke; the JSON that answers it."""
        assert self._client is not None
        async with self._client.post(self._url, json=activity, headers=headers) as response:
            assert response.status == 200
            return await response.json()

    @classmethod
    @contextlib.asynccontextmanager
    async def running(
        cls, settings: Settings, desk: Desk | None = None, pace: float = 0.0, kept: Kept | None = None
    ) -> AsyncIterator[TeamsApp]:
        """Serve the adapter on a free port of this machine."""
        served = cls(settings, desk, pace, kept)
        app = web.Application(client_max_size=1024 * 1024)
        app.add_routes(served.adapter.routes())
        await served.adapter.start()
        try:
            async with TestServer(app) as server, aiohttp.ClientSession() as client:
                served._client, served._url = client, str(server.make_url("/api/messages"))
                yield served
        finally:
            await served.adapter.stop()


async def say(app: TeamsApp, fake: FakeConnector, activity: dict[str, Any]) -> IncomingMessage:
    """Post a signed activity; the message that was stored, as it comes out of the inbox again."""
    assert await app.post(activity, headers={"Authorization": f"Bearer {fake.sign()}"}) == 202
    return IncomingMessage.from_json(app.submitted[-1].to_json())
