"""Calls to the Bot Connector through the SDK's client: one activity out, its failure as a DeliveryError. Decides nothing else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
from microsoft_agents.activity import Activity
from microsoft_agents.hosting.core.connector import ConnectorClient
from pydantic import ValidationError

from adapters.teams.hosts import service_url_allowed
from adapters.teams.place import Place
from adapters.teams.tokens import TokenSource
from rag.errors import DeliveryError

_RETRYABLE = frozenset({401, 408, 412, 429, 500, 502, 503, 504})
"""412, 429, 502 and 504 by the rate-limit page (seen 2025); 401 once the token is renewed."""
RETRY_AFTER_CAP = 60.0


class ConnectorSender:
    """Sends activities. Without `tokens` (local playground) without a token, and then only to this machine."""

    def __init__(self, tokens: TokenSource | None, hosts: tuple[str, ...], *, timeout: float = 10.0) -> None:
        self._tokens = tokens
        self._hosts = hosts
        self._timeout = timeout
        self._connector: aiohttp.TCPConnector | None = None

    async def start(self) -> None:
        """Open the pool of connections."""
        self._connector = aiohttp.TCPConnector(limit=100, limit_per_host=50)

    async def stop(self) -> None:
        """Close the pool. Safe to call twice."""
        if self._connector is not None:
            await self._connector.close()

    async def send(self, place: Place, activity: Activity) -> str:
        """Post an activity in a place; the id that the platform gave it, empty if it gave none. DeliveryError otherwise."""
        if not service_url_allowed(place.service_url, self._hosts):
            raise DeliveryError("service URL on an unlisted host", retryable=False)
        token = await self._tokens.get() if self._tokens else ""
        try:
            async with asyncio.timeout(self._timeout), self._session(place.service_url) as session:
                conversations = ConnectorClient(place.service_url, token, session=session).conversations
                if place.activity:
                    answered = await conversations.reply_to_activity(place.conversation, place.activity, activity)
                else:
                    answered = await conversations.send_to_conversation(place.conversation, activity)
        except aiohttp.ClientResponseError as error:
            if error.status == 401 and self._tokens:
                self._tokens.forget()
            raise refusal(error.status, error.headers or {}) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DeliveryError(f"Bot Connector: {type(error).__name__}") from None
        except ValidationError:
            return ""  # accepted, but what it said about it is no JSON of its own
        return str(answered.id or "")

    def _session(self, service_url: str) -> aiohttp.ClientSession:
        # One session a call: the SDK writes the token into the session's own headers. The connections are shared.
        return aiohttp.ClientSession(
            base_url=service_url if service_url.endswith("/") else f"{service_url}/",
            connector=self._connector,
            connector_owner=False,
            timeout=aiohttp.ClientTimeout(total=self._timeout),
        )


def refusal(status: int, headers: Mapping[str, str]) -> DeliveryError:
    """The Connector's status as a failure that says whether, and when, to try again."""
    retry_after = seconds_to_wait(headers.get("Retry-After", ""), datetime.now(UTC))
    return DeliveryError(f"Bot Connector answered {status}", retryable=status in _RETRYABLE, retry_after=retry_after)


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
