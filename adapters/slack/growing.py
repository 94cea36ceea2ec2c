"""An answer that grows before its readers' eyes in Slack: a message of ours with the text so far, which the reply takes over.

Its mark has the part 0: a process that takes the message over after a crash finds it by that, and writes the reply into it, so
that nothing half said is left lying. docs/decisions/slack-streaming.md tells why Slack's own streams are not used.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from adapters.slack.bounded import Bounded
from adapters.slack.client import SlackClient
from adapters.slack.pace import Pace
from adapters.slack.place import Place
from adapters.slack.render import so_far
from bot.messages import IncomingMessage
from rag.ingest.language import detect
from rag.models import Language

STEP_SECONDS = 1.5
"""Between two texts of one answer: slower is dull, faster is more than people read."""
MINUTE_STEPS = 40
"""Changes of messages a minute, all answers together: Slack's tier 3 allows about 50 (rate limits page, seen 2025), and the
replies themselves, their corrections among them, must never wait for steps."""
Key = tuple[str, str]


@dataclass(slots=True)
class _Draft:
    ts: str
    last: float
    text: str


class Growing:
    """The drafts of this process, by message."""

    def __init__(self, client: SlackClient, pace: Pace, language: Language, clock: Callable[[], float] = time.monotonic) -> None:
        """`language`: where a question tells none."""
        self._client, self._pace, self._language, self._clock = client, pace, language, clock
        self._drafts: Bounded[Key, _Draft] = Bounded()
        self._steps: list[float] = []

    async def show(self, key: Key, message: IncomingMessage, place: Place, text: str) -> None:
        """A step, if one is due. Errors as the client's: what fails here is made good by the reply."""
        now, draft = self._clock(), self._drafts.get(key)
        self._steps = [one for one in self._steps if now - one < 60]
        if draft and (now - draft.last < STEP_SECONDS or draft.text == text or len(self._steps) >= MINUTE_STEPS):
            return
        said = so_far(text, detect(message.text, self._language))
        mark = {"message": message.id, "said": message.said, "part": 0}
        if draft is None:
            await self._pace.wait(place.channel, patience=0.0)
            ts = await self._client.post(place.channel, said, thread=place.thread, mark=mark)
            self._drafts[key] = _Draft(ts, self._clock(), text)
            return
        draft.last, draft.text = now, text
        self._steps.append(now)
        await self._client.update(place.channel, draft.ts, said, mark=mark)

    def of(self, key: Key) -> str:
        """The draft's ts, for the reply to take its place; "" if there is none."""
        draft = self._drafts.get(key)
        return draft.ts if draft else ""

    def forget(self, key: Key) -> None:
        """The reply stands in its place."""
        self._drafts.pop(key, None)


def grows(message: IncomingMessage, place: Place) -> bool:
    """Whether a message's answer is shown while it is written: not where one person alone sees it, nor over an earlier answer."""
    return not (place.hook or message.alone or message.replaces or message.command in {"retract", "share", "relay"})
