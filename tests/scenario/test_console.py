"""The terminal as a channel: what a person sees for what they type."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

from adapters.console.channel import ConsoleAdapter
from bot.messages import IncomingMessage, Progress, Reply
from tests.scenario.web_world import ANSWER


class Desk:
    """A terminal with a worker behind it that says `pieces`, then the answer."""

    def __init__(self, *pieces: str, tty: bool = False) -> None:
        self.screen = io.StringIO()
        self.screen.isatty = lambda: tty  # type: ignore[method-assign]
        self.taken: list[IncomingMessage] = []
        self.pieces = pieces
        self.adapter = ConsoleAdapter(self.submit, self.screen, site="edar-norte")
        self.work: list[asyncio.Task[None]] = []

    async def submit(self, message: IncomingMessage) -> bool:
        self.taken.append(message)
        self.work.append(asyncio.create_task(self.answer(message)))
        return True

    async def answer(self, message: IncomingMessage) -> None:
        for piece in self.pieces:
            await self.adapter.channel.progress(message, Progress("answer", piece))
        await self.adapter.channel.post(message, Reply(ANSWER))


async def test_text_is_printed_once_as_it_grows() -> None:
    """Progress adds what is new; the answer adds the rest, notices, sources and what to ask next."""
    desk = Desk(ANSWER.text[:10], ANSWER.text[:20])
    await desk.adapter.say("¿Por qué?")
    shown = desk.screen.getvalue()
    assert shown.startswith(ANSWER.text)
    assert shown.count("El consumo base") == 1
    assert "[2] Manual de explotación, p. 14, Aireación: «Tres soplantes" in shown
    assert ANSWER.notices[0] in shown
    assert f"Puedes seguir con: {ANSWER.follow_ups[0]}" in shown
    assert "\x1b" not in shown


async def test_an_answer_that_turned_out_otherwise_is_printed_whole() -> None:
    """When the final text does not continue what was shown, it follows on its own."""
    desk = Desk("Otra cosa")
    await desk.adapter.say("q")
    assert desk.screen.getvalue().startswith(f"Otra cosa\n\n{ANSWER.text}")


async def test_colours_only_on_a_terminal() -> None:
    """Marks are coloured for eyes, never for a file."""
    desk = Desk(tty=True)
    await desk.adapter.say("q")
    assert "\x1b[36m[1]\x1b[0m" in desk.screen.getvalue()


async def test_lines_and_commands() -> None:
    """Each line is one message of the same conversation; a slash names a command; blank lines are nothing."""
    desk = Desk()
    await desk.adapter.run(io.StringIO("¿Por qué?\n\n/recommend water\n/forget\n"))
    assert [(m.command, m.text) for m in desk.taken] == [("ask", "¿Por qué?"), ("recommend", "water"), ("forget", "")]
    assert len({m.conversation for m in desk.taken}) == 1
    assert {(m.platform, m.site, m.locale, m.direct) for m in desk.taken} == {("console", "edar-norte", "es", True)}
    assert desk.adapter.channel.platform == "console"
    assert list(desk.adapter.routes()) == []


async def test_stopping_lets_a_waiting_line_go() -> None:
    """Nobody is left before a prompt that never comes."""
    desk = Desk()
    desk.answer = lambda message: asyncio.sleep(0)  # type: ignore[assignment, method-assign]
    waiting = asyncio.create_task(desk.adapter.say("q"))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    await desk.adapter.stop()
    async with asyncio.timeout(1):
        await waiting


def test_it_stays_a_small_example() -> None:
    """The worked example of a channel is short enough to read in one go."""
    example = Path(__file__).parents[2] / "adapters" / "console" / "channel.py"
    assert len(example.read_text(encoding="utf-8").splitlines()) < 80
