"""What people press about experts in Teams: a question is put to one, and what they answered is kept, or given its question."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from microsoft_agents.activity import Activity as Outgoing
from microsoft_agents.activity import Attachment

from adapters.teams import dialogs
from adapters.teams.cards import CARD_TYPE
from adapters.teams.client import ConnectorSender, RefusedByTeamsError
from adapters.teams.envelope import addressed
from adapters.teams.inbound import Activity, place_of
from adapters.teams.kept import Remembered
from adapters.teams.place import Place
from bot.messages import Actor, IncomingMessage
from bot.ports import Desk, Handover
from config import texts
from rag.errors import AdvisorError, DeliveryError, DependencyError, InputError

log = logging.getLogger(__name__)
KEEP_SECONDS, SOON_SECONDS = 30.0, 3.0
"""How long keeping may take, and how much of it the answer to a press waits for."""


class ExpertPresses:
    """Asks the desk, which checks who may do what. What they return is told to who pressed."""

    def __init__(self, desk: Desk, sender: ConnectorSender, remembered: Remembered, tenant: str) -> None:
        self._desk, self._sender, self._remembered, self._tenant = desk, sender, remembered, tenant
        self._keeping: set[asyncio.Task[Any]] = set()

    async def do(self, verb: str, activity: Activity, actor: Actor, exchange: str, language: str) -> str:
        """What a button asks for. InputError if it is none of ours."""
        match verb:
            case "expert":
                return await self._hand_over(activity, actor, exchange, language)
            case "keep":
                return await self._keep(activity, actor, exchange, language)
            case "which":
                await self._desk.choose(actor, exchange)
                return texts.text(language, "expert.chosen")
        raise InputError("not one of our buttons")

    async def stop(self) -> None:
        """Wait a moment for what is being kept. Safe to call twice."""
        if self._keeping:
            await asyncio.wait(self._keeping, timeout=2.0)

    async def _keep(self, activity: Activity, actor: Actor, exchange: str, language: str) -> str:
        """The expert's answer becomes a document. That may take longer than Teams waits: then they are told when it is done."""
        task = asyncio.create_task(self._kept(actor, exchange, language))
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)
        done, _ = await asyncio.wait([task], timeout=SOON_SECONDS)
        if done:
            return task.result()
        telling = asyncio.create_task(self._tell(task, replace(place_of(activity, tenant=self._tenant), activity=""), language))
        self._keeping.add(telling)
        telling.add_done_callback(self._keeping.discard)
        return texts.text(language, "expert.keeping")

    async def _kept(self, actor: Actor, exchange: str, language: str) -> str:
        try:
            async with asyncio.timeout(KEEP_SECONDS):
                await self._desk.keep(actor, exchange)
        except TimeoutError:
            return texts.text(language, DependencyError.text_key)
        except AdvisorError as error:
            log.info("answer not kept error=%s", type(error).__name__)
            return texts.text(language, error.text_key)
        return texts.text(language, "expert.kept")

    async def _tell(self, task: asyncio.Task[str], place: Place, language: str) -> None:
        said = Outgoing(type="message", locale=language, text=await task)
        try:
            await self._sender.send(place, addressed(said, place))
        except AdvisorError as error:
            log.info("not told that it is kept: %s", error)

    async def _hand_over(self, activity: Activity, actor: Actor, exchange: str, language: str) -> str:
        """The question, put to the expert: mentioned where it was asked, or in their own chat if the asker alone read it."""
        handover = await self._desk.hand_over(actor, exchange)
        if not handover.new:
            return texts.text(language, "teams.expert_before", name=handover.name)
        try:
            return await self._put(activity, actor, exchange, handover, language)
        except DeliveryError:
            await self._desk.expert_not_asked(exchange)
            raise

    async def _put(self, activity: Activity, actor: Actor, exchange: str, handover: Handover, language: str) -> str:
        place = replace(place_of(activity, tenant=self._tenant), activity="")
        if handover.alone:
            try:
                chat = await self._sender.open_chat(place, handover.expert)
            except RefusedByTeamsError:
                await self._desk.expert_not_asked(exchange)
                return texts.text(language, "teams.expert_unreached", name=handover.name)
            place = replace(place, conversation=chat, kind="personal", user_id="", user_name="")
        asker = activity.sender.name or "" if activity.sender else ""
        made = dialogs.asks_expert(handover, asker, mention=not handover.alone, group=place.kind == "groupChat")
        attached = [Attachment(content_type=CARD_TYPE, content=made)]
        said = addressed(Outgoing(type="message", locale=handover.language, attachments=attached), place)
        await self._asked(actor, exchange, handover, place, [await self._sender.send(place, said) or ""])
        return texts.text(language, "teams.expert_done", name=handover.name)

    async def _asked(self, actor: Actor, exchange: str, handover: Handover, place: Place, ids: Sequence[str]) -> None:
        name = f"asked-{exchange}"
        await self._remembered.note_reply(actor.tenant, place.conversation, name, tuple(filter(None, ids)), "")
        card = IncomingMessage(
            id=f"un{name}", platform="teams", tenant=actor.tenant, conversation=place.conversation, user=handover.expert, text="",
            command="retract", channel="" if handover.alone else actor.channel, direct=handover.alone,
            reply_to=place.to_mapping(), locale=handover.language, replaces=name,
        )  # fmt: skip
        await self._desk.expert_asked(exchange, card)
