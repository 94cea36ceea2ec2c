"""Teams as the worker sees it: shows that work goes on, posts replies with their pictures, corrects and
withdraws them, fetches files.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import replace
from typing import TypeVar

from microsoft_agents.activity import Activity

from adapters.teams.client import ConnectorSender, RefusedByTeamsError
from adapters.teams.envelope import addressed
from adapters.teams.files import FileFetcher
from adapters.teams.inbound import language_of
from adapters.teams.kept import Remembered
from adapters.teams.pictures import Drawn, PicturesBelow
from adapters.teams.place import Place
from adapters.teams.render import render, so_far, typing
from adapters.teams.stream import Streams
from bot.messages import Actor, IncomingMessage, Progress, Reply, SentFile
from config import texts
from rag.errors import AdvisorError, DeliveryError, MemoryStoreError
from rag.ingest.language import detect
from rag.models import Language

log = logging.getLogger(__name__)

TYPING_SECONDS = 3.0
"""Between signs of typing in a conversation: the client shows each for a few seconds."""
PROMPTS_SECONDS = 5.0
_REMEMBERED = 2000
_UNNAMED = "?"
"""In place of the id of a message that was taken without one."""
T = TypeVar("T")
Prompts = Callable[[Actor], Awaitable[tuple[str, ...]]]
"""Questions to begin with, for who asks where: bot.ports.Desk.prompts."""


class TeamsChannel:
    """bot.ports.Channel and BringsFiles over a sender."""

    platform = "teams"

    def __init__(
        self,
        sender: ConnectorSender,
        remembered: Remembered,
        fetcher: FileFetcher,
        *,
        streams: Streams | None = None,
        prompts: Prompts | None = None,
        pictures: Drawn | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sender, self._remembered, self._fetcher = sender, remembered, fetcher
        self._streams = streams or Streams(sender)
        self._prompts = prompts
        self._pictures = PicturesBelow(sender, remembered, pictures)
        self._clock = clock
        self._typed: OrderedDict[Hashable, float] = OrderedDict()
        self._posted: OrderedDict[Hashable, tuple[str, ...]] = OrderedDict()

    async def progress(self, message: IncomingMessage, progress: Progress) -> None:
        """Show that a reply is being prepared: as a stream where nobody else reads, by the sign of typing elsewhere.

        A failure to show it is not one of the reply.
        """
        place = Place.from_mapping(message.reply_to)
        if progress.stage == "queued":
            await self._queued(message, place)
            return
        if place.direct and not message.replaces:
            text = so_far(progress.text, place)
            doing = texts.text(_language(message), f"teams.doing_{progress.stage}")
            await self._streams.show(_key(message), place, text or doing, informative=not text)
            return
        now = self._clock()
        if now - self._typed.get(message.key, float("-inf")) < TYPING_SECONDS:
            return
        _keep(self._typed, message.key, now)
        try:
            await self._sender.send(place, typing(place))
        except DeliveryError:
            return

    async def post(self, message: IncomingMessage, reply: Reply) -> None:
        """Post the reply, in several messages if it is long. After a DeliveryError the next call goes on where this one ended.

        What answers a correction takes the place of what answered before; a withdrawn message takes its answer with it.
        """
        place = Place.from_mapping(message.reply_to)
        reply = await self._with_prompts(message, place, reply)
        shown = {"exchange": reply.exchange, "expert": reply.expert, "keep": reply.keep}
        activities = render(reply.answer, place, which=reply.which, **shown)
        earlier = await self._earlier(message)
        if message.command == "retract":
            if not earlier:
                return
            activities = activities[:1]
        key = _key(message)
        done = ids = await self._before(message)
        for index, activity in enumerate(activities):
            if index >= len(ids) and "" not in ids:
                before = earlier[index] if index < len(earlier) else ""
                given = await self._put(message, place, activity, before, first=index == 0)
                ids = (*ids, given)
                await self._note_posted(message, ids)
        for left in earlier[len(ids) :]:
            await self._take_back(place, left)
        self._streams.forget(key)
        named = tuple(one for one in ids if one not in {"", _UNNAMED})
        await self._note(message, named, reply.exchange)
        await self._wait_no_more(message, place)
        if len(done) < len(activities) == len(ids) and "" not in ids:
            self._pictures.later(message, reply, named)

    async def stop(self) -> None:
        """Finish what goes on in the background. Safe to call twice."""
        await self._pictures.stop()

    async def file(self, message: IncomingMessage, sent: SentFile) -> bytes:
        """The file's bytes; InputError if it is too large or gone, DeliveryError if it cannot be had now."""
        return await self._fetcher.fetch(sent)

    async def _queued(self, message: IncomingMessage, place: Place) -> None:
        """A message that others come first, which goes when the reply has come."""
        language = _language(message)
        waits = addressed(Activity(type="message", text=texts.text(language, "teams.queued"), locale=language), place)
        try:
            given = await self._sender.send(place, waits)
            await self._remembered.note_waits(message.tenant, message.id, given)
        except (DeliveryError, MemoryStoreError) as error:
            log.info("not told that it waits, or not noted: %s", error)

    async def _wait_no_more(self, message: IncomingMessage, place: Place) -> None:
        try:
            if waits := await self._remembered.waits(message.tenant, message.id):
                await self._take_back(place, waits)
                await self._remembered.note_waits(message.tenant, message.id, "")
        except MemoryStoreError:
            log.info("whether it was told that it waits is not known now")

    async def _with_prompts(self, message: IncomingMessage, place: Place, reply: Reply) -> Reply:
        """Help, where one reads alone, ends in questions to begin with; without them if they cannot be had now."""
        answer = reply.answer
        if not (self._prompts and place.direct and answer.text == texts.text(answer.language, "help.text")):
            return reply
        try:
            async with asyncio.timeout(PROMPTS_SECONDS):
                asked = await self._prompts(replace(message.actor, locale=answer.language))
        except (TimeoutError, AdvisorError) as error:
            log.info("help without questions error=%s", type(error).__name__)
            return reply
        return replace(reply, answer=replace(answer, follow_ups=(*answer.follow_ups, *asked)))

    async def _put(self, message: IncomingMessage, place: Place, activity: Activity, before: str, *, first: bool) -> str:
        """Post one activity: over an earlier one, as the end of the stream, or anew. Its id; "" if the reader wants no more."""
        if before:
            try:
                await self._sender.update(place, before, activity)
            except RefusedByTeamsError:
                log.info("an earlier message cannot be changed; posting anew")
            else:
                return before
        if first and place.direct:
            ended, given = await self._streams.finish(_key(message), place, activity)
            if ended is None:
                return given
            if ended == "cancelled":
                await self._sender.send(place, _stopped(message, place))
                return ""
        return await self._sender.send(place, activity) or _UNNAMED

    async def _take_back(self, place: Place, activity_id: str) -> None:
        try:
            await self._sender.delete(place, activity_id)
        except RefusedByTeamsError:
            log.info("an earlier message cannot be taken back")

    async def _earlier(self, message: IncomingMessage) -> tuple[str, ...]:
        """Our messages that answered what this one replaces; none if that cannot be known now."""
        if not message.replaces:
            return ()
        await self._pictures.settled(message)
        try:
            return await self._remembered.replies(message.tenant, message.conversation, message.replaces)
        except MemoryStoreError:
            log.warning("what was answered earlier is not known now")
            return ()

    async def _before(self, message: IncomingMessage) -> tuple[str, ...]:
        """What this or another process has posted of the reply already."""
        here = self._posted.get(_key(message), ())
        try:
            return max(here, await self._remembered.posted(message.tenant, message.id), key=len)
        except MemoryStoreError:
            return here

    async def _note_posted(self, message: IncomingMessage, ids: tuple[str, ...]) -> None:
        _keep(self._posted, _key(message), ids)
        try:
            await self._remembered.note_posted(message.tenant, message.id, ids)
        except MemoryStoreError:
            log.warning("what is posted is known to this process alone")

    async def _note(self, message: IncomingMessage, ids: tuple[str, ...], exchange: str) -> None:
        try:
            await self._remembered.note_reply(message.tenant, message.conversation, message.said, ids, exchange)
        except MemoryStoreError:
            log.warning("a reply was posted but not noted: it cannot be judged or corrected")


def _key(message: IncomingMessage) -> tuple[str, str]:
    return message.tenant, message.id


def _language(message: IncomingMessage) -> Language:
    """In which it is told what becomes of a question: that of its words, else of the client."""
    return detect(message.text, language_of(message.locale))


def _stopped(message: IncomingMessage, place: Place) -> Activity:
    """What is said in place of a reply that the reader stopped."""
    language = _language(message)
    return addressed(Activity(type="message", text=texts.text(language, "teams.stopped"), locale=language), place)


def _keep(kept: OrderedDict[Hashable, T], key: Hashable, value: T) -> None:
    """Remember in bounded memory; the oldest goes first."""
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > _REMEMBERED:
        kept.popitem(last=False)
