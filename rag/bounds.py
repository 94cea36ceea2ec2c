"""What a text lets measures cost, and how many it asks for: «con menos de 5.000 €», "those below 20,000 €", "top three". Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.analyse import fold, words
from rag.models import Language
from rag.numerals import value

_SUM = (
    r"(?:€\s*(?P<before>\d[\d.,]*\d|\d)(?P<size_before>\s*(?:mil|k|thousand)\b)?"
    r"|(?P<amount>\d[\d.,]*\d|\d)\s*(?P<size>mil\s+|k\s*|thousand\s+)?(?:€|eur(?:os?)?\b))(?!\s*(?:/|por|per)\s*(?:el\s+)?(?:kwh|m3|m³))"
)
_MEANS = (
    r"con|por|gast\w+|invert\w+|presupuesto|dispon\w+|tengo|tenemos|hay|with|within|for|spend|spending|invest|investing|budget|"
    r"have"
)
_CEILING = (
    r"(?:de\s+)?(?:menos\s+(?:de|que)|no\s+m[aá]s\s+de|no\s+pas\w+\s+de|no\s+super\w+(?:\s+los)?|"
    r"no\s+(?:cuest|val)\w+\s+m[aá]s\s+de|(?:do\s+not|don.t)\s+cost\s+more\s+than|hasta|por\s+debajo\s+de|"
    r"como\s+(?:mucho|m[aá]ximo)|(?:un\s+)?m[aá]ximo(?:\s+de)?|inferior(?:es)?\s+a|less\s+than|no\s+more\s+than|not\s+more\s+than|"
    r"under|below|up\s+to|at\s+most|(?:a\s+)?maximum(?:\s+of)?)"
)
_WEAK = frozenset("por for within hay".split())
"""Words that only mean a budget with «menos de» or its like behind them."""
_COSTS = r"(?:(?:que|which|that)\s+)?(?:cuest\w+|val\w+|sal\w+\s+por|cost\w*)"
_LIMIT = re.compile(
    rf"(?:,\s*)?(?:\b(?:y|and|pero|but)\s+)?"
    rf"(?:(?P<means>\b(?:(?:si|if)\s+(?:(?:yo|i|we|nosotros)\s+)?)?(?:(?:s[oó]lo|solamente|only|just)\s+)?"
    rf"(?:(?:puedo|podemos|pudiera|can|could)\s+)?(?:(?:s[oó]lo|only)\s+)?(?:{_MEANS})\b"
    rf"(?:\s+(?:un|una|a|the|el|s[oó]lo|only|just|unos|about|presupuesto|budget|de|of|es|is)\b){{0,4}})\s*|\b{_COSTS}\s+)?"
    rf"(?P<ceiling>\b(?:(?:que|which|that)\s+)?{_CEILING}\s+)?{_SUM}",
    re.IGNORECASE,
)
_COUNTS = {
    word: n
    for n, pair in enumerate(("dos two", "tres three", "cuatro four", "cinco five", "seis six"), start=2)
    for word in pair.split()
}
_COUNT = rf"(?:{'|'.join(_COUNTS)}|[1-9])"
_BEST = r"(?:top|best|mejores|principales|main)"
_TOP = re.compile(rf"\b(?:{_BEST}\s+(?P<behind>{_COUNT})|(?P<count>{_COUNT})\s+{_BEST})\b", re.IGNORECASE)
_SAYS = frozenset(
    "y e o solo solamente las los la el que de para en me nos ensena ensename ensenanos muestra muestrame muestranos dame danos "
    "dime deja dejame quita lista medida medidas opcion opciones cual cuales hay son quiero ver ahora cada una todas una por "
    "inversion precio coste con cuesta cuestan empresa toda sin no obra obras parar pare paren parada planta "
    "and or only just those ones the that which what show give me us list keep leave measure measures option options are there "
    "is i want to see now each one all for of with an a investment price cost whole company at in please".split()
)
"""Words of a text that only bounds the measures that were told, works and stops among them, which nothing tells."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What each measure may cost, EUR, and how many are wanted at most."""

    each: float | None = None
    most: int | None = None

    def __bool__(self) -> bool:
        return self.each is not None or self.most is not None


def bounds(said: str, language: Language) -> Bounds:
    """The bounds that a text sets; a sum to spend («con menos de 5.000 €») is a budget for all, and none of them."""
    limit = next((one for one in _LIMIT.finditer(said) if one["ceiling"] and not one["means"]), None)
    top = _TOP.search(said)
    return Bounds(_amount(limit, language) if limit else None, _count(top["behind"] or top["count"]) if top else None)


def budget(said: str, language: Language) -> float | None:
    """The sum that a text says may be spent on all."""
    limit = next((one for one in _LIMIT.finditer(said) if one["means"] and _limits(one)), None)
    return _amount(limit, language) if limit else None


def bounded(said: str) -> bool:
    """Whether a text says what may be spent, what each may cost, or how many are wanted."""
    return bool(_TOP.search(said)) or any(map(_limits, _LIMIT.finditer(said)))


def unbounded(said: str) -> str:
    """A text without what bounds it: «recomienda agua con menos de 10.000 €» is «recomienda agua»."""
    return _TOP.sub(" ", _LIMIT.sub(lambda one: " " if _limits(one) else one.group(), said))


def only_bounds(said: str) -> bool:
    """Whether a text, without the facilities that it names, says nothing else of the measures."""
    return set(words(unbounded(said))) <= _SAYS


def _limits(one: re.Match[str]) -> bool:
    """Whether a sum is a limit, not a price that is told."""
    return bool(one["ceiling"] or (one["means"] and set(words(one["means"])) - _WEAK))


def _amount(limit: re.Match[str], language: Language) -> float | None:
    found = value(limit["amount"] or limit["before"], language)
    return found * 1000 if found is not None and (limit["size"] or limit["size_before"]) else found


def _count(said: str) -> int:
    return int(said) if said.isdigit() else _COUNTS[fold(said)]
