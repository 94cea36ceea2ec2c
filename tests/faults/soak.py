"""The long run: questions at a steady rate from a stand-in Slack that misbehaves; nothing may grow, nothing may be lost.

`python -m tests.faults.soak --minutes 30 --rate 10` (`make soak`). Prints a line a minute, the figures, each promise not kept;
exit code 1 if there is one: a question without an answer or with two, an event not acknowledged or not in time, resident memory
that drifts by more than 5 % after the warm-up, descriptors or tasks that are left over when all is answered.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import random
import re
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.app_process import QUESTIONS, Home, make_home
from tests.fakes import slack_events
from tests.fakes.faults import Fault
from tests.fakes.slack_api import FakeSlack
from tests.fakes.slack_room import Place

CHANNELS = 200
"""Slack takes one message a second in a channel: the questions are spread so that pace is no limit here."""
FAULTY = 0.05
DRIFT = 0.05
ACK_MS = 500
TASKS, DESCRIPTORS = 3, 60
"""What may be left when all is at rest again: a timer or two; fifty connections that Redis' client keeps, a few to Slack."""
REST_SECONDS = 20.0
_METHODS = ("chat.postMessage", "reactions.add", "chat.startStream", "chat.appendStream", "chat.stopStream")


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process holds at a moment: resident bytes, open descriptors, asyncio tasks; and questions still unanswered."""

    at: float
    resident: int
    descriptors: int
    tasks: int
    waiting: int


async def main() -> int:
    """Run and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=10, help="questions a second")
    parser.add_argument("--warm-up", type=float, default=5, help="minutes that do not count for the drift")
    options = parser.parse_args()
    with make_home() as home:
        await asyncio.to_thread(home.json, "ingest")
        async with FakeSlack() as slack:
            return await soak(home, slack, options.minutes * 60, options.rate, options.warm_up * 60)


async def soak(home: Home, slack: FakeSlack, seconds: float, rate: float, warm_up: float) -> int:
    """The exit code."""
    environment = {
        "SLACK_BOT_TOKEN": slack.token,
        "SLACK_SIGNING_SECRET": slack_events.SECRET,
        "SLACK_API_URL": slack.base_url,
    }
    running = home.serving(**environment)
    server = await asyncio.to_thread(running.__enter__)
    samples: list[Sample] = []
    try:
        asked = Asked(server.url, slack)
        rest = [await at_rest(server.process.pid, server.url, asked)]
        watching = asyncio.create_task(watch(server.process.pid, server.url, asked, samples))
        await asked.ask(seconds, rate)
        await asked.settle()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        rest.append(await at_rest(server.process.pid, server.url, asked))
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)
    return verdict(asked, samples, rest, warm_up, (home.folder / "serve.log").read_text("utf-8", "replace"))


class Asked:
    """Questions that were sent, each with the thread it must be answered in."""

    def __init__(self, url: str, slack: FakeSlack) -> None:
        self._url, self._slack = url, slack
        self.threads: list[tuple[str, str]] = []
        self.statuses: Counter[int] = Counter()
        self.acks: list[float] = []
        self._chance = random.Random(5)
        for number in range(CHANNELS):
            slack.room.places[_channel(number)] = Place(_channel(number))

    async def ask(self, seconds: float, rate: float) -> None:
        """At a steady rate whatever the answers do; one call to Slack in twenty meets a 429, a 503, a cut or a slow one."""
        questions = itertools.cycle(QUESTIONS)
        started, number = time.monotonic(), 0
        sending: set[asyncio.Task[None]] = set()
        async with aiohttp.ClientSession() as http:
            while time.monotonic() - started < seconds:
                if self._chance.random() < FAULTY:
                    self._slack.faults.plan(self._fault(), path=self._chance.choice(_METHODS))
                task = asyncio.create_task(self._send(http, next(questions), _channel(number)))
                sending.add(task)
                task.add_done_callback(sending.discard)
                number += 1
                await asyncio.sleep(max(0.0, started + number / rate - time.monotonic()))
            await asyncio.gather(*sending)

    def _fault(self) -> Fault:
        return self._chance.choice(
            [Fault(status=429, headers={"Retry-After": "1"}), Fault(status=503), Fault(cut=True), Fault(delay=1.0)]
        )

    async def _send(self, http: aiohttp.ClientSession, question: str, channel: str) -> None:
        ts = slack_events.next_ts()
        body, headers = slack_events.json_request(slack_events.app_mention(question, ts=ts, channel=channel))
        began = time.monotonic()
        async with http.post(f"{self._url}/slack/events", data=body, headers=headers) as response:
            self.statuses[response.status] += 1
            self.acks.append(time.monotonic() - began)
            if response.status == 200:
                self.threads.append((channel, ts))

    def answers(self) -> Counter[tuple[str, str]]:
        """How many posts of the adviser stand in each thread."""
        return Counter((one.channel, one.thread_ts) for one in self._slack.replies)

    def unanswered(self) -> int:
        """How many threads nobody sees an answer in."""
        answered = self.answers()
        return sum(1 for thread in self.threads if thread not in answered)

    async def settle(self, seconds: float = 90) -> None:
        """Give the last questions their time."""
        until = time.monotonic() + seconds
        while self.unanswered() and time.monotonic() < until:  # noqa: ASYNC110 - another process makes it true
            await asyncio.sleep(1)


async def at_rest(pid: int, url: str, asked: Asked) -> Sample:
    """What the process holds when nothing has been asked of it for a while."""
    await asyncio.sleep(REST_SECONDS)
    async with aiohttp.ClientSession() as http:
        return await sample(http, pid, url, asked, 0.0)


async def sample(http: aiohttp.ClientSession, pid: int, url: str, asked: Asked, at: float) -> Sample:
    """What the process holds now."""
    async with http.get(f"{url}/metrics") as response:
        told = re.search(r"^advisor_tasks ([\d.e+]+)$", await response.text(), re.MULTILINE)
    resident, descriptors = held(pid)
    return Sample(at, resident, descriptors, int(float(told.group(1))) if told else -1, asked.unanswered())


async def watch(pid: int, url: str, asked: Asked, samples: list[Sample], every: float = 5.0) -> None:
    """Sample the process until cancelled; a line a minute."""
    started = last = time.monotonic()
    async with aiohttp.ClientSession() as http:
        while True:
            await asyncio.sleep(every)
            now = time.monotonic()
            samples.append(await sample(http, pid, url, asked, now - started))
            if now - last >= 60:
                last = now
                one = samples[-1]
                print(
                    f"{one.at / 60:5.1f} min  {one.resident / 1e6:6.0f} MB  {one.descriptors} descriptors  {one.tasks} tasks  "
                    f"{len(asked.threads)} asked, {one.waiting} waiting",
                    flush=True,
                )


def _channel(number: int) -> str:
    return f"C{number % CHANNELS:04d}SOAK"


def held(pid: int) -> tuple[int, int]:
    """Resident bytes and open descriptors of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE"), len(os.listdir(f"/proc/{pid}/fd"))


def verdict(asked: Asked, samples: list[Sample], rest: list[Sample], warm_up: float, log: str) -> int:
    """Print the figures and every promise that was not kept; 1 if there is one. `rest`: before the first, after the last."""
    counted = [one for one in samples if one.at >= warm_up] or samples
    tenth = max(1, len(counted) // 10)
    first, last = counted[:tenth], counted[-tenth:]
    memory = [statistics.median(one.resident for one in part) for part in (first, last)]
    tasks, descriptors = (getattr(rest[-1], name) - getattr(rest[0], name) for name in ("tasks", "descriptors"))
    drift, acks = memory[1] / memory[0] - 1, sorted(asked.acks)
    p99 = 1000 * acks[int(len(acks) * 0.99)]
    lost, doubled = asked.unanswered(), sum(1 for count in asked.answers().values() if count > 1)
    forgotten = log.count("was never retrieved") + log.count("was never awaited")
    print(
        f"asked {len(acks)}, statuses {dict(asked.statuses)}, lost {lost}, doubled {doubled}\n"
        f"ack p50 {1000 * statistics.median(acks):.0f} ms, p99 {p99:.0f} ms, longest {1000 * acks[-1]:.0f} ms\n"
        f"memory first {memory[0] / 1e6:.0f} MB, last {memory[1] / 1e6:.0f} MB ({drift:+.1%}); "
        f"left at rest: tasks {tasks:+d}, descriptors {descriptors:+d}; tasks or coroutines forgotten {forgotten}"
    )
    promises = {
        "no question lost": lost == 0,
        "none answered twice": doubled == 0,
        "every event acknowledged": set(asked.statuses) == {200},
        f"ack p99 <= {ACK_MS} ms": p99 <= ACK_MS,
        f"memory drift <= {DRIFT:.0%}": drift <= DRIFT,
        "no tasks or descriptors left over": rest[0].tasks > 0 and tasks <= TASKS and descriptors <= DESCRIPTORS,
        "nothing forgotten": forgotten == 0,
    }
    broken = [promise for promise, kept in promises.items() if not kept]
    print("\n".join([f"NOT KEPT: {promise}" for promise in broken] or ["all promises kept"]), flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
