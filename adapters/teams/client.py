"""Calls to the Bot Connector through the SDK's client: one activity out, its failure as a DeliveryError. Decides nothing else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Literal, TypeVar

import aiohttp
from microsoft_agents.activity import Activity, ChannelAccount, ConversationParameters
from microsoft_agents.hosting.core.connector import ConnectorClient
from pydantic import ValidationError

from adapters.teams.hosts import service_url_allowed
from adapters.teams.place import Place
from adapters.teams.tokens import TokenSource
from rag.breaker import Breaker
from rag.errors import DeliveryError

_RETRYABLE = frozenset({401, 408, 412, 429, 500, 502, 503, 504})
"""412, 429, 502 and 504 by the rate-limit page (seen 2025); 401 once the token is renewed."""
RETRY_AFTER_CAP = 60.0
PROBE_SECONDS = 1.0
"""How often a Connector that does not answer is asked again."""
Ended = Literal["cancelled", "time", "completed", "not_allowed"]
T = TypeVar("T")


class RefusedByTeamsError(DeliveryError):
    """The Connector said no for good: 4xx, and not because of pace or an old token."""


class StreamEndedError(RefusedByTeamsError):
    """403 ContentStreamNotAllowed: this stream takes no more. `ended` says why."""

    def __init__(self, ended: Ended) -> None:
        super().__init__(f"stream ended: {ended}", retryable=False)
        self.ended = ended


class UnsureError(DeliveryError):
    """No clear answer: what was asked may have been done."""


class ConnectorSender:
    """Sends activities. Without `tokens` (local playground) without a token, and then only to this machine."""

    def __init__(self, tokens: TokenSource | None, hosts: tuple[str, ...], *, timeout: float = 10.0) -> None:
        self._tokens = tokens
        self._hosts = hosts
        self._timeout = timeout
        self._connector: aiohttp.TCPConnector | None = None
        self._breaker = Breaker(probe_seconds=PROBE_SECONDS)

    async def start(self) -> None:
        """Open the pool of connections."""
        self._connector = aiohttp.TCPConnector(limit=100, limit_per_host=50)

    async def stop(self) -> None:
        """Close the pool. Safe to call twice."""
        if self._connector is not None:
            await self._connector.close()

    async def send(self, place: Place, activity: Activity) -> str:
        """Post an activity in a place; the id that the platform gave it, empty if it gave none. DeliveryError otherwise."""

        async def call(conversations: Any) -> Any:
            if place.activity:
                return await conversations.reply_to_activity(place.conversation, place.activity, activity)
            return await conversations.send_to_conversation(place.conversation, activity)

        return _id(await self._call(place.service_url, call))

    async def stream(self, place: Place, activity: Activity) -> str:
        """A step of a stream: posted to the conversation itself, as the streaming page has it (seen 2026-11)."""
        call = self._call(
            place.service_url, lambda conversations: conversations.send_to_conversation(place.conversation, activity)
        )
        return _id(await call)

    async def update(self, place: Place, activity_id: str, activity: Activity) -> None:
        """Put another activity in the place of one that we posted."""
        await self._call(
            place.service_url, lambda conversations: conversations.update_activity(place.conversation, activity_id, activity)
        )

    async def delete(self, place: Place, activity_id: str) -> None:
        """Take back an activity that we posted."""
        await self._call(place.service_url, lambda conversations: conversations.delete_activity(place.conversation, activity_id))

    async def open_chat(self, place: Place, person: str) -> str:
        """The id of the personal chat with someone; RefusedByTeamsError if they have not added the adviser."""
        wanted = ConversationParameters(
            is_group=False,
            bot=ChannelAccount(id=place.bot_id, name=place.bot_name),
            members=[ChannelAccount(id=person)],
            tenant_id=place.tenant,
            channel_data={"tenant": {"id": place.tenant}},
        )
        return _id(await self._call(place.service_url, lambda conversations: conversations.create_conversation(wanted)))

    async def _call(self, service_url: str, call: Callable[[Any], Awaitable[T]]) -> T | None:
        """The call's result; None if it was accepted and nothing usable said about it."""
        if not service_url_allowed(service_url, self._hosts):
            raise DeliveryError("service URL on an unlisted host", retryable=False)
        if not self._breaker.allows():
            raise DeliveryError("the Bot Connector has not answered for a while", retryable=True, retry_after=PROBE_SECONDS)
        token = await self._tokens.get() if self._tokens else ""
        try:
            async with asyncio.timeout(self._timeout), self._session(service_url) as session:
                answered = await call(ConnectorClient(service_url, token, session=session).conversations)
                self._breaker.record(True)
                return answered
        except aiohttp.ClientResponseError as error:
            self._breaker.record(error.status < 500)
            if error.status < 400:
                return None
            if error.status == 401 and self._tokens:
                self._tokens.forget()
            raise refusal(error.status, error.headers or {}, error.message) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            self._breaker.record(False)
            raise UnsureError(f"Bot Connector: {type(error).__name__}") from None
        except ValidationError:
            self._breaker.record(True)
            return None

    def _session(self, service_url: str) -> aiohttp.ClientSession:
        # One session a call: the SDK writes the token into the session's own headers. The connections are shared.
        return aiohttp.ClientSession(
            base_url=service_url if service_url.endswith("/") else f"{service_url}/",
            connector=self._connector,
            connector_owner=False,
            timeout=aiohttp.ClientTimeout(total=self._timeout),
        )


def _id(answered: Any) -> str:
    return str(getattr(answered, "id", None) or "")


def refusal(status: int, headers: Mapping[str, str], said: str = "") -> DeliveryError:
    """The Connector's status as a failure that says whether, and when, to try again."""
    if status == 403 and "ContentStreamNotAllowed" in said:
        return StreamEndedError(_ended(said.lower()))
    if status in _RETRYABLE or status >= 500:
        retry_after = seconds_to_wait(headers.get("Retry-After", ""), datetime.now(UTC))
        kind = UnsureError if status >= 500 else DeliveryError
        return kind(f"Bot Connector answered {status}", retryable=status in _RETRYABLE, retry_after=retry_after)
    return RefusedByTeamsError(f"Bot Connector answered {status}", retryable=False)


def _ended(said: str) -> Ended:
    """By the words of the error, which all carry one code (streaming page, seen 2026-11)."""
    if "cancel" in said:
        return "cancelled"
    if "already completed" in said:
        return "completed"
    return "time" if "time" in said.replace("timestamp", "") else "not_allowed"


def seconds_to_wait(value: str, now: datetime) -> float | None:
    """A Retry-After header, seconds or a date, between 0 and the cap; None if it says nothing usable."""
    if re.fullmatch(r"\s*\d{1,9}(\.\d*)?\s*", value, re.ASCII):
        return min(float(value), RETRY_AFTER_CAP)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), RETRY_AFTER_CAP)
