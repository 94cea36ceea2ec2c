"""Asks a site politely: a pause between requests, and again, later and later, where it is busy or broken."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from rag.connectors.safe_fetch import Follow, NotChanged, Response, SafeFetch, UnreachableError

_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
"""Statuses that pass."""
_REFUSED = frozenset({401, 403, 451})
"""Statuses of pages that are not, or no longer, for us."""


@dataclass(frozen=True, slots=True)
class Pace:
    """In seconds: `delay` between requests, `backoff` before the second try and doubled after it, `longest` of any wait."""

    delay: float = 0.5
    backoff: float = 1.0
    longest: float = 60.0
    tries: int = 4
    connections: int = 2


class PageError(UnreachableError):
    """What could not be had after all tries; `lasting` if the site answered and means it.

    Where it refuses access, the reason is not one that passes: what was read there before is no longer to be shown.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"access is refused: {reason}" if status in _REFUSED else f"cannot be read: {reason}")
        self.lasting = bool(status) and status not in _AGAIN


class Client:
    """One site's requests. `slow_down` raises the pause to what robots.txt asks for."""

    def __init__(self, fetch: SafeFetch, pace: Pace) -> None:
        self._fetch, self._pace = fetch, pace
        self._delay = pace.delay
        self._next = 0.0
        self._at_once = asyncio.Semaphore(pace.connections)

    def slow_down(self, seconds: float) -> None:
        """At least this pause between requests from now on, up to the longest wait."""
        self._delay = max(self._delay, min(seconds, self._pace.longest))

    async def get(
        self, url: str, not_changed: NotChanged = lambda url: {}, follow: Follow = lambda url: True
    ) -> Response:  # fmt: skip
        """An answer below 400, or 404 or 410; PageError for others and for none after all tries; else as SafeFetch.get."""
        reason, status = "", 0
        for number in range(self._pace.tries):
            wait = 0.0
            try:
                async with self._at_once:
                    await self._turn()
                    answer = await self._fetch.get(url, not_changed, follow)
            except UnreachableError as error:
                reason, status = str(error), 0
            else:
                if answer.status < 400 or answer.status in (404, 410):
                    return answer
                reason, status = f"HTTP {answer.status}", answer.status
                if status not in _AGAIN:
                    raise PageError(status, reason)
                wait = self._asked_to_wait(answer)
            if number + 1 < self._pace.tries:
                await asyncio.sleep(max(wait, self._pace.backoff * 2**number * random.uniform(0.5, 1.0)))  # noqa: S311 - jitter
        raise PageError(status, f"{reason} after {self._pace.tries} tries")

    async def _turn(self) -> None:
        """Wait until the pause since the last request is over. The turn is taken before the wait: two tasks never share one."""
        now = time.monotonic()
        at = max(self._next, now)
        self._next = at + self._delay
        if at > now:
            await asyncio.sleep(at - now)

    def _asked_to_wait(self, answer: Response) -> float:
        """Seconds of Retry-After, no more than the longest wait; a site that is overrun (429) is left alone by all tasks."""
        seconds = min(_seconds(answer.headers.get("retry-after", "")), self._pace.longest)
        if answer.status == 429:
            self._next = max(self._next, time.monotonic() + seconds)
        return seconds


def _seconds(retry_after: str) -> float:
    """A number of seconds or a date; 0 for neither."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after)
    try:
        moment = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0.0
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (zoned - datetime.now(UTC)).total_seconds())
