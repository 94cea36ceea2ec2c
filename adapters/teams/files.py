"""Files of a personal chat: their bytes, from Microsoft's file hosts alone."""

from __future__ import annotations

from adapters.download import SECONDS, downloaded
from adapters.teams.hosts import file_url_allowed
from bot.messages import SentFile
from config.limits import CONVERSATION_FILE_BYTES
from rag.errors import InputError

FILE_HOSTS = ("sharepoint.com", "sharepoint.us", "sharepoint-df.com", "sharepoint.cn")
"""OneDrive for Business and SharePoint, where files sent to a bot lie (files page, seen 2026-11)."""


class FileFetcher:
    """Downloads by the address that Teams gives, which needs no token and is good for a few minutes."""

    def __init__(self, hosts: tuple[str, ...], *, limit: int = CONVERSATION_FILE_BYTES, timeout: float = SECONDS) -> None:
        self._hosts, self._limit, self._timeout = hosts, limit, timeout

    async def fetch(self, sent: SentFile) -> bytes:
        """InputError: on an unlisted host, too large, or gone. DeliveryError: not now."""
        if not file_url_allowed(sent.address, self._hosts):
            raise InputError("its address is not one of Microsoft's file hosts")
        return (await downloaded(sent.address, limit=self._limit, seconds=self._timeout))[0]
