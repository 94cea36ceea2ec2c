"""What people press about experts in Slack: a question is put to one, and what they answered is kept, or given its question."""

from __future__ import annotations

import asyncio
import logging
import re

from adapters.slack.client import SlackClient
from adapters.slack.kept import Remembered, Shown
from adapters.slack.markup import escape
from adapters.slack.once import Once
from adapters.slack.place import Place
from adapters.slack.render import mentions, told
from bot.messages import Actor, IncomingMessage
from bot.ports import Desk, Handover
from config import texts
from rag.errors import AdvisorError, DeliveryError, DependencyError, InputError
from rag.models import Language

log = logging.getLogger(__name__)
KEEP_SECONDS = 30.0
_SPACE = 1500
_NO_ID = re.compile("[^A-Z0-9]")


class ExpertPresses:
    """Asks the desk, which checks who may do what."""

    def __init__(self, desk: Desk, client: SlackClient, once: Once, remembered: Remembered) -> None:
        self._desk, self._client, self._once, self._remembered = desk, client, once, remembered

    async def hand_over(self, actor: Actor, exchange: str, thread: str, channel: str) -> None:
        """The question, put to the expert: by a mention in the thread, the only one that we ever make; if the asker alone read
        it, in the expert's own direct message. Who pressed is told, also that it was asked before.
        """
        handover = await self._desk.hand_over(actor, exchange)
        if handover.new:
            try:
                await self._put(actor, exchange, handover, thread)
            except DeliveryError:
                await self._desk.expert_not_asked(exchange)
                raise
        key = "slack.expert_done" if handover.new else "slack.expert_before"
        said = told(texts.text(handover.language, key, name=handover.name))
        if not handover.new or (handover.alone and not actor.direct):
            await self._client.whisper(channel, actor.user, said, thread=thread)
        elif handover.alone:
            await self._client.post(actor.conversation.partition(":")[0], said, thread=thread)

    async def _put(self, actor: Actor, exchange: str, handover: Handover, thread: str) -> None:
        expert, alone = _NO_ID.sub("", handover.expert), handover.alone
        question = escape(" ".join(handover.question.split())[:_SPACE])
        key = "slack.expert_asked_alone" if alone else "slack.expert_asked"
        said = mentions(texts.text(handover.language, key, expert=expert, question=question))
        where, beneath = (expert, "") if alone else (actor.channel, thread)
        spot = await self._once.place(f"expert/{exchange}/{expert}", where, said, beneath)
        place = Place(spot[0], "" if alone else thread)
        name = f"asked-{exchange}"
        card = IncomingMessage(
            id=f"un{name}", platform="slack", tenant=actor.tenant, conversation=place.conversation, user=expert, text="",
            command="retract", channel="" if alone else actor.channel, direct=alone, reply_to=place.to_mapping(), replaces=name,
        )  # fmt: skip
        await self._remembered.note(actor.tenant, place.conversation, name, Shown(posts=(spot,)))
        await self._desk.expert_asked(exchange, card, Place(*spot).conversation if alone else "")

    async def keep(self, actor: Actor, exchange: str, thread: str, channel: str, language: Language) -> None:
        """The expert's answer becomes a document, which takes longer than Slack waits for the answer to a press; then who pressed
        is told, or why not.
        """
        try:
            async with asyncio.timeout(KEEP_SECONDS):
                await self._desk.keep(actor, exchange)
            said = texts.text(language, "expert.kept")
        except (TimeoutError, AdvisorError) as error:
            log.info("answer not kept error=%s", type(error).__name__)
            said = why(error, language)
        await self._client.whisper(channel, actor.user, told(said), thread=thread)

    async def choose(self, actor: Actor, exchange: str) -> None:
        """What the expert said last answers this question; the reply to it tells so."""
        await self._desk.choose(actor, exchange)


def why(error: Exception, language: Language) -> str:
    """What is told to who pressed or asked for what cannot be done."""
    if not isinstance(error, AdvisorError):
        return texts.text(language, DependencyError.text_key)
    key = "slack.not_understood" if error.text_key == InputError.text_key else error.text_key
    return texts.text(language, key)
