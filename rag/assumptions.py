"""What a follow-up to recommendations changes: «¿y a 0,18 €/kWh?», "with 100,000 €", «con un interés del 7 %». Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from config.texts import LANGUAGES, text
from rag.analyse import words
from rag.bounds import Bounds, bounds, only_bounds, unbounded
from rag.bounds import budget as spent
from rag.models import Given, Language, Turn
from rag.numerals import value

_NUMBER = r"(?<![-−–±\d.,])(\d[\d.,]*\d|\d)"
"""Whole, and without a sign: of «-0,05» or «0,05-0,10» nothing is understood rather than another value."""
_EURO = r"(?:€|eur(?:os?)?)"
_RULES: Mapping[str, tuple[re.Pattern[str], float]] = {
    "price": (re.compile(rf"{_NUMBER}\s*(?:{_EURO})?\s*(?:/|por|per|el|a)\s*(?:el\s+)?kwh", re.IGNORECASE), 1.0),
    "price ": (
        re.compile(rf"{_NUMBER}\s*(?:c[ée]ntimos|cents|c€|ct)\s*(?:/|por|per|el|a)?\s*(?:el\s+)?kwh", re.I),
        0.01,
    ),
    "water_price": (
        re.compile(rf"{_NUMBER}\s*(?:{_EURO})?\s*(?:/|por|per|el|a)\s*(?:el\s+)?(?:m3|m³|metro)", re.IGNORECASE),
        1.0,
    ),
    "water_price ": (
        re.compile(rf"{_NUMBER}\s*(?:c[ée]ntimos|cents|c€|ct)\s*(?:/|por|per|el|a)?\s*(?:el\s+)?(?:m3|m³|metro)", re.I),
        0.01,
    ),
    "discount_rate": (
        re.compile(rf"(?:inter[eé]s|tasa|descuento|discount|interest)\D{{0,25}}{_NUMBER}\s*(?:%|por ciento|per ?cent)", re.I),
        1.0,
    ),
    "life_years": (re.compile(rf"(?:vida|dur\w+|life|last\w*)\D{{0,25}}{_NUMBER}\s*(?:años|years)", re.IGNORECASE), 1.0),
    "grid_factor": (re.compile(rf"{_NUMBER}\s*kg\s*(?:de\s+)?(?:co2e?|co₂e?)?\s*(?:/|por|per)\s*kwh", re.IGNORECASE), 1.0),
}
_BUDGET = re.compile(
    r"\b(?:(?:con|presupuesto|dispon\w+|gast\w+|invert\w+|with|budget|spend|invest)\b\D{0,12}?"
    r"|(?:tengo|tenemos|have)\s+(?:s[oó]lo|solamente|unos|only|just|about)?)\s*"
    rf"{_NUMBER}\s*(mil\s+|k\s*|thousand\s+)?{_EURO}(?!\s*(?:/|por|per))",
    re.IGNORECASE,
)
_WITH = re.compile(rf"^\W*(?:(?:y|e|and)\s+)?(?:con|with)\s+{_NUMBER}(\s*(?:mil|k|thousand))?\W*$", re.IGNORECASE)
"""«¿y con 600.000?», of a list: nothing else than euros is spent on measures."""
_LEAST_SPENT = 100.0
_BARE = re.compile(rf"{_NUMBER}\s*(mil\s+|k\s*|thousand\s+)?{_EURO}(?!\s*(?:/|por|per))", re.IGNORECASE)
_SUM = re.compile(rf"{_NUMBER}\s*(mil\s+|k\s*|thousand\s+)?{_EURO}(?!\w)", re.IGNORECASE)
_EURO_FIRST = re.compile(r"(?<![\d−–-])€\s*(\d[\d.,]*)(\s*(?:mil|k|thousand)\b)?", re.IGNORECASE)
TAKES_BACK = frozenset(
    "vuelve volver volvemos vuelva quita quitar quitamos elimina sin olvida deja restablece back remove reset return drop undo "
    "without forget".split()
)
_TAKEN_BACK: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys("tasa interes descuento rate interest discount".split(), ("discount_rate",)),
    **dict.fromkeys("precio price".split(), ("price", "water_price")),
    **dict.fromkeys("precios prices".split(), ("price", "water_price")),
    **dict.fromkeys("vida life".split(), ("life_years",)),
    **dict.fromkeys("presupuesto budget limite limit".split(), ("budget",)),
    **dict.fromkeys("valores values normal normales normalidad".split(), ()),
}
_BESIDE = frozenset(
    "a al la el los las lo de del y e o otra vez antes siempre inicial iniciales habitual habituales usual original originales "
    "defecto por valor agua luz energia electricidad kwh to the of and again go put take please as before default defaults value "
    "water energy electricity off out away".split()
)
LIMITS = {
    "price": (0.0, 5.0), "water_price": (0.0, 50.0), "discount_rate": (0.1, 50.0), "life_years": (1.0, 100.0),
    "grid_factor": (0.0, 3.0), "budget": (1.0, 1e10),
}  # fmt: skip
"""Least and most that each value may be."""
_ALL = frozenset(LIMITS)
_FILLERS = frozenset(
    "y e o si fuera fuese costara con a al por el la un una de del precio luz energía energia agua interés interes tasa "
    "descuento vida años presupuesto euros euro eur céntimos centimos mil kwh m kg co "
    "and or if it were was cost with at per for the an of price energy water interest rate discount life years budget cents ct "
    "what about thousand k only solo sólo tengo tenemos hay i we have have only qué que hago hacemos haríamos hariamos haría "
    "haria harías harias would do should".split()
)
"""Words of a text that only sets a value."""
_ORDERS = ("payback", "investment", "energy", "water", "npv", "money", "co2")
_LONGEST = 160
"""Characters of a follow-up: a longer text asks for more than another value."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Values by quantity, a budget in EUR for all, bounds of each and of how many, values of single ones; none: no follow-up."""

    values: Mapping[str, float] = field(default_factory=dict)
    budget: float | None = None
    bounds: Bounds = field(default_factory=Bounds)
    given: tuple[Given, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.values or self.bounds or self.given) or self.budget is not None

    @property
    def limited(self) -> bool:
        """Whether only some of the measures are asked for."""
        return bool(self.bounds) or self.budget is not None

    def limits_over(self, before: Changes) -> tuple[float | None, Bounds]:
        """Its limits, and of those before what it does not say: a sum for all takes the place of one for each, and vice versa."""
        own = self if self.budget is not None or self.bounds.each is not None else before
        return own.budget, Bounds(own.bounds.each, self.bounds.most or before.bounds.most)

    @property
    def assumed(self) -> Mapping[str, float]:
        """As a case's assumptions have them."""
        return {**self.values, **{one.name: one.value for one in self.given if one.value is not None}}


def changes(said: str, language: Language) -> Changes:
    """What a text sets. Values beyond what makes sense are not taken."""
    if len(said) > _LONGEST:
        return Changes()
    found, said = dict[str, float](), _EURO_FIRST.sub(r"\1\2 €", said)
    for name, (pattern, size) in _RULES.items():
        match, key = pattern.search(said), name.strip()
        meaning = value(match.group(1), language) if match else None
        low, high = LIMITS[key]
        if meaning is not None and low <= meaning * size <= high:
            found[key] = meaning * size
    limits = bounds(said, language)
    match = (
        _BUDGET.search(said)
        or _spends(said, language)
        or (_BARE.search(said) if _only_values(said) and not (found or limits.each) else None)
    )
    budget = value(match.group(1), language) if match else spent(said, language)
    if match and budget is not None and match.group(2):
        budget *= 1000
    return Changes(found, budget, limits)


def _spends(said: str, language: Language) -> re.Match[str] | None:
    match = _WITH.search(said)
    return match if match and (match.group(2) or (value(match.group(1), language) or 0.0) >= _LEAST_SPENT) else None


def sums(said: str, language: Language) -> tuple[str, list[tuple[float | None, int, int]]]:
    """A text with «€» behind each number, and the sums of money in it: how much, and from where to where."""
    spelled, found = _EURO_FIRST.sub(r"\1\2 €", said), list[tuple[float | None, int, int]]()
    for match in _SUM.finditer(spelled):
        amount = value(match.group(1), language)
        found.append((amount * 1000 if amount is not None and match.group(2) else amount, match.start(), match.end()))
    return spelled, found


def bare(said: str, language: Language) -> Changes:
    """What a text sets that says nothing else: «¿y a 0,20 €/kWh?», "and with 100,000 €?"; none if it asks for more."""
    if not _only_values(said) or (not _BUDGET.search(said) and _BARE.search(said)):
        return Changes()
    return changes(said, language)


def _only_values(said: str) -> bool:
    return set(re.findall(r"[^\W\d_]+", unbounded(said).lower())) <= _FILLERS


def taken_back(said: str) -> frozenset[str]:
    """Which values a text sets back to what they are without the asker, "budget" with them: «vuelve a la tasa normal»."""
    asked = set(words(said))
    if not asked & TAKES_BACK or asked - TAKES_BACK - _TAKEN_BACK.keys() - _BESIDE:
        return frozenset()
    named = {key for word in asked for key in _TAKEN_BACK.get(word, ())}
    if "price" in named and asked & {"agua", "water"}:
        named.remove("price")
    elif "price" in named and asked & {"luz", "energia", "electricidad", "energy", "electricity", "kwh"}:
        named.remove("water_price")
    return frozenset(named or (LIMITS if asked & _TAKEN_BACK.keys() else ()))


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What is set by now for recommendations, and the words with which they were asked for.

    everywhere  whether they are of all facilities
    states  the facility of the measure of which something was set or taken back just now
    order   (site, measure) as they were told: places stay what they were while values of single measures are set
    """

    changes: Changes
    asked: str
    everywhere: bool = False
    states: str = ""
    order: tuple[tuple[str, str], ...] = ()


def follow_up(said: str, history: Sequence[Turn], language: Language) -> FollowUp | None:
    """What is set by now, if recommendations were told last and this text changes a value of them; else None.

    What earlier follow-ups to the same recommendations set still holds; a later value wins.
    """
    new, before, gone = changes(said, language), standing(history, language), taken_back(said)
    if new.limited and not only_bounds(said):  # «¿cuánto ahorran las tres mejores?» asks for something else
        new = replace(new, bounds=Bounds(), budget=new.budget if _only_values(said) or _BUDGET.search(said) else None)
    if before is None or not (new or (gone and before.changes)):
        return None
    held = {key: one for key, one in before.changes.values.items() if key not in gone}
    budget, limits = new.limits_over(Changes() if "budget" in gone else before.changes)
    given = () if gone == _ALL else before.changes.given
    return replace(before, changes=Changes({**held, **new.values}, budget, limits, given))


def standing(history: Sequence[Turn], language: Language) -> FollowUp | None:
    """What is set by now of the recommendations that were told last; None if something else was told since.

    A look into the register, at one measure alone or at another order, in between changes nothing.
    """
    pairs = [(user, answer) for user, answer in pairwise(history) if user.role == "user"]
    told = [
        (user, answer) for user, answer in pairs if not (answer.aside or begins(answer, "register.heading") or _reordered(answer))
    ]
    if not told or not _recommends(told[-1][1]):
        return None
    set_by_now, asked, gone = Changes(), "", frozenset[str]()
    site, kind = told[-1][1].site, told[-1][1].kind
    given: tuple[Given, ...] | None = None
    for user, answer in reversed(told):
        if not _recommends(answer) or answer.kind != kind or (answer.site and site and answer.site != site):
            break
        own, asked = answer.given is not None, user.text
        earlier = Changes() if own else changes(user.text, language)
        values = {**{key: one for key, one in earlier.values.items() if key not in gone}, **set_by_now.values}
        set_by_now = Changes(values, *set_by_now.limits_over(Changes() if "budget" in gone else earlier))
        back = taken_back(user.text)
        gone |= back
        given = given if given is not None else () if back == _ALL else answer.given
        if not (earlier or back or own):
            break
    return FollowUp(replace(set_by_now, given=given or ()), asked, everywhere=_of_all(told[-1][1]))


def _reordered(turn: Turn) -> bool:
    """Whether it is the same list in another order, or in short."""
    named = [f"**{text(one, f'again.by.{by}')}{then}" for one in LANGUAGES for by in _ORDERS for then in (", ", "** (")]
    return bool(turn.recommended) and (turn.text.startswith(tuple(named)) or begins(turn, "again.brief"))


def _of_all(turn: Turn) -> bool:
    keys = ("advice.heading", "advice.heading_same_order")
    headings = [text(one, key, site=text(one, "recommend.everywhere")) for one in LANGUAGES for key in keys]
    return turn.text.startswith(tuple(headings))


def _recommends(turn: Turn) -> bool:
    return begins(turn, "advice.heading")


def begins(turn: Turn, key: str) -> bool:
    """Whether an answer begins as this text does, in either language, up to the first word that it fills in."""
    return turn.role == "assistant" and any(turn.text.startswith(_opening(one, key)) for one in LANGUAGES)


def _opening(language: str, key: str) -> str:
    return text(language, key, site="\0", sites="\0", where="\0", counts="\0").partition("\0")[0]
