"""Slack as the worker sees it: shows that work goes on, posts replies, each once, with their pictures, and fetches files.

A process remembers what it posted. For another that takes a message over after a crash it is noted (standing.py). Between post
and note it finds out from Slack: the eyes that stand on a message from the start of the work until a second after its reply
tell that someone began before, and only then is the thread read, once, for the mark that every message of ours carries. Threads
with the assistant take no eyes: there a message that comes late is looked up. What this misses is a reply posted within moments
of a crash that eyes could not mark.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from adapters.slack.bounded import Bounded
from adapters.slack.client import RefusedCallError, SlackClient, UnsureError
from adapters.slack.growing import Allowance, Growing, grows
from adapters.slack.kept import Remembered, Shown, Spot
from adapters.slack.pace import Pace, patiently
from adapters.slack.pictures import Drawn, PicturesBelow
from adapters.slack.place import Place
from adapters.slack.render import SlackMessage, render, told
from adapters.slack.standing import Standing
from bot.messages import IncomingMessage, Progress, Reply, SentFile
from config.texts import text
from rag.errors import AdvisorError, DeliveryError, InputError
from rag.ingest.language import detect
from rag.models import Language

log = logging.getLogger(__name__)
LATE_SECONDS = 5.0
"""A message taken so long after it came may have been taken before: leases last six seconds."""
EYES = "eyes"
MINUTE_WAITS = 80
"""Of people told that they wait: chat.postEphemeral allows about 100 a minute (tier 4, seen 2026)."""
HOOK_USES = 5
"""Of one response_url, within half an hour (interactivity page, seen 2025)."""
Key = tuple[str, str]


class SlackChannel:
    """bot.ports.Channel over a client."""

    platform = "slack"

    def __init__(
        self,
        client: SlackClient,
        pace: Pace,
        remembered: Remembered,
        *,
        language: Language,
        settle_seconds: float = 1.0,
        pictures: Drawn | None = None,
    ) -> None:
        """`language`: where a question tells none. `settle_seconds`: how long the eyes stay after the reply, so that the worker
        has recorded that it was posted before they go. `pictures` draws what belongs to an answer; without it none is shown.
        """
        self._remembered, self._pictures = remembered, PicturesBelow(client, pace, remembered, pictures)
        self._client, self._pace, self._language, self._settle_seconds = client, pace, language, settle_seconds
        self._growing, self._standing = Growing(client, pace, language), Standing(client, remembered)
        self._waits = Allowance(lambda: MINUTE_WAITS, time.monotonic)
        self._shown: Bounded[Key, str] = Bounded()
        self._posted: Bounded[Key, tuple[Spot, ...]] = Bounded()
        self._unsure: Bounded[Key, bool] = Bounded()
        self._tasks: set[asyncio.Task[None]] = set()

    async def progress(self, message: IncomingMessage, progress: Progress) -> None:
        """Eyes on the message, or the assistant's status; then the text so far. A failure to show it is not one of the reply."""
        place, key = Place.from_mapping(message.reply_to), _key(message)
        if message.command == "retract":
            return
        if progress.stage == "queued":
            await self._queued(message, place)
            return
        before = self._shown.get(key)
        self._shown[key] = progress.stage
        if before is None and 0 < message.received_at < time.time() - LATE_SECONDS:
            self._unsure[key] = True
        try:
            if place.assistant and before != progress.stage and not self._growing.of(key):
                # a status that is set while a stream runs hides it (slackapi/bolt-js issue 2696)
                status = text(detect(message.text, self._language), f"slack.status_{progress.stage}")
                await self._client.status(place.channel, place.thread, status)
            elif before is None and place.said and not place.assistant:
                self._unsure[key] = not await self._client.react(place.channel, place.said, EYES)
            if progress.text and grows(message, place):
                await self._growing.show(key, message, place, progress.text)
        except UnsureError as error:
            self._unsure[key] = True  # perhaps a text stands there that the reply must take over
            log.info("progress not shown: %s", error)
        except DeliveryError as error:
            log.info("progress not shown: %s", error)
        except asyncio.CancelledError:
            self._unsure[key] = True
            raise

    async def post(self, message: IncomingMessage, reply: Reply) -> None:
        """Post the reply, in several messages if it is long. After a DeliveryError the next call goes on where this one ended.

        What answers a correction takes the place of what answered before; a deleted message takes its answer with it.
        """
        place, key = _place(message), _key(message)
        said = [] if message.command == "retract" else _said(message, reply)
        cut = told(text(reply.answer.language, "slack.cut"))
        if place.hook and not place.asker and len(said) > HOOK_USES:
            said = [*said[: HOOK_USES - 1], cut]
        if message.replaces:
            await self._pictures.settled(message)
        before = await self._standing.before(message, place)
        stands, draft = self._posted.get(key, ()), self._growing.of(key)
        look = self._unsure.get(key, False) and not place.hook
        found, drafts = await self._standing.posted(message, place, look=look)
        if found.posts and found.whole:
            said = said[: len(stands)]
        self._posted[key] = stands = max(stands, found.posts, key=len)
        begun = tuple(one for one in drafts if one[1] != draft)
        done, earlier = len(stands), deque(one for one in before.posts + begun if one[1] and one not in stands)
        self._unsure.pop(key, None)
        await self._growing.close(key, place)
        if draft and not done:
            earlier.appendleft((place.channel, draft))
        for index in range(done, len(said)):
            mark = {"message": message.id, "said": message.said, "part": index + 1, "parts": len(said)}
            try:
                stands = (*stands, await self._send(place, said[index], mark, earlier, cut))
            except (UnsureError, asyncio.CancelledError):
                self._unsure[key] = True
                raise
            self._posted[key] = stands
            await self._standing.note(message, Shown(message.id, stands, len(said), tuple(earlier), before.files))
        self._growing.forget(key)
        for one in earlier:
            self._remove(one)
        for picture in before.files:
            self._unshow(picture)
        computed = any(one.kind == "calculation" for one in reply.answer.citations)
        if computed and done < len(said) and not (place.hook or message.replaces):
            self.later(self._pictures.show(message, place, reply.exchange))
        if place.said and not place.assistant:
            self.later(self._close_eyes(place))

    async def file(self, message: IncomingMessage, sent: SentFile) -> bytes:
        """The file's bytes; InputError if it is too large or cannot be had, DeliveryError if it cannot be had now."""
        data, kind = await self._client.file(sent.address)
        if kind == "text/html" and sent.media_type != kind:
            raise InputError("Slack shows a sign-in page in its place")  # the app lacks files:read
        return data

    async def stop(self) -> None:
        """Finish what goes on in the background, for at most two seconds. Safe to call twice."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=2.0)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something in the background that may fail without harm."""
        task = asyncio.create_task(_harmless(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _queued(self, message: IncomingMessage, place: Place) -> None:
        """To the asker alone that others come before them: as the assistant's status, or in words that only they see."""
        language = detect(message.text, self._language)
        try:
            if place.assistant:
                await self._client.status(place.channel, place.thread, text(language, "slack.status_queued"))
            elif not place.hook and self._waits.take():
                said = told(text(language, "slack.queued"))
                await self._client.whisper(place.channel, message.user, said, thread=place.thread)
        except DeliveryError as error:
            log.info("not told that it waits: %s", error)

    async def _send(
        self, place: Place, said: SlackMessage, mark: dict[str, Any], earlier: deque[Spot], cut: SlackMessage
    ) -> Spot:
        """Where it stands; it has no ts where one person alone sees it."""
        if place.hook:
            if place.asker and mark["parts"] > HOOK_USES and mark["part"] >= HOOK_USES:
                await self._tell_more(place, said, cut if mark["part"] == HOOK_USES else None)
            else:
                await self._tell(place, said)
            return place.channel, ""
        await self._pace.wait(place.channel)
        try:
            if earlier:
                spot = earlier.popleft()
                if await self._put(spot, said, mark):
                    return spot
                self._remove(spot)
            return await self._client.place(place.channel, said, thread=place.thread, mark=mark)
        except RefusedCallError as error:
            if error.retry_after:
                self._pace.hold(place.channel, error.retry_after)
            raise

    async def _tell(self, place: Place, said: SlackMessage) -> None:
        """To the asker alone. A response_url that has expired or was used up is no loss where the adviser may speak by itself."""
        try:
            await self._client.respond(place.hook, said)
        except RefusedCallError as error:
            if error.retryable or not place.asker:
                raise
            log.info("response_url refused (%s)", error)
            await self._client.whisper(place.channel, place.asker, said)

    async def _tell_more(self, place: Place, said: SlackMessage, cut: SlackMessage | None) -> None:
        """What is more than a response_url takes; where the adviser may not speak by itself, that there is more."""
        try:
            await self._client.whisper(place.channel, place.asker, said)
        except RefusedCallError as error:
            if error.retryable:
                raise
            log.info("not told further (%s)", error)
            if cut:
                await self._client.respond(place.hook, cut)

    async def _put(self, spot: Spot, said: SlackMessage, mark: dict[str, Any]) -> bool:
        """Over an earlier message of ours; False if it cannot be changed any more."""
        try:
            await self._client.update(*spot, said, mark=mark)
        except RefusedCallError as error:
            if error.retryable:
                raise
            log.info("an earlier message cannot be changed: %s", error)
            return False
        return True

    async def _close_eyes(self, place: Place) -> None:
        await asyncio.sleep(self._settle_seconds)
        await patiently(lambda: self._client.unreact(place.channel, place.said, EYES))

    def _remove(self, spot: Spot) -> None:
        self.later(patiently(lambda: self._client.remove(*spot)))

    def _unshow(self, picture: str) -> None:
        self.later(patiently(lambda: self._client.unshow(picture)))


async def _harmless(work: Coroutine[Any, Any, None]) -> None:
    with suppress(asyncio.CancelledError):
        try:
            await work
        except AdvisorError as error:
            log.info("not done: %s", error)


def _place(message: IncomingMessage) -> Place:
    """Where a reply goes. What an expert answers may come days later: for one person alone, to their direct message."""
    place = Place.from_mapping(message.reply_to)
    return Place(place.asker) if message.command == "relay" and place.asker else place


def _said(message: IncomingMessage, reply: Reply) -> list[SlackMessage]:
    """What the asker alone sees they may share."""
    share = message.alone and reply.answer.status == "answered"
    return render(reply.answer, exchange=reply.exchange, expert=reply.expert, share=share, keep=reply.keep, which=reply.which)


def _key(message: IncomingMessage) -> Key:
    return message.tenant, message.id
