"""The memory of a single question: nothing is kept, so nothing has to be started to ask it."""

from __future__ import annotations

from collections.abc import Sequence

from rag.models import Turn


class NoMemory:
    """bot.ports.Memory that forgets at once."""

    async def history(self, key: str, before: str = "") -> list[Turn]:
        return []

    async def append(self, key: str, turns: Sequence[Turn], once: str = "", said: str = "", replaces: str = "") -> None:
        """Not kept."""

    async def retract(self, key: str, said: str) -> int:
        return 0

    async def known(self, key: str, said: str = "") -> bool:
        return False

    async def forget_conversation(self, key: str) -> int:
        return 0

    async def forget_user(self, platform: str, tenant: str, user: str) -> int:
        return 0
