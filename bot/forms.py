"""What forms beneath recommendations say in their sender's name: a decision, other assumptions. Pure.

A form says what could as well be typed, so there is one path for both: through the inbox, checked and understood as words are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from config.texts import number, text
from rag.assumptions import LIMITS, Changes, changes
from rag.brought import PREFIX
from rag.errors import InputError
from rag.models import Answer, Language
from rag.numerals import value
from rag.registered import REASON_CHARS, Standing

ASSUMPTIONS = ("price", "water_price", "discount_rate", "life_years", "grid_factor", "budget")
"""What may be assumed otherwise, in the order of the form; each has its words under `measures_form` in config/texts."""
_SIGN = re.compile("[-−–±]")
DECISIONS: tuple[Standing, ...] = ("accepted", "rejected", "done", "proposed")


class FieldError(InputError):
    """A field of a form that cannot be meant so. `field` names it; the message is for its sender, in their language."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class MeasureForm:
    """What may be decided and assumed otherwise of an answer's recommendations.

    entries  (R12, title, how it stands) of each that is in the register
    values   what they were reckoned with last, where the asker had set it
    """

    language: Language
    entries: tuple[tuple[str, str, Standing], ...] = ()
    values: Mapping[str, float] = field(default_factory=dict)


def offers(answer: Answer) -> tuple[bool, bool]:
    """Whether something of an answer may be decided, and assumed otherwise: what only documents say has no numbers of ours."""
    reckoned = [one for one in answer.recommendations if one.basis != "document" and one.site]
    return any(not (one.site or "").startswith(PREFIX) for one in reckoned), bool(reckoned)


def decided(language: Language, which: str, status: Standing, reason: str = "", on: date | None = None) -> str:
    """A decision in words: «acepta R3», «rechaza R3 porque ...». FieldError: no reason to reject, a day that has not come."""
    reason = " ".join(reason.split())[:REASON_CHARS]
    if status == "rejected" and not reason:
        raise FieldError("reason", text(language, "measures_form.reason_missing"))
    if status == "done" and on and on > date.today():
        raise FieldError("day", text(language, "measures_form.day_ahead"))
    when = f" {on.isoformat()}" if status == "done" and on else ""
    because = f" {text(language, 'measures_form.because')} {reason}" if reason and status != "done" else ""
    return f"{text(language, f'measures_form.verb_{status}')} {which}{when}{because}"


def assumed(language: Language, given: Mapping[str, str]) -> str:
    """Other assumptions in words: «¿Y a 0,18 €/kWh, con un interés del 7 %?». FieldError for what no such number can be.

    `given` has what was written, by name; what is empty stays as it is.
    """
    found = {name: _number(language, name, said) for name, said in given.items() if name in ASSUMPTIONS and said.strip()}
    if not found:
        raise FieldError(ASSUMPTIONS[0], text(language, "measures_form.nothing"))
    said = ", ".join(
        text(language, f"measures_form.say_{name}", value=plain_number(found[name], language))
        for name in ASSUMPTIONS
        if name in found
    )
    return text(language, "measures_form.what_if", said=said)


def _number(language: Language, name: str, said: str) -> float:
    signed = _SIGN.search(said)  # a numeral's sign says nothing to `value`: -5 would be 5, and 10-20 would be 1,020
    meaning = None if signed else value(said.strip().rstrip("%€ "), language)
    low, high = LIMITS[name]
    if meaning is None or not low <= meaning <= high:
        shown = {"low": plain_number(low, language), "high": plain_number(high, language)}
        raise FieldError(name, text(language, "measures_form.bad_number", **shown))
    return meaning


def plain_number(one: float, language: Language) -> str:
    """As many decimals as it has, and no thousands: it is to be read again."""
    digits = f"{one:.6f}".rstrip("0").rstrip(".")
    decimals = len(digits.partition(".")[2])
    return number(one, language, decimals).replace("." if language == "es" else ",", "")


def set_before(question: str, language: Language) -> Mapping[str, float]:
    """What a question had set, to begin the form with."""
    told: Changes = changes(question, language)
    return {**told.values, **({"budget": told.budget} if told.budget is not None else {})}
