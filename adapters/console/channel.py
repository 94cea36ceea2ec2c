"""The terminal as a channel: the worked example of how to add one. Prints replies as they grow."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable
from typing import TextIO, get_args

from aiohttp import web

from adapters.registry import Submit
from bot.messages import Command, IncomingMessage, Progress, Reply
from bot.ports import Channel
from config.texts import text


class ConsoleAdapter:
    """Adapter and Channel in one, since a terminal has no network. One conversation a run."""

    platform = "console"

    def __init__(self, submit: Submit, out: TextIO, *, language: str = "es", site: str | None = None) -> None:
        self._submit, self._out, self._language, self._site = submit, out, language, site
        self._conversation = uuid.uuid4().hex
        self._shown = ""
        self._answered = asyncio.Event()

    @property
    def channel(self) -> Channel:
        return self

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return ()

    async def start(self) -> None:
        """Nothing to open."""

    async def stop(self) -> None:
        self._answered.set()

    async def say(self, line: str) -> None:
        """Submit one line, a question or /command, and return once its reply is printed."""
        word, _, rest = line.strip().partition(" ")
        command: Command = next((name for name in get_args(Command) if word == f"/{name}"), "ask")
        said = rest.strip() if word == f"/{command}" else line.strip()
        self._shown = ""
        self._answered.clear()
        identity = (uuid.uuid4().hex, self.platform, "local", self._conversation, "local")
        if await self._submit(IncomingMessage(*identity, said, command, direct=True, locale=self._language, site=self._site)):
            await self._answered.wait()

    async def run(self, lines: TextIO) -> None:
        """Prompt, read and answer until the input ends."""
        print(text(self._language, "console.welcome"), file=self._out)
        while line := await asyncio.to_thread(lines.readline):
            if line.strip():
                await self.say(line)

    async def progress(self, message: IncomingMessage, progress: Progress) -> None:
        """Print what is new of the text so far."""
        if progress.text.startswith(self._shown):
            print(progress.text[len(self._shown) :], end="", flush=True, file=self._out)
            self._shown = progress.text

    async def post(self, message: IncomingMessage, reply: Reply) -> None:
        """Print the rest of the text, then its notices, citations and follow-ups."""
        whole = reply.text if reply.text.startswith(self._shown) else f"{self._shown}\n\n{reply.text}"
        print(whole[len(self._shown) :], file=self._out)
        answer = reply.answer
        lines = [f"  {notice}" for notice in answer.notices]
        lines += [f"  {self._dim(f'[{c.n}]')} {c.title}, {c.locator}: «{c.quote}» {c.uri}" for c in answer.citations]
        lines += [f"  {text(answer.language, 'console.ask_next')} {question}" for question in answer.follow_ups]
        print("\n".join([*lines, ""]), file=self._out)
        self._answered.set()

    def _dim(self, mark: str) -> str:
        return f"\x1b[36m{mark}\x1b[0m" if self._out.isatty() else mark
