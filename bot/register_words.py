"""What is said to the register after the word «recommend»: «status», «accept 2», «rechaza R7 porque ...», «done 3». Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from rag.analyse import fold
from rag.ingest.dates import parse_date
from rag.registered import Standing

_STATUS = frozenset("status estado estados register registro situacion".split())
_VERBS: dict[str, Standing] = {
    **dict.fromkeys("accept accepted approve approved acepta aceptar aceptada aceptado aprueba aprobar".split(), "accepted"),
    **dict.fromkeys("reject rejected discard rechaza rechazar rechazada rechazado descarta descartar".split(), "rejected"),
    **dict.fromkeys("done implemented completed hecho hecha implementada implementado terminada realizada".split(), "done"),
    **dict.fromkeys("reopen propose proposed reabre reabrir propuesta pendiente".split(), "proposed"),
}  # fmt: skip
_WHICH = re.compile(r"\s*(?:n[uú]mero|number|n\.?[ºo°]\.?|#|la|el|the)?\s*(r)?[-\s]?(\d{1,7})\b[\s.:;,–—-]*", re.IGNORECASE)
BECAUSE = re.compile(r"^(?:porque|por|ya que|because|since|as|due to|debido a)\b[\s:,]*", re.IGNORECASE)
_ON = re.compile(r"^(?:el|on|en|in|desde|since)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to become of an entry; `status` None lists them.

    place     its place in the list that the conversation was shown last, from 1; 0 if `number` names it or nothing does
    number    its own number (R12); 0 if `place` names it
    on        the day it was done; None for today
    bad_date  what was said for a date and is none
    every     all of the list that was shown last, `but` those (of which only place and number count)
    """

    status: Standing | None = None
    place: int = 0
    number: int = 0
    reason: str = ""
    on: date | None = None
    bad_date: str = ""
    every: bool = False
    but: tuple[Decision, ...] = ()


Asked = tuple[Literal["list"], str] | Decision | None


def decision(text: str) -> Asked:
    """A decision; ("list", what else was said) for the list; None for anything else, a question or a plain `recommend`."""
    head, _, rest = text.strip().partition(" ")
    verb = fold(head).strip(".:,!¡?¿")
    if verb in _STATUS:
        return "list", rest
    status = _VERBS.get(verb)
    if status is None:
        return None
    found = _WHICH.match(rest)
    if found is None:
        return Decision(status) if not rest.strip() else None
    named, number, after = bool(found.group(1)), int(found.group(2)), rest[found.end() :].strip()
    one = Decision(status, 0 if named else number, number if named else 0)
    return done(one, after) if status == "done" else with_reason(one, after)


def with_reason(one: Decision, after: str) -> Decision:
    """The decision with what was said behind it as its reason."""
    return replace(one, reason=BECAUSE.sub("", after).strip(" .") or "")


def done(one: Decision, after: str) -> Decision:
    """The decision with the day that was said behind it."""
    if not after:
        return one
    said = _ON.sub("", after)
    found = date.today() if fold(said).strip(" .") in {"hoy", "today"} else parse_date(said)
    return replace(one, on=found, bad_date="" if found else said[:60])
