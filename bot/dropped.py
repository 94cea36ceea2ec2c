"""Files that come with a message: fetched from the platform, read in the confined parser, findable in that conversation alone."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from bot.brought import BroughtReadings, identity_of
from bot.choices import Choices
from bot.exchange import person
from bot.messages import IncomingMessage, SentFile
from bot.ports import BringsFiles
from bot.reasons import reason_in
from bot.redis_calls import digest
from bot.shelf import Put, Shelf, dropped_by, fetched_file
from config import limits
from config.texts import text
from rag.errors import AdvisorError, DeliveryError, DocumentError, InputError
from rag.models import Language, Passage
from rag.ports import Fetched
from rag.readings.bill_text import told_in
from rag.readings.confined import ENDINGS, series_in

log = logging.getLogger(__name__)

_FETCH_SECONDS = 10.0
_BILL_PASSAGES = 40
"""Of a document that may be a bill: bills are short."""
_TABLE_SECONDS = 5.0
"""For indexing a table that is not calculated with: as many of its rows as that allows, so that its reason is told in time."""
_PREFIX = re.compile(r"^[^:]*: ")
"""Of a reason: the file or the meter that it is of."""
_TABLES = (".csv", ".tsv", ".xlsx", ".xls", ".ods")


@dataclass(frozen=True, slots=True)
class Read:
    """`told`: a sentence on each file; `any`: whether one can be asked about.

    `readings`: the id of the last one that holds readings (rag.brought), "" if none does.
    """

    told: tuple[str, ...] = ()
    readings: str = ""
    any: bool = False


NOTHING = Read()


@dataclass(frozen=True, slots=True)
class Dropped:
    """`channels` fetch files, by platform. What was read is told in sentences, and so is what was not, with its reason.

    Readings are kept as such in `brought`; everything else is a document.
    """

    shelf: Shelf
    choices: Choices
    channels: Mapping[str, BringsFiles]
    brought: BroughtReadings | None = None

    async def read(self, message: IncomingMessage, language: Language) -> Read:
        """Read the files of a message, one sentence each; the conversation knows from then on that it has some.

        The same message again writes the same anew. A file that fails stops no other.
        """
        channel = self.channels.get(message.platform)
        if channel is None:
            return Read((text(language, "desk.files_not_here"),))
        told, read, readings = list[str](), False, ""
        async with self.shelf.several() as put:
            for sent in message.files[: limits.CONVERSATION_FILES]:
                try:
                    fetched = await self._fetched(channel, message, sent, language)
                    found, reason = await self._readings(message, fetched)
                    if found:
                        told.append(text(language, "brought.read", name=sent.name))
                    elif reason and sent.name.lower().endswith(_TABLES):
                        sentence, kept = await _table(put, message, fetched, reason, language)
                        told.append(sentence)
                        read = read or kept
                        continue
                    else:
                        written = await put(dropped_by(digest(message.key), person(message), message.name), fetched)
                        found = await self._bill(message, fetched.item.name, written.passages)
                        told.append(text(language, "desk.file_read", name=sent.name))
                    read, readings = True, found or readings
                except (AdvisorError, TimeoutError) as error:
                    told.append(_why(error, sent, language))
        if len(message.files) > limits.CONVERSATION_FILES:
            told.append(text(language, "desk.files_many", limit=limits.CONVERSATION_FILES))
        if read:
            await self.choices.set_conversation(message.key, files="1", **({"brought": readings} if readings else {}))
        return Read(tuple(told), readings, read)

    async def _readings(self, message: IncomingMessage, fetched: Fetched) -> tuple[str, str]:
        """(The id of the readings in a file, ""), or ("", why there are none)."""
        name = fetched.item.name
        if self.brought is None or not name.lower().endswith(ENDINGS):
            return "", ""
        try:
            series = await series_in(fetched.data, name, identity_of(message.key, name))
            return await self.brought.keep(message.key, person(message), name, series, message.name), ""
        except InputError as error:
            return "", str(error)

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

    async def _bill(self, message: IncomingMessage, name: str, passages: Sequence[Passage]) -> str:
        """The id of what a bill tells; "" for any other document."""
        words = "\n".join(one.text for one in passages[:_BILL_PASSAGES])
        told = told_in(words, passages[0].language)
        if self.brought is None or told is None:
            return ""
        from rag.readings.bills import Bill, series  # pandas takes a second to load, and few conversations bring bills

        bill = Bill(told.first, told.last, told.amount, told.cost, told.energy_cost, told.paid_for)
        identity = identity_of(message.key, name)
        try:
            made = series([bill], identity, "m1", PurePath(name).stem, told.carrier, told.unit, name)
        except InputError as error:
            log.info("no bill: %s", error)
            return ""
        return await self.brought.keep(message.key, person(message), name, [made], message.name)


async def _table(put: Put, message: IncomingMessage, fetched: Fetched, reason: str, language: Language) -> tuple[str, bool]:
    """(What is told of a table: why nothing is calculated with it, whether it became a document or not; whether it did)."""
    why, name = reason_in(language, _PREFIX.sub("", reason)), fetched.item.name
    try:
        written = await put(dropped_by(digest(message.key), person(message), message.name), fetched, _TABLE_SECONDS)
    except (AdvisorError, TimeoutError) as error:
        log.info("table not indexed: %s", type(error).__name__)
        return text(language, "desk.file_no_table", name=name, reason=why), False
    key = "desk.file_table" if written.whole else "desk.file_table_part"
    return text(language, key, name=name, reason=why), True


def _why(error: AdvisorError | TimeoutError, sent: SentFile, language: Language) -> str:
    """What is told of a file that was not read."""
    if isinstance(error, DocumentError):
        return text(language, "desk.file_unreadable", name=sent.name, reason=reason_in(language, str(error)))
    if isinstance(error, InputError):
        return text(language, "desk.file_refused", name=sent.name, reason=str(error))
    log.warning("file not read: %s", type(error).__name__)
    away = isinstance(error, DeliveryError | TimeoutError)
    return text(language, "desk.file_not_fetched" if away else "desk.file_not_indexed", name=sent.name)
