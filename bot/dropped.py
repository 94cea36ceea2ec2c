"""Files that come with a message: fetched from the platform, read in the confined parser, findable in that conversation alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from bot.choices import Choices
from bot.exchange import person
from bot.messages import IncomingMessage, SentFile
from bot.ports import BringsFiles
from bot.reasons import reason_in
from bot.redis_calls import digest
from bot.shelf import Shelf, dropped_by, fetched_file
from config import limits
from config.texts import text
from rag.errors import AdvisorError, DeliveryError, DocumentError, InputError
from rag.models import Language
from rag.ports import Fetched

log = logging.getLogger(__name__)

_FETCH_SECONDS = 10.0
_TABLES = (".csv", ".tsv", ".xlsx", ".xls", ".ods")


@dataclass(frozen=True, slots=True)
class Dropped:
    """`channels` fetch files, by platform. What was read is told in sentences, and so is what was not, with its reason."""

    shelf: Shelf
    choices: Choices
    channels: Mapping[str, BringsFiles]

    async def read(self, message: IncomingMessage, language: Language) -> list[str]:
        """Read the files of a message, one sentence each; the conversation knows from then on that it has some.

        The same message again writes the same documents anew. A file that fails stops no other.
        """
        channel = self.channels.get(message.platform)
        if channel is None:
            return [text(language, "desk.files_not_here")]
        told, read = [], False
        async with self.shelf.several() as put:
            for sent in message.files[: limits.CONVERSATION_FILES]:
                try:
                    fetched = await self._fetched(channel, message, sent, language)
                    await put(dropped_by(digest(message.key), person(message)), fetched)
                    table = fetched.item.name.lower().endswith(_TABLES)
                    told.append(text(language, "desk.file_table" if table else "desk.file_read", name=sent.name))
                    read = True
                except (AdvisorError, TimeoutError) as error:
                    told.append(_why(error, sent, language))
        if len(message.files) > limits.CONVERSATION_FILES:
            told.append(text(language, "desk.files_many", limit=limits.CONVERSATION_FILES))
        if read:
            await self.choices.set_conversation(message.key, files="1")
        return told

    async def _fetched(self, channel: BringsFiles, message: IncomingMessage, sent: SentFile, language: Language) -> Fetched:
        """The file, if it is not too large: InputError, also if the platform says it is gone; DeliveryError or TimeoutError."""
        most = limits.CONVERSATION_FILE_BYTES
        too_large = text(language, "desk.file_large", limit=most // 1024 // 1024)
        if sent.size > most:
            raise InputError(too_large)
        async with asyncio.timeout(_FETCH_SECONDS):
            data = await channel.file(message, sent)
        if len(data) > most:  # whatever its size was said to be
            raise InputError(too_large)
        name = sent.name.replace("/", "_").strip()[:200] or "file"
        return fetched_file(f"conversation/{digest(message.key)}", name, data, sent.media_type)


def _why(error: AdvisorError | TimeoutError, sent: SentFile, language: Language) -> str:
    """What is told of a file that was not read."""
    if isinstance(error, DocumentError):
        return text(language, "desk.file_unreadable", name=sent.name, reason=reason_in(language, str(error)))
    if isinstance(error, InputError):
        return text(language, "desk.file_refused", name=sent.name, reason=str(error))
    log.warning("file not read: %s", type(error).__name__)
    away = isinstance(error, DeliveryError | TimeoutError)
    return text(language, "desk.file_not_fetched" if away else "desk.file_not_indexed", name=sent.name)
