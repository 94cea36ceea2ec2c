"""A follow-up into questions that stand alone, without a language model: by what it leans on. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from babel.dates import get_month_names

from rag.analyse import content_words, fold, names, words
from rag.asked_words import BARE_UNIT, EVERYWHERE, IN_UNIT
from rag.courtesy import beside_courtesy
from rag.models import Turn
from rag.when import hours

_OPENER = r"\W*\b(?:y|pero|entonces|and|but|so|then|what about|how about|qué hay de|qué tal)\b"
_OPENS = re.compile(f"^{_OPENER}", re.IGNORECASE)
_POINTS_BACK = re.compile(
    r"\b(es[eoa]s?|aquell[oa]s?|ell[oa]s?|allí|ahí|lo mismo|those|it|its|they|them|the same)\b"  # pronouns
    r"|\b(si|if) (lo|la|los|las|we) \w+"  # «si las paramos»
    r"|\b(lo|la|los|las) (pod|deb|hac|har|quer)(e|é|i|í|a|á)\w*"  # «¿cómo lo podemos reducir?»
    r"|\w[aei]r(lo|la|los|las)\b",  # «cambiarlas»
    re.IGNORECASE,
)
_PRICED = frozenset("cuesta cuestan costo costaron costara costaria vale valen valio cost costs".split())
"""Words that ask the price of whatever is spoken of: «¿cuánto costó?»."""
_SHORT = 3
"""A question of at most this many content words, after another one, may lean on it."""
_OPENING = re.compile(rf"^(?:{_OPENER})+[\s,]*", re.IGNORECASE)
LINKS = frozenset(
    "y e o el la los las lo un una de del en a al para por con durante desde ese esa esos esas mismo misma mes "
    "and or the a an of in at for on to by with during since from that those this one ones same month".split()
)
"""Words around a name that ask nothing: «¿y la de julio?», "and for the one in May?"."""
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_CODE = re.compile(r"\b([A-Za-z]{1,3})-?\d{1,4}\b")
_LOCALES = ("es", "en")

Leaning = Literal["", "perhaps", "wholly"]


def asks(question: str, history: Sequence[Turn]) -> bool:
    """Whether there is anything to search for: not in a bare mention or a greeting; in «¿y por qué?» only after something."""
    rest = beside_courtesy(question)
    return bool(content_words(rest) or (history and words(rest)))


def leaning(question: str, history: Sequence[Turn]) -> Leaning:
    """How far a question leans on those before: one with a pronoun that points back, or «¿y de noche?», says nothing alone;
    one that only begins like a follow-up, or is short, may be new.
    """
    if not any(turn.role == "user" for turn in history) or not _leans(question):
        return ""
    bare = len(set(content_words(question)) - _PRICED) <= (1 if _OPENS.search(question) else 0)
    return "wholly" if bare or _POINTS_BACK.search(question) else "perhaps"


def points_back(question: str) -> bool:
    """Whether a pronoun in it stands for something said before."""
    return _POINTS_BACK.search(question) is not None


def anchor(history: Sequence[Turn]) -> str:
    """The question that follow-ups lean on: the last that said what it is about; "" if nothing was asked."""
    asked = [turn for turn in history if turn.role == "user"]
    whole = next((turn.whole or turn.text for turn in reversed(asked) if turn.whole or _says_enough(turn.text)), "")
    return whole or (asked[-1].text if asked else "")


def latest(history: Sequence[Turn]) -> str:
    """The question that was asked last, however short; what it leans on, if it points back or only begins like a follow-up."""
    last = next((turn for turn in reversed(history) if turn.role == "user"), Turn("user", ""))
    return last.whole or (anchor(history) if _joins(last.text) or not content_words(last.text) else last.text)


def variants(question: str, history: Sequence[Turn], behind: str = "") -> tuple[str, ...]:
    """What to search for, in order of preference: the question, or it behind the one that it leans on.

    What leans wholly is never searched alone; what may be new is, but its other reading may turn out better. `behind` is what it
    leans on where that is known better.
    """
    how = leaning(question, history)
    whole = f"{behind or anchor(history)} {question}"
    return {"": (question,), "perhaps": (question, whole), "wholly": (whole,)}[how]


@dataclass(frozen=True, slots=True)
class Whole:
    """A follow-up as a question of its own; `named` are the terms that it names, of which what answers must hold one each."""

    text: str
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Term:
    kind: str
    start: int
    end: int
    text: str


def merged(question: str, behind: str, *, elsewhere: bool = False) -> Whole | None:
    """A follow-up that only names another month, year or code («¿y en julio?», "and P6?"): the question before with it in place
    of its like, or added; None if it asks something of its own.

    `elsewhere`: it named a facility besides, which is taken out of it and already put into the question before.
    """
    rest = opened(question)
    found = _terms(rest)
    left = rest
    for one in reversed(found):
        left = f"{left[: one.start]} {left[one.end :]}"
    if not set(words(left)) <= LINKS or not behind.strip() or not (found or elsewhere):
        return None
    whole, added = behind, False
    for one in found:
        like = next((term for term in _terms(whole) if term.kind == one.kind), None)
        whole = f"{whole[: like.start]}{one.text}{whole[like.end :]}" if like else whole
        added = added or like is None
    if added:
        whole = f"{whole.rstrip(' .?')} {rest.strip(' ¿?.,')}{'?' if '?' in behind else ''}"
    return Whole(whole, tuple(one.text for one in found))


def opened(question: str) -> str:
    """What a question says after the words that join it to the one before: «¿y qué hay de», "and"."""
    return _OPENING.sub("", question, count=1)


def holds(text: str, term: str) -> bool:
    """Whether a text holds a term that a follow-up names; a month in either language, in full or in a date."""
    number = _months().get(fold(term))
    if number is None:
        return re.search(rf"\b{re.escape(fold(term))}\b", fold(text)) is not None
    return _month(number).search(text) is not None


def month(word: str) -> int | None:
    """The number of the month that a word names, folded, in either language; "may" is a verb more often."""
    return None if word == "may" else _months().get(word)


def without(name: str, question: str) -> str:
    """The question without a name, unless nothing else is asked; unchanged if it is not in it."""
    rest = " ".join(re.sub(rf"\b{re.escape(name)}\b", " ", question, flags=re.IGNORECASE).split()) if name else question
    return rest if name.lower() in question.lower() and content_words(rest) else question


def _leans(question: str) -> bool:
    """By how it begins, by a pronoun, or because it says little and names nothing but a unit or hours of the day, nor the company
    as a whole."""
    named = [one for one in names(hours(IN_UNIT.sub(" ", question))[1]) if not BARE_UNIT.fullmatch(one)]
    short = len(content_words(question)) <= _SHORT and not named and not EVERYWHERE.search(fold(question))
    return short or _joins(question)


def _says_enough(question: str) -> bool:
    """Whether it is about something of its own, short or not."""
    return not _leans(question) or (not _joins(question) and len(content_words(question)) > 1)


def _joins(question: str) -> bool:
    return bool(_OPENS.search(question) or _POINTS_BACK.search(question))


def _terms(text: str) -> list[_Term]:
    """The months, years and codes that a text names, in order; codes are alike if their letters are («P1» and «P6»)."""
    patterns = ((_any_month(), "month"), (_YEAR, "year"), (_CODE, ""))
    found = [
        _Term(kind or match.group(1).upper(), match.start(), match.end(), match.group())
        for pattern, kind in patterns
        for match in pattern.finditer(text)
    ]
    return sorted(found, key=lambda one: one.start)


@cache
def _months() -> dict[str, int]:
    """Each month's number by its name, folded, in both languages."""
    return {fold(name): number for one in _LOCALES for number, name in get_month_names("wide", locale=one).items()}


@cache
def _any_month() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_spelled(_months())})\b", re.IGNORECASE)


@cache
def _month(number: int) -> re.Pattern[str]:
    """A month by its name; short only beside a day or a year («15 jul», "Jul 2025"), and as a number in 2025-07."""
    short = {get_month_names("abbreviated", locale=one)[number].strip(".") for one in _LOCALES}
    full = _spelled([name for name, n in _months().items() if n == number])
    brief = "|".join(short)
    dated = rf"\d (?:de )?(?:{brief})\b|\b(?:{brief})\.? (?:19|20)\d\d\b|\b(?:19|20)\d\d-{number:02d}\b"
    return re.compile(rf"\b(?:{full})\b|{dated}", re.IGNORECASE)


def _spelled(months: Iterable[str]) -> str:
    """As alternatives of a pattern: "may" is a month only with its capital."""
    return "|".join("(?-i:May)" if name == "may" else name for name in months)
