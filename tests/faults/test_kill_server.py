"""The whole server killed again and again while Slack sends questions: each that got its 200 is answered in its thread, once."""

from __future__ import annotations

import asyncio
import itertools
import random
import signal
import time
from collections import Counter

import aiohttp
import pytest

from tests.app_process import QUESTIONS, Server, make_home
from tests.fakes import slack_events
from tests.fakes.slack_api import FakeSlack
from tests.fakes.slack_room import Place

ROUNDS, EACH = 8, 20
Thread = tuple[str, str]


def _channel(number: int) -> str:
    return f"C{number:04d}KILL"


async def _send(http: aiohttp.ClientSession, question: str, channel: str) -> Thread | None:
    """The thread in which an answer must come; None if the event was not taken, which Slack would deliver again."""
    ts = slack_events.next_ts()
    body, headers = slack_events.json_request(slack_events.app_mention(question, ts=ts, channel=channel))
    async with http.post("/slack/events", data=body, headers=headers) as response:
        return (channel, ts) if response.status == 200 else None


async def _round(server: Server, number: int, chance: random.Random) -> tuple[list[Thread], float]:
    """Ask, and end the server at some moment of the work: what was taken, and how long ending took."""
    asked = itertools.islice(itertools.cycle(QUESTIONS), EACH)
    async with aiohttp.ClientSession(server.url) as http:
        taken = await asyncio.gather(*(_send(http, question, _channel(n)) for n, question in enumerate(asked)))
    await asyncio.sleep(chance.uniform(0, 1.5))
    started = time.monotonic()
    server.process.send_signal(signal.SIGTERM if number % 2 else signal.SIGKILL)
    await asyncio.to_thread(server.process.wait, 15)
    return [thread for thread in taken if thread], time.monotonic() - started


@pytest.mark.faults
@pytest.mark.timeout(300)
async def test_a_server_killed_eight_times_answers_each_question_once() -> None:
    """Eight rounds of 20 mentions, SIGKILL and SIGTERM by turns at a random moment: 160 taken, 160 threads with one answer."""
    chance, threads, stops = random.Random(3), dict[Thread, int](), list[float]()
    with make_home() as home:
        await asyncio.to_thread(home.json, "ingest")
        async with FakeSlack() as slack:
            slack.room.places |= {_channel(n): Place(_channel(n)) for n in range(EACH)}
            environment = {
                "SLACK_BOT_TOKEN": slack.token,
                "SLACK_SIGNING_SECRET": slack_events.SECRET,
                "SLACK_API_URL": slack.base_url,
            }

            def counts() -> Counter[Thread]:
                return Counter((one.channel, one.thread_ts) for one in slack.replies)

            for number in range(ROUNDS + 1):
                running = home.serving(**environment)
                server = await asyncio.to_thread(running.__enter__)
                try:
                    if number < ROUNDS:
                        taken, seconds = await _round(server, number, chance)
                        threads |= dict.fromkeys(taken, number)
                        stops.append(seconds)
                        continue
                    until = time.monotonic() + 60
                    while threads.keys() - counts().keys() and time.monotonic() < until:  # noqa: ASYNC110 - another process makes it true
                        await asyncio.sleep(0.2)
                    await asyncio.sleep(8)  # longer than a lease: whoever would answer again has done so
                finally:
                    await asyncio.to_thread(running.__exit__, None, None, None)
    lost = [thread for thread in threads if thread not in counts()]
    doubled = Counter("TERM" if threads[thread] % 2 else "KILL" for thread, count in counts().items() if count > 1)
    print(f"taken {len(threads)}, lost {len(lost)}, doubled {dict(doubled)}, slowest stop {max(stops):.2f} s")
    assert len(threads) == ROUNDS * EACH
    assert lost == []
    assert doubled.total() == 0
    assert max(stops) <= 10
