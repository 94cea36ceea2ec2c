"""A circuit breaker: when a dependency keeps failing, callers hear so at once instead of waiting for it again and again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

State = Literal["closed", "open", "half-open"]


class Breaker:
    """Closed: every call goes through. After `failures` in a row it opens: no call does, but for one probe in each
    `probe_seconds` (half-open while that is out); the first success closes it.

    The caller asks `allows` before a call and tells `record` after it. A call that was cancelled tells nothing.
    """

    def __init__(self, failures: int = 5, probe_seconds: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = failures
        self._pause = probe_seconds
        self._clock = clock
        self._failures = 0
        self._next_probe = 0.0
        self._probing = False

    @property
    def state(self) -> State:
        """For metrics and readiness."""
        if self._failures < self._limit:
            return "closed"
        return "half-open" if self._probing else "open"

    def allows(self) -> bool:
        """Whether to call now. True takes the probe if the breaker is open: no other is let through for `probe_seconds`."""
        if self._failures < self._limit:
            return True
        now = self._clock()
        if now < self._next_probe:
            return False
        self._next_probe = now + self._pause
        self._probing = True
        return True

    def record(self, ok: bool) -> None:
        """How a call ended."""
        self._probing = False
        if ok:
            self._failures = 0
            return
        self._failures += 1
        if self._failures == self._limit:
            self._next_probe = self._clock() + self._pause
