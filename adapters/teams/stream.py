"""A reply that grows before the reader's eyes, in personal chats: what is being done, the text so far, then the whole.

Teams takes about one step a second, for two minutes in all, and may end a stream at any step (streaming page, seen 2026-11).
Whatever ends it, the reply then goes out as one plain message; if the reader pressed Stop, as a word that we stopped.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from microsoft_agents.activity import Activity
from microsoft_agents.activity.entity.stream_info import StreamInfo

from adapters.teams.client import ConnectorSender, Ended, RefusedByTeamsError, StreamEndedError, UnsureError
from adapters.teams.envelope import addressed
from adapters.teams.place import Place
from rag.errors import DeliveryError

PACE_SECONDS = 1.0
LIFE_SECONDS = 110.0
"""Of the platform's 120; a later end would be refused."""
_REMEMBERED = 2000


@dataclass(slots=True)
class Stream:
    """One stream: its id once it has one, its steps so far, whether text of the reply was `told`, and why it takes no more."""

    begun: float
    id: str = ""
    steps: int = 0
    last: float = float("-inf")
    text: str = ""
    told: bool = False
    ended: Ended | None = None
    finals: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Streams:
    """The streams under way in this process, by message."""

    def __init__(
        self, sender: ConnectorSender, *, clock: Callable[[], float] = time.monotonic, pace: float = PACE_SECONDS
    ) -> None:
        self._sender, self._clock, self._pace = sender, clock, pace
        self._open: OrderedDict[tuple[str, str], Stream] = OrderedDict()

    async def show(self, key: tuple[str, str], place: Place, text: str, *, informative: bool) -> None:
        """A step, if one is due; best effort. `text` is all that is to be seen so far."""
        stream = self._open.setdefault(key, Stream(self._clock()))
        while len(self._open) > _REMEMBERED:
            self._open.popitem(last=False)
        now = self._clock()
        if stream.ended or text == stream.text or now - stream.last < self._pace or now - stream.begun > LIFE_SECONDS:
            return
        if informative and stream.told:
            return  # what is being done is of no interest to who reads the text already
        kind = "informative" if informative else "streaming"
        async with stream.turn:
            stream.last = now
            step = _step(place, text, kind, stream)
            try:
                given = await self._sender.stream(place, step)
                stream.steps, stream.text, stream.told = stream.steps + 1, text, not informative
                stream.id = stream.id or given
            except StreamEndedError as refused:
                stream.ended = refused.ended
            except RefusedByTeamsError:
                stream.ended = "not_allowed"
            except (UnsureError, asyncio.CancelledError) as error:
                stream.last = self._clock()
                if not stream.id:  # perhaps it began: under a name that is not known it takes no more
                    stream.ended = "not_allowed"
                if isinstance(error, asyncio.CancelledError):
                    raise
            except DeliveryError:
                stream.last = self._clock()

    async def finish(self, key: tuple[str, str], place: Place, activity: Activity) -> tuple[Ended | None, str]:
        """End the message's stream with its whole reply: (None, id) if that was taken. Otherwise why it was not: the reply is
        then to be posted plainly. DeliveryError: to be tried again.
        """
        stream = self._open.get(key)
        if stream is None or not stream.id:
            return (stream.ended if stream and stream.ended == "cancelled" else "not_allowed"), ""
        if stream.ended is None and self._clock() - stream.begun > LIFE_SECONDS:
            stream.ended = "time"
        if stream.ended:
            return stream.ended, ""
        async with stream.turn:
            await asyncio.sleep(max(0.0, self._pace - (self._clock() - stream.last)))
            stream.last = self._clock()
            stream.finals += 1
            try:
                given = await self._sender.stream(place, _final(activity, stream.id))
            except StreamEndedError as refused:
                if refused.ended == "completed" and stream.finals > 1:
                    return None, stream.id  # an earlier try, whose answer was lost, had arrived
                stream.ended = refused.ended
            except RefusedByTeamsError:
                stream.ended = "not_allowed"
            else:
                return None, given or stream.id
        return stream.ended, ""

    def forget(self, key: tuple[str, str]) -> None:
        """The reply was posted."""
        self._open.pop(key, None)


def _step(place: Place, text: str, kind: str, stream: Stream) -> Activity:
    about = StreamInfo(type="streaminfo", stream_type=kind, stream_sequence=stream.steps + 1)
    if stream.id:
        about.stream_id = stream.id
    return addressed(Activity(type="typing", text=text, text_format="markdown", entities=[about]), place, reply=False)


def _final(activity: Activity, stream_id: str) -> Activity:
    """The same activity as the end of a stream: it has no sequence number."""
    about = StreamInfo(type="streaminfo", stream_type="final", stream_id=stream_id)
    return activity.model_copy(update={"entities": [*(activity.entities or []), about]})
