"""The language in which to greet or help a person who has not said anything yet: that of their words, else of their Slack."""

from __future__ import annotations

import asyncio
import logging

from adapters.slack.bounded import Bounded
from adapters.slack.client import RefusedCallError, SlackClient
from rag.errors import DeliveryError
from rag.ingest.language import detect
from rag.models import Language

log = logging.getLogger(__name__)
LOOK_UP_SECONDS = 1.0
_TELLS = 3
"""More words than these tell their language."""


class People:
    """Remembers each person's locale for as long as the process lives."""

    def __init__(self, client: SlackClient, default: Language) -> None:
        """`default`: the language of a person of whom nothing is known."""
        self._client, self.default = client, default
        self._locales: Bounded[str, str] = Bounded()

    def known(self, user: str) -> str:
        """What is known already, as "es-ES"; else empty."""
        return self._locales.get(user, "")

    async def locale(self, user: str, said: str = "") -> str:
        """As "es-ES", asked for at most a second until it is known; "" if it is not, or `said` is long enough to tell."""
        if user not in self._locales:
            if len(said.split()) > _TELLS:
                return ""
            try:
                async with asyncio.timeout(LOOK_UP_SECONDS):
                    self._locales[user] = await self._client.locale(user)
            except (DeliveryError, TimeoutError) as error:
                log.info("a person's language is not known: %s", error)
                if isinstance(error, RefusedCallError) and not error.retryable:
                    self._locales[user] = ""
        return self.known(user)

    async def language(self, user: str, said: str = "") -> Language:
        """That of what was said, if it tells; else of the person's Slack."""
        known = (await self.locale(user))[:2]
        default: Language = "en" if known == "en" else "es" if known == "es" else self.default
        return detect(said, default)
