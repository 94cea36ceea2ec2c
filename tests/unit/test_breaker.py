"""The circuit breaker, on a clock of the test's own."""

from __future__ import annotations

from rag.breaker import Breaker


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> Breaker:
    """A breaker that has just opened."""
    breaker = Breaker(failures=3, probe_seconds=1.0, clock=clock)
    for _ in range(3):
        assert breaker.allows()
        breaker.record(False)
    return breaker


def test_opens_only_after_failures_in_a_row() -> None:
    """Failures with a success between them do not add up."""
    breaker = Breaker(failures=3, clock=Clock())
    for ok in (False, False, True, False, False):
        breaker.record(ok)
    assert breaker.state == "closed"
    assert breaker.allows()
    breaker.record(False)
    assert breaker.state == "open"


def test_refuses_while_open_and_probes_once_a_second() -> None:
    """Of a thousand calls in ten seconds to a dead dependency, at most one a second goes out."""
    clock = Clock()
    breaker = opened(clock)
    assert not breaker.allows()
    sent = 0
    for _ in range(1000):
        clock.now += 0.01
        if breaker.allows():
            sent += 1
            breaker.record(False)
    assert 9 <= sent <= 10


def test_a_probe_that_hangs_lets_the_next_one_out_a_second_later() -> None:
    """A probe whose end is never told does not shut the breaker for good."""
    clock = Clock()
    breaker = opened(clock)
    clock.now += 1.0
    assert breaker.allows()
    assert breaker.state == "half-open"
    assert not breaker.allows()
    clock.now += 1.0
    assert breaker.allows()


def test_one_good_probe_heals() -> None:
    """After one success every call goes through again, and a single failure does not open it anew."""
    clock = Clock()
    breaker = opened(clock)
    clock.now += 1.0
    assert breaker.allows()
    breaker.record(True)
    assert breaker.state == "closed"
    breaker.record(False)
    assert breaker.allows()
