"""How long Slack waits for its 200 when many events come at once: the whole server, real Redis, signed requests over HTTP.

`python -m bench.acks --events 500 --rounds 5`. Prints each round's p50, p99 and longest wait, from opening the connection to the
status line, and whether every question was answered once. Server, Redis, stand-in Slack and the sender share the machine. Exit
code 1 if a p99 is above `--most` ms, a request got anything but 200, or a question was not answered exactly once.
"""

from __future__ import annotations

import argparse
import asyncio
import selectors
import socket
import statistics
import sys
import time
from collections import Counter
from urllib.parse import urlsplit

from tests.app_process import QUESTIONS, Home, make_home
from tests.fakes import slack_events
from tests.fakes.slack_api import FakeSlack
from tests.fakes.slack_room import Place

CHANNELS = 100
"""Slack takes one message a second in a channel: the questions are spread so that pace is no limit here."""
Thread = tuple[str, str]


async def main() -> int:
    """Run the rounds against one server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--most", type=float, default=500, help="longest p99 that is good, in ms")
    parser.add_argument("--no-wait", action="store_true", help="do not wait for the answers between rounds")
    options = parser.parse_args()
    with make_home() as home:
        await asyncio.to_thread(home.json, "ingest")
        async with FakeSlack() as slack:
            for number in range(CHANNELS):
                slack.room.places[channel(number)] = Place(channel(number))
            return await _rounds(home, slack, options)


async def _rounds(home: Home, slack: FakeSlack, options: argparse.Namespace) -> int:
    running = home.serving(SLACK_BOT_TOKEN=slack.token, SLACK_SIGNING_SECRET=slack_events.SECRET, SLACK_API_URL=slack.base_url)
    server = await asyncio.to_thread(running.__enter__)
    good = True
    threads: list[Thread] = []
    try:
        for number in range(options.rounds):
            asked = [(channel(n), slack_events.next_ts()) for n in range(options.events)]
            threads += asked
            found = await burst(server.url, asked)
            waits = sorted(1000 * seconds for _, seconds in found)
            statuses = Counter(status for status, _ in found)
            p99 = waits[int(len(waits) * 0.99)]
            print(
                f"round {number + 1}: {len(found)} at once, statuses {dict(statuses)}, "
                f"ack p50 {statistics.median(waits):.0f} ms, p99 {p99:.0f} ms, longest {waits[-1]:.0f} ms",
                flush=True,
            )
            good &= p99 <= options.most and set(statuses) == {200}
            if not options.no_wait:
                await answered(slack, threads)
        began = time.monotonic()
        await answered(slack, threads)
        counts = Counter((one.channel, one.thread_ts) for one in slack.replies)
        lost, doubled = (sum(1 for one in threads if test(counts[one])) for test in ((0).__eq__, (1).__lt__))
        print(f"{len(threads)} questions, lost {lost}, doubled {doubled}, last answer {time.monotonic() - began:.0f} s after")
        good &= lost == doubled == 0
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)
    return 0 if good else 1


async def burst(url: str, asked: list[Thread]) -> list[tuple[int, float]]:
    """Every event on a connection of its own, all at once: status and seconds of each.

    Bare sockets in a thread: whatever the sender needs of the processor is in the time that it measures.
    """
    address = urlsplit(url)
    assert address.hostname
    assert address.port
    questions = list(QUESTIONS)
    requests = [_request(questions[n % len(questions)], channel, ts, address.netloc) for n, (channel, ts) in enumerate(asked)]
    return await asyncio.to_thread(_send, (address.hostname, address.port), requests)


def _send(address: tuple[str, int], requests: list[bytes]) -> list[tuple[int, float]]:
    """Status of each request, and the seconds from opening its connection to the status line."""
    began: dict[socket.socket, float] = {}
    found: list[tuple[int, float]] = []
    with selectors.DefaultSelector() as waiting:
        for request in requests:
            opening = time.monotonic()
            one = socket.create_connection(address)
            began[one] = opening
            one.sendall(request)
            waiting.register(one, selectors.EVENT_READ)
        while waiting.get_map():
            for key, _ in waiting.select():
                one = key.fileobj
                assert isinstance(one, socket.socket)
                status = one.recv(64)  # the status line comes in one piece with the headers
                found.append((int(status.split()[1]), time.monotonic() - began[one]))
                waiting.unregister(one)
                one.close()
    return found


def _request(question: str, channel: str, ts: str, host: str) -> bytes:
    body, headers = slack_events.json_request(slack_events.app_mention(question, ts=ts, channel=channel))
    lines = [f"POST /slack/events HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n"]
    lines += [f"{name}: {value}\r\n" for name, value in headers.items()]
    return "".join([*lines, "\r\n"]).encode() + body


async def answered(slack: FakeSlack, threads: list[Thread], seconds: float = 300) -> None:
    """Wait until each thread has an answer, at most `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if set(threads) <= {(one.channel, one.thread_ts) for one in slack.replies}:
            return
        await asyncio.sleep(0.5)


def channel(number: int) -> str:
    return f"C{number % CHANNELS:04d}ACKS"


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
