"""Slash commands. The question is shown in the channel first: that message is the root of the thread in which answer and
follow-ups stand.

It is posted before the question is stored, because the thread's name, and with it the conversation's, is that message's. So it
goes in this order: is the store there; post the root; store; 200. Slack delivers a command once and shows the asker when it was
not taken: a crash in between leaves a root without an answer and an asker who knows. Where the adviser cannot write, the answer
goes to the asker alone, through the command's response_url.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from slack_bolt import BoltResponse

from adapters.registry import Known, Submit
from adapters.slack.bounded import Bounded
from adapters.slack.channel import SlackChannel
from adapters.slack.client import SlackClient
from adapters.slack.inbound import command_id, command_message, command_name, plain_text
from adapters.slack.pace import Pace
from adapters.slack.payload import Command
from adapters.slack.people import People
from adapters.slack.place import Place
from adapters.slack.render import asked, told
from bot.messages import IncomingMessage
from config.texts import text
from rag.errors import DeliveryError, MemoryStoreError
from rag.ingest.language import detect

TURN_SECONDS, ROOT_SECONDS = 1.05, 1.3
"""To wait for the channel's turn, and to show the question: Slack waits three seconds for the whole."""


class Commands:
    """Answers slash commands with what Slack shows at once; the rest is the worker's."""

    def __init__(
        self, client: SlackClient, channel: SlackChannel, pace: Pace, people: People, submit: Submit, known: Known
    ) -> None:
        self._client, self._channel, self._pace, self._people = client, channel, pace, people
        self._submit, self._known = submit, known
        self._taken: Bounded[tuple[str, str], asyncio.Task[BoltResponse]] = Bounded()

    async def take(self, command: Command) -> BoltResponse:
        """200 once stored. MemoryStoreError: nothing was. A command that comes again meets the first one's outcome."""
        key = (command.team_id, command_id(command))
        task = self._taken.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            self._taken[key] = task = asyncio.create_task(self._take(command))
        return await asyncio.shield(task)  # Slack hanging up must not leave a question without an answer

    async def _take(self, command: Command) -> BoltResponse:
        if command_name(command) == "help":
            return _shown(text(await self._people.language(command.user_id, command.text), "slack.help", command=command.command))
        await self._known(command_message(command, Place(command.channel_id), received_at=0).key)
        place = await self._root(command)
        if place is None:
            return _shown(text(await self._people.language(command.user_id, command.text), "slack.cannot_write"))
        message = replace(command_message(command, place, received_at=time.time()), locale=self._people.locale(command.user_id))
        await self._store(message, place)
        if place.hook:
            return _shown(text(detect(message.text, self._people.default), "slack.only_you"))
        return BoltResponse(status=200, body="")

    async def _root(self, command: Command) -> Place | None:
        """Where the answer goes; None if there is nowhere."""
        channel = command.channel_id
        said = asked(command.user_id, command.command, plain_text(command.text), self._people.default)
        try:
            await self._pace.wait(channel, TURN_SECONDS)
            async with asyncio.timeout(ROOT_SECONDS):
                ts = await self._client.post(channel, said)
        except (DeliveryError, TimeoutError):
            return Place(channel, hook=command.response_url) if command.response_url else None
        return Place(channel, "" if channel.startswith("D") else ts, said=ts)

    async def _store(self, message: IncomingMessage, place: Place) -> None:
        try:
            await self._submit(message)
        except MemoryStoreError:
            if place.said:
                self._channel.later(self._client.remove(place.channel, place.said))
            raise


def _shown(said: str) -> BoltResponse:
    """What the asker alone sees at once."""
    return BoltResponse(status=200, body={"response_type": "ephemeral", "text": told(said).text})
