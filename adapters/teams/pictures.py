"""The pictures of an answer in Teams: each in a message of its own beneath it, whose text is the words for who does not see it.

The bytes travel in the message, as a data URI: the form in which Teams takes a picture without an address that anyone can open,
in personal chats, group chats and channels alike (inline images page of the Teams SDK, seen 2026-11).
"""

from __future__ import annotations

import asyncio
import base64
import io
import logging
from collections.abc import Awaitable, Callable, Sequence

from microsoft_agents.activity import Activity, Attachment
from PIL import Image

from adapters.teams.client import ConnectorSender, RefusedByTeamsError
from adapters.teams.envelope import addressed
from adapters.teams.kept import Remembered
from adapters.teams.markup import plain
from adapters.teams.place import Place
from adapters.teams.render import MESSAGE_BYTES, wire_bytes
from bot.messages import Actor, IncomingMessage, Reply
from config import texts
from rag.errors import AdvisorError
from rag.models import Picture
from rag.pictured import wanted

log = logging.getLogger(__name__)

PICTURE_BYTES = 80 * 1024
"""Of a picture's message, counted like any other. Teams' pages advise 80 KB of its 100 and do not count base64 pictures
(formatting page, seen 2026-11); we count them. What is refused is drawn once more, to fit MESSAGE_BYTES."""
SETTLE_SECONDS = 3.0
"""How long a correction waits for the pictures of what it corrects, so as to take them away too."""
_LOOKS = ((1024, 256), (640, 64), (480, 64), (360, 32))
"""The longer side in dots (Teams draws 1,024 at most) and colours: the first that fits is taken."""

Drawn = Callable[[Actor, str], Awaitable[Sequence[Picture]]]
"""The pictures of an exchange, for who asks: bot.ports.Desk.pictures."""
_Key = tuple[str, str, str]


class PicturesBelow:
    """Posts them in the background, once: the answer says all that they show."""

    def __init__(self, sender: ConnectorSender, remembered: Remembered, drawn: Drawn | None) -> None:
        self._sender, self._remembered, self._drawn = sender, remembered, drawn
        self._tasks: dict[asyncio.Task[None], _Key] = {}

    def later(self, message: IncomingMessage, reply: Reply, posted: tuple[str, ...]) -> None:
        """Begin to show what belongs to a reply that was `posted` in these messages, unless it took the place of another."""
        if self._drawn and reply.exchange and not message.replaces and wanted(reply.answer):
            key = (message.tenant, message.conversation, message.said)
            task = asyncio.create_task(self._harmless(self._show(self._drawn, message, reply, posted)))
            self._tasks[task] = key
            task.add_done_callback(self._tasks.pop)

    async def settled(self, message: IncomingMessage) -> None:
        """Nothing more is shown beneath the answer to what a message replaces."""
        key = (message.tenant, message.conversation, message.replaces)
        if tasks := [task for task, of in self._tasks.items() if of == key]:
            await _ended(tasks, SETTLE_SECONDS)

    async def stop(self) -> None:
        """Finish what goes on, for at most two seconds. Safe to call twice."""
        if self._tasks:
            await _ended([*self._tasks], 2.0)

    async def _show(self, drawn: Drawn, message: IncomingMessage, reply: Reply, posted: tuple[str, ...]) -> None:
        place = Place.from_mapping(message.reply_to)
        for one in await drawn(message.actor, reply.exchange):
            if given := await self._post(one, place, reply.answer.language):
                posted = (*posted, given)
                # A correction or withdrawal of the question then takes the picture away with the answer.
                await self._remembered.note_reply(message.tenant, message.conversation, message.said, posted, reply.exchange)

    async def _post(self, picture: Picture, place: Place, language: str) -> str:
        """The id of the picture's message; "" if it was not shown."""
        for limit in (PICTURE_BYTES, MESSAGE_BYTES):
            activity = await asyncio.to_thread(shown, picture, place, language, limit)
            if activity is None:
                break
            try:
                return await self._sender.send(place, activity)
            except RefusedByTeamsError as refused:
                log.info("a picture was not taken: %s", refused)
        return ""

    async def _harmless(self, work: Awaitable[None]) -> None:
        try:
            await work
        except AdvisorError as error:
            log.info("pictures not shown: %s", type(error).__name__)


def shown(picture: Picture, place: Place, language: str, limit: int) -> Activity | None:
    """The message that shows a picture, as large as its JSON may be; None if nothing fits. To be called in a thread."""
    said = plain(picture.alt, removed=texts.text(language, "teams.link_removed"))
    with Image.open(io.BytesIO(picture.png)) as opened:
        whole = opened.convert("RGB")
    for side, colours in _LOOKS:
        coded = base64.b64encode(_small(whole, side, colours)).decode("ascii")
        made = addressed(Activity(type="message", text=said, text_format="markdown", locale=language), place)
        address = f"data:image/png;base64,{coded}"
        made.attachments = [Attachment(content_type="image/png", content_url=address, name=f"{picture.name}.png")]
        if wire_bytes(made) <= limit:
            return made
    return None


def _small(whole: Image.Image, side: int, colours: int) -> bytes:
    """The picture as a palette PNG, no longer than `side`."""
    sized, out = whole.copy(), io.BytesIO()
    sized.thumbnail((side, side), Image.Resampling.LANCZOS)
    # The octree keeps a rare colour, such as a single marker's, where the median cut would merge it with its neighbours.
    palette = sized.quantize(colours, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette.save(out, format="PNG", optimize=True)
    return out.getvalue()


async def _ended(tasks: Sequence[asyncio.Task[None]], seconds: float) -> None:
    """Wait for tasks, and cancel those that go on."""
    _, late = await asyncio.wait(tasks, timeout=seconds)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)
