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
from bot.redis_calls import digest
from bot.shelf import Shelf, dropped_by, fetched_file
from config import limits
from config.texts import text
from rag.errors import AdvisorError, DeliveryError, DocumentError, InputError
from rag.models import Language

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
        told, read = [], 0
        for sent in message.files[: limits.CONVERSATION_FILES]:
            try:
                told.append(await self._one(channel, message, sent, language))
                read += 1
            except DocumentError as error:
                told.append(text(language, "desk.file_unreadable", name=sent.name, reason=str(error)))
            except InputError as error:
                told.append(text(language, "desk.file_refused", name=sent.name, reason=str(error)))
            except (DeliveryError, TimeoutError) as error:
                log.warning("file not fetched platform=%s error=%s", message.platform, type(error).__name__)
                told.append(text(language, "desk.file_not_fetched", name=sent.name))
            except AdvisorError as error:
                log.warning("file not indexed: %s", type(error).__name__)
                told.append(text(language, "desk.file_not_indexed", name=sent.name))
        if len(message.files) > limits.CONVERSATION_FILES:
            told.append(text(language, "desk.files_many", limit=limits.CONVERSATION_FILES))
        if read:
            await self.choices.set_conversation(message.key, files="1")
        return told

    async def _one(self, channel: BringsFiles, message: IncomingMessage, sent: SentFile, language: Language) -> str:
        """Fetch, check, read and index one file; what is said of it."""
        most = limits.CONVERSATION_FILE_BYTES
        too_large = text(language, "desk.file_large", limit=most // 1024 // 1024)
        if sent.size > most:
            raise InputError(too_large)
        async with asyncio.timeout(_FETCH_SECONDS):
            data = await channel.file(message, sent)
        if len(data) > most:  # whatever its size was said to be
            raise InputError(too_large)
        name = sent.name.replace("/", "_").strip()[:200] or "file"
        conversation = digest(message.key)
        fetched = fetched_file(f"conversation/{conversation}", name, data, sent.media_type)
        await self.shelf.put(dropped_by(conversation, person(message)), fetched)
        return text(language, "desk.file_table" if name.lower().endswith(_TABLES) else "desk.file_read", name=name)
