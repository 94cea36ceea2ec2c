"""Socket Mode: Slack's messages over a connection that we open, for a company that lets nothing in from outside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from pydantic import SecretStr
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.http_retry.builtin_async_handlers import AsyncConnectionErrorRetryHandler, AsyncServerErrorRetryHandler

from adapters.slack.client import SlackClient, sdk_log

PING_SECONDS = 4.0
"""A connection that died without a word is noticed after at most four of these."""

_TRIES = 4


class SocketMode:
    """A connection that the SDK keeps up. Slack delivers again what was not acknowledged, over the next one."""

    def __init__(self, app: AsyncApp, client: SlackClient, token: SecretStr) -> None:
        self._app, self._client, self._token = app, client, token
        self._handler: AsyncSocketModeHandler | None = None
        self._connecting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to connect; it goes on in the background until Slack answers."""
        web = self._client.web()
        # asked for a new address once only, the SDK would stay on a connection that Slack has said farewell to
        web.retry_handlers = [AsyncServerErrorRetryHandler(_TRIES), AsyncConnectionErrorRetryHandler(_TRIES)]
        self._handler = AsyncSocketModeHandler(
            self._app, self._token.get_secret_value(), logger=sdk_log, web_client=web, proxy=web.proxy, ping_interval=PING_SECONDS
        )
        self._handler.client.proxy = web.proxy  # else from the environment, for a stand-in on this machine too
        connect: Callable[[], Coroutine[Any, Any, None]] = self._handler.connect_async
        self._connecting = asyncio.create_task(connect())

    async def stop(self) -> None:
        """Take no more. Safe to call twice."""
        handler, self._handler = self._handler, None
        if handler is None or self._connecting is None:
            return
        self._connecting.cancel()
        await asyncio.gather(self._connecting, return_exceptions=True)
        client = handler.client
        tasks = [task for task in (client.message_processor, client.current_session_monitor, client.message_receiver) if task]
        close: Callable[[], Coroutine[Any, Any, None]] = handler.close_async
        await close()
        await asyncio.gather(*tasks, return_exceptions=True)
