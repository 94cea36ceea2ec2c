"""What happens beyond the load that can be answered: the whole server under a stand-in Slack and a model that takes 2 s.

`python -m bench.knee [--seconds 10]`. First a burst tells how many answers a second are made (the knee); then questions come
twice as fast for `--seconds`; when they are answered, a second burst tells whether as much is answered as before. Prints the
acknowledgements meanwhile, and how soon who saw no sign of work for 3 s was told that they wait. Exit code 1 if p99 of the acks
is above 500 ms, somebody of those was told later than after 3 s or not, a question was lost or answered twice, or the second
burst is slower than 0.9 of the first.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

from bench.acks import CHANNELS, Thread, answered, burst, channel
from tests.app_process import make_home
from tests.fakes import slack_events
from tests.fakes.openai_api import FakeOpenAI
from tests.fakes.slack_api import FakeSlack
from tests.fakes.slack_room import Place

MODEL_SECONDS = 2.0
MOST_ACK, MOST_TOLD, LEAST_AFTER = 0.5, 3.0, 0.9
BURST = 40


@dataclass(slots=True)
class Asked:
    """What was asked: when (monotonic seconds), and how long Slack waited for its 200."""

    at: dict[Thread, float] = field(default_factory=dict)
    acks: list[float] = field(default_factory=list)
    number: int = 0

    def next(self) -> Thread:
        """Another thread; its channel is not the one before's, so that pace is no limit here."""
        self.number += 1
        return channel(self.number), slack_events.next_ts()


async def main(seconds: float) -> int:
    """0 if all holds."""
    with make_home() as home:
        await asyncio.to_thread(home.json, "ingest")
        async with FakeSlack() as slack, FakeOpenAI() as model:
            for number in range(CHANNELS):
                slack.room.places[channel(number)] = Place(channel(number))
            running = home.serving(
                SLACK_BOT_TOKEN=slack.token,
                SLACK_SIGNING_SECRET=slack_events.SECRET,
                SLACK_API_URL=slack.base_url,
                OPENAI_API_KEY=model.api_key,
                OPENAI_BASE_URL=model.base_url,
                OPENAI_MODEL=f"ttft{MODEL_SECONDS * 1000:.0f}-itl0",
            )
            server = await asyncio.to_thread(running.__enter__)
            try:
                return await ramp(server.url, slack, seconds)
            finally:
                await asyncio.to_thread(running.__exit__, None, None, None)


async def ramp(url: str, slack: FakeSlack, seconds: float) -> int:
    """Knee, twice the knee, knee again."""
    asked = Asked()
    await at_once(url, slack, asked, 8)  # what loads with the first answers
    knee = await at_once(url, slack, asked, BURST)
    before = len(asked.acks)
    began, pending = time.monotonic(), []
    for n in range(round(2 * knee * seconds)):
        await asyncio.sleep(max(0.0, began + n / (2 * knee) - time.monotonic()))
        pending.append(asyncio.create_task(ask(url, asked)))
    crowd = [await one for one in pending]
    await answered(slack, crowd)
    acks = sorted(asked.acks[before:])
    p99 = acks[int(len(acks) * 0.99)]
    after = await at_once(url, slack, asked, BURST)
    late, told = waits(slack, asked, crowd)
    counts = Counter((one.channel, one.thread_ts) for one in slack.replies)
    wrong = sum(counts[one] != 1 for one in asked.at)
    print(f"knee {knee:.1f} answers a second; {len(crowd)} questions at {2 * knee:.1f} a second")
    print(f"acks p99 {1000 * p99:.0f} ms, longest {1000 * acks[-1]:.0f} ms")
    print(f"waited for more than 3 s: {late}; told so {len(told)}, the last after {max(told, default=0):.1f} s")
    print(f"after it {after:.1f} answers a second ({after / knee:.2f} of before); lost or answered twice: {wrong}")
    good = (
        p99 <= MOST_ACK and len(told) >= late and max(told, default=0) <= MOST_TOLD and after >= LEAST_AFTER * knee and not wrong
    )
    return 0 if good else 1


async def ask(url: str, asked: Asked) -> Thread:
    """One question; its thread."""
    thread = asked.next()
    asked.at[thread] = time.monotonic()
    ((status, seconds),) = await burst(url, [thread])
    assert status == 200, status
    asked.acks.append(seconds)
    return thread


async def at_once(url: str, slack: FakeSlack, asked: Asked, count: int) -> float:
    """So many questions at once: answers a second."""
    began = time.monotonic()
    await answered(slack, await asyncio.gather(*(ask(url, asked) for _ in range(count))))
    return count / (time.monotonic() - began)


def waits(slack: FakeSlack, asked: Asked, crowd: list[Thread]) -> tuple[int, list[float]]:
    """How many had no sign of work after 3 s, and after how many seconds people were told that they wait."""
    seen = {(one.sent["channel"], one.sent["timestamp"]): one.at for one in reversed(slack.sent("reactions.add"))}
    late = sum(seen.get(one, float("inf")) - asked.at[one] > MOST_TOLD for one in crowd)
    calls = {(one.sent["channel"], one.sent.get("thread_ts")): one.at for one in slack.sent("chat.postEphemeral")}
    return late, [calls[one] - asked.at[one] for one in crowd if one in calls]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    sys.exit(asyncio.run(main(parser.parse_args().seconds)))
