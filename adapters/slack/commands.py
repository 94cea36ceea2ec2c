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
from typing import Any

from slack_bolt import BoltResponse

from adapters.registry import Known, Submit
from adapters.slack.bounded import Bounded
from adapters.slack.channel import SlackChannel
from adapters.slack.client import RefusedCallError, SlackClient
from adapters.slack.experts import why
from adapters.slack.inbound import command_id, command_message, command_name, plain_text
from adapters.slack.modals import offers_settings
from adapters.slack.pace import Pace, patiently
from adapters.slack.payload import Command
from adapters.slack.people import People
from adapters.slack.place import Place
from adapters.slack.presses import Presses
from adapters.slack.render import asked, told
from bot.messages import Actor, IncomingMessage
from config.texts import text
from rag.errors import AdvisorError, DeliveryError, MemoryStoreError

TURN_SECONDS, ROOT_SECONDS, FORM_SECONDS, LOOK_SECONDS = 1.05, 1.3, 1.8, 1.0
"""To wait for the channel's turn, to show the question, to open a form, to learn whose direct message it is: Slack waits three
seconds for the whole."""


class Commands:
    """Answers slash commands with what Slack shows at once; the rest is the worker's."""

    def __init__(
        self,
        client: SlackClient,
        channel: SlackChannel,
        pace: Pace,
        people: People,
        submit: Submit,
        known: Known,
        presses: Presses | None = None,
    ) -> None:
        """`presses` opens the form of a channel's settings; without it there is none."""
        self._presses = presses
        self._client, self._channel, self._pace, self._people = client, channel, pace, people
        self._submit, self._known = submit, known
        self._others: Bounded[str, bool] = Bounded()
        self._taken: Bounded[tuple[str, str], asyncio.Task[BoltResponse]] = Bounded()

    async def take(self, command: Command) -> BoltResponse:
        """200 once stored. MemoryStoreError: nothing was. A command that comes again meets the first one's outcome."""
        key = (command.team_id, command_id(command))
        task = self._taken.get(key)
        if task is None or (task.done() and (task.cancelled() or task.exception() is not None)):
            self._taken[key] = task = asyncio.create_task(self._take(command))
        return await asyncio.shield(task)  # Slack hanging up must not leave a question without an answer

    async def _take(self, command: Command) -> BoltResponse:
        name = command_name(command)
        in_channel = not command.channel_id.startswith("D")
        if name == "settings" or (name in {"site", "language"} and in_channel):
            return await self._settings(command)
        if name == "help":
            language = await self._people.language(command.user_id, command.text)
            row = offers_settings(language) if in_channel and self._presses else None
            return _shown(text(language, "slack.help", command=_question(command)), row)
        if name in {"site", "language", "sources", "forget", "forget_me"}:
            await self._aside(command)
            return BoltResponse(status=200, body="")
        if in_channel and command.response_url:
            return await self._alone(command)
        await self._known(command_message(command, Place(command.channel_id), received_at=0).key)
        asking = asyncio.create_task(self._people.locale(command.user_id))  # beside the root: Slack waits three seconds in all
        place = await self._root(command)
        locale, language = await asking, await self._people.language(command.user_id, plain_text(command.text))
        if place is None:
            return _shown(text(language, "slack.cannot_write"))
        await self._store(replace(command_message(command, place, received_at=time.time()), locale=locale), place)
        if place.hook:
            return _shown(text(language, "slack.only_you_here"))
        return BoltResponse(status=200, body="")

    async def _alone(self, command: Command) -> BoltResponse:
        """Answered to the asker alone, in a conversation of their own in the channel; what helps others they share."""
        await self._aside(command)
        return _shown(text(await self._people.language(command.user_id, plain_text(command.text)), "slack.only_you"))

    async def _aside(self, command: Command) -> None:
        """Stored, to be answered where the asker alone reads: a direct message may be one of two other people's, and what is set
        or forgotten there is of what the asker asks there.
        """
        channel = command.channel_id
        asker = "" if channel.startswith("D") and not await self._of_others(channel) else command.user_id
        place = Place(command.channel_id, hook=command.response_url, asker=asker)
        locale = await self._people.locale(command.user_id)
        await self._submit(replace(command_message(command, place, received_at=time.time()), locale=locale))

    async def _of_others(self, channel: str) -> bool:
        """Whether a direct message is none of the adviser's, as far as Slack tells soon."""
        if channel not in self._others:
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._client.marks(channel, "", f"{time.time():.6f}")
                self._others[channel] = False
            except (DeliveryError, TimeoutError) as error:
                if not isinstance(error, RefusedCallError) or error.code != "channel_not_found":
                    return False
                self._others[channel] = True
        return self._others[channel]

    async def _settings(self, command: Command) -> BoltResponse:
        """The form of the channel's settings, for who manages the channel; others are told so."""
        language = await self._people.language(command.user_id)
        if self._presses is None or command.channel_id.startswith("D"):
            return _shown(text(language, "slack.settings_in_channel"))
        actor = Actor("slack", command.team_id, command.user_id, command.channel_id, command.channel_id)
        try:
            async with asyncio.timeout(FORM_SECONDS):
                await self._presses.open_settings(command.trigger_id, actor, language)
        except (TimeoutError, AdvisorError) as error:
            return _shown(why(error, language))
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
            alone = Place(channel, hook=command.response_url, asker=command.user_id)
            return alone if command.response_url else None
        return Place(channel, "" if channel.startswith("D") else ts, said=ts)

    async def _store(self, message: IncomingMessage, place: Place) -> None:
        try:
            await self._submit(message)
        except MemoryStoreError:
            if place.said:
                self._channel.later(patiently(lambda: self._client.remove(place.channel, place.said)))
            raise


def _question(command: Command) -> str:
    """The command that asks a question: what was used, unless that was another one."""
    return command.command if command_name(command.model_copy(update={"text": "?!"})) == "ask" else "/ask"


def _shown(said: str, row: dict[str, Any] | None = None) -> BoltResponse:
    """What the asker alone sees at once, with a row of buttons beneath."""
    message = told(said)
    blocks = {"blocks": [*message.blocks, row]} if row else {}
    return BoltResponse(status=200, body={"response_type": "ephemeral", "text": message.text, **blocks})
