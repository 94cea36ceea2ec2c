"""When someone opens the adviser in Slack: a greeting, questions to begin with, and the Home page."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from adapters.slack import modals
from adapters.slack.client import SlackClient
from adapters.slack.people import People
from adapters.slack.place import Place
from adapters.slack.render import told
from bot.messages import Actor
from bot.ports import Desk
from config.texts import text
from rag.errors import AdvisorError
from rag.models import Language

log = logging.getLogger(__name__)
_TITLE, _PROMPTS = 75, 4
"""Characters that are surely shown of a suggested question, and how many Slack takes (setSuggestedPrompts page, seen 2026)."""


class Meeting:
    """Greets. Without a `desk`, or while it cannot be asked, the questions are those of the texts, and the Home page is left."""

    def __init__(self, client: SlackClient, people: People, desk: Desk | None) -> None:
        self._client, self._people, self._desk = client, people, desk

    async def greeting(self, tenant: str, place: Place, user: str) -> None:
        """Words only where a thread was opened for them; suggested questions there and in the direct message."""
        language = await self._people.language(user)
        if place.thread:
            await self._client.post(place.channel, told(text(language, "slack.greeting")), thread=place.thread)
        asked = await self._prompts(self._actor(tenant, place, user), language)
        prompts = [{"title": one if len(one) <= _TITLE else f"{one[: _TITLE - 1]}…", "message": one} for one in asked]
        await self._client.prompts(place.channel, place.thread, prompts)

    async def home(self, tenant: str, place: Place, user: str) -> None:
        """Publish the person's Home page, made anew each time that they open it."""
        if self._desk is None:
            return
        await self._people.language(user)  # so that their locale is known
        try:
            page = await self._desk.home(self._actor(tenant, place, user))
        except AdvisorError as error:
            log.warning("a home page cannot be made now: %s", type(error).__name__)
            return
        await self._client.publish(user, modals.home(page, page.language, datetime.now(UTC)))

    async def _prompts(self, actor: Actor, language: Language) -> list[str]:
        offered: tuple[str, ...] = ()
        if self._desk is not None:
            try:
                offered = await self._desk.prompts(actor)
            except AdvisorError as error:
                log.info("no questions of the documents: %s", type(error).__name__)
        return list(offered[:_PROMPTS]) or [text(language, f"slack.prompt_{number}") for number in (1, 2, 3)]

    def _actor(self, tenant: str, place: Place, user: str) -> Actor:
        return Actor("slack", tenant, user, "", place.conversation, True, self._people.known(user))
