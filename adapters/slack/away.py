"""The SDK's client behind a circuit breaker: a Slack that is away is asked once a second, not by every message that waits."""

from __future__ import annotations

from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from rag.breaker import Breaker
from rag.errors import DeliveryError

PROBE_SECONDS = 1.0


class AwayError(DeliveryError):
    """Slack has not answered for a while; nothing was asked of it now."""

    def __init__(self) -> None:
        super().__init__("Slack has not answered for a while", retryable=True, retry_after=PROBE_SECONDS)


class GuardedWebClient(AsyncWebClient):
    """AsyncWebClient whose every call goes through one breaker. AwayError: surely not done."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._breaker = Breaker(probe_seconds=PROBE_SECONDS)

    async def api_call(self, api_method: str, **given: Any) -> AsyncSlackResponse:
        """As the SDK's; 5xx and no answer count as failures, refusals and 429 as answers."""
        if not self._breaker.allows():
            raise AwayError
        try:
            answer = await super().api_call(api_method, **given)
        except SlackApiError as error:
            response: Any = error.response
            self._breaker.record(int(getattr(response, "status_code", 0) or getattr(response, "status", 0)) < 500)
            raise
        except (aiohttp.ClientError, TimeoutError):
            self._breaker.record(False)
            raise
        self._breaker.record(True)
        return answer
