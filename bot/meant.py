"""Which of the questions that an expert was asked a statement of theirs answers. Pure."""

from __future__ import annotations

import re
import time

from bot.experts import Handed, Here
from bot.messages import IncomingMessage
from bot.pointing import LAST, pointed
from config.company import CompanyConfig
from rag.courtesy import courtesy

_SECOND_THOUGHTS_SECONDS = 15 * 60
"""So long after an answer what its author says next is the answer in its place; in the question's own thread at any time."""
_NUMBER = re.compile(r"\D{0,4}(\d{1,2})\W*")


def of_expert(company: CompanyConfig, message: IncomingMessage) -> bool:
    """Whether an expert says something: thanks or a nod answer nothing, and take no answer's place."""
    if courtesy(message.text) and not message.replaces:
        return False
    return any((one.platform, one.id) == (message.platform, message.user) for one in company.experts)


def asks(message: IncomingMessage) -> bool:
    return message.text.rstrip().endswith("?")


def meant(message: IncomingMessage, here: Here) -> list[Handed]:
    """The questions that a statement may answer. The thread decides, and what has no answer comes first."""
    again = [one for one in here.handed if one.answered_by(message.name)]
    if message.exchange and not again:
        return [one for one in (*here.handed, *here.elsewhere) if one.exchange == message.exchange]
    if again or message.replaces or asks(message):
        return again
    own = [one for one in here.handed if one.thread == message.conversation]
    open_ = [one for one in own or here.handed if not one.kept]
    recent = time.time() - _SECOND_THOUGHTS_SECONDS
    return [one for one in open_ if not one.said] or [one for one in open_ if own or one.said_at > recent]


def asked(here: Here) -> list[Handed]:
    """The questions that it was asked which of them is meant."""
    known = (*here.handed, *here.elsewhere)
    return [one for one in known if here.unclear and one.exchange in here.unclear.exchanges]


def place_named(company: CompanyConfig, message: IncomingMessage, here: Here) -> int:
    """Which of them, from 1, is named by its number or place, whether there is one or not: «2», "the last one"; 0 if none is."""
    if here.unclear is None:
        return 0
    number, one = _NUMBER.fullmatch(message.text.strip()), pointed(message.text, company)
    place = int(number[1]) if number else one.place if one else 0
    return len(here.unclear.exchanges) if place == LAST else place
