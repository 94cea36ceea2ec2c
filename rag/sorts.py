"""What sort of answer a question asks for (an amount, money, a time, a cause), and whether a sentence is of that sort. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.numerals import numerals

_MONTHS = (
    "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre"
    "|(?-i:January|February|March|April|May|June|July|August|September|October|November|December)"  # "may" and "march" are verbs
)
_DATE = (
    rf"\d{{4}}-\d{{1,2}}-\d{{1,2}}|\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{4}}"
    rf"|(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:de\s+|of\s+)?)?(?:{_MONTHS})(?:\s+\d{{1,2}},?)?(?:\s+(?:del?\s+)?\d{{4}})?"
)
_TIME = re.compile(
    rf"\b(?:{_DATE}|(?:19|20)\d\d|primavera|verano|otoño|invierno|spring|summer|autumn|winter"
    r"|lunes|martes|miércoles|jueves|viernes|sábado|domingo|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.IGNORECASE,
)
_CAUSE = re.compile(
    r"\b(?:porque|debid[oa]s? a|causas?|causad[oa]s?|causan?|causó|se deben? a|por culpa de|ya que|puesto que|provoca\w*"
    r"|a raíz de|al quedar(?:se)?|(?<!por este )(?<!por ese )(?<!por tal )motivos?|(?<!por esta )(?<!por esa )raz[oó]n(?:es)?"
    r"|because|due to|owing to|caus(?:es?|ed|ing)|(?<!for this )(?<!for that )reasons?|as a result of"
    r"|since (?:it|they|we|there|no))\b",
    re.IGNORECASE,
)
_MONEY = re.compile(r"€|\b(?:euros?|EUR)\b", re.IGNORECASE)
_FORBIDS = re.compile(
    r"\b(?:nunca|jamás|prohib\w+|salvo|excepto|a menos que|sin embargo|no obstante|pero|aunque|s[oó]lo si|en ningún caso|no antes"
    r"|no (?:se )?(?:debe|deben|puede|pueden|podrá|podrán|permite|permiten|hay que)|no está (?:autorizad|permitid)[oa]|peligros?"
    r"|never|not before|(?:must|may|shall|should|can|do) not|cannot|can't|don't|mustn't|not (?:be )?(?:allowed|permitted)"
    r"|se descart\w+|descartad[oa]s?|desestim\w+|no se (?:propone|recomienda|aconseja)n?|discarded|rejected|ruled out"
    r"|not (?:be )?(?:proposed|recommended)|not (?:be )?authori[sz]ed|prohibited|forbidden|unless|except|however|but|although"
    r"|only if|provided that|danger\w*)\b"
    r"|(?:^\W*|[.:;(]\s*)(?:no|not|sólo|solo|only|atención|cuidado|precaución|warning|caution|beware)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of answer: how it is asked for, what a sentence has that gives it, and what that adds to its score."""

    asks: re.Pattern[str]
    gives: re.Pattern[str] | None
    worth: float


AMOUNT = Sort(
    re.compile(
        r"\b(cu[aá]nt[oa]s?|cu[aá]ndo|cada cu[aá]nto|qu[eé] (porcentaje|potencia|caudal|consumo|plazo|coste|precio|hora)"
        r"|how (much|many|often|long|large|big)|what (percentage|share|time|is the (cost|price|power|flow|consumption))|when)\b",
        re.IGNORECASE,
    ),
    None,
    0.12,
)
"""Of an amount, as of a time, any numeral will do."""
MONEY = Sort(
    re.compile(
        r"\b(cuestan?|costó|costar\w*|costando|costes?|precios?|inversi[oó]n|presupuesto|cu[aá]nto (vale|valen|piden|pagamos)"
        r"|costs?|costing|prices?|budget|investment|expensive)\b",
        re.IGNORECASE,
    ),
    _MONEY,
    0.12,
)
SHARE = Sort(
    re.compile(
        r"\b(porcentajes?|(?:tanto )?por ciento|percent(?:age)?|qu[eé] proporci[oó]n|what (?:share|proportion))\b|%",
        re.IGNORECASE,
    ),
    re.compile(r"%|\b(?:por ciento|per ?cent)\b", re.IGNORECASE),
    0.15,
)
TIME = Sort(
    re.compile(
        r"\bcu[aá]ndo\b|\bqu[eé] (d[ií]a|fecha|mes|año)\b|\bwhen\b|\b(what|which) (date|day|month|year)\b",
        re.IGNORECASE,
    ),
    _TIME,
    0.15,
)
CAUSE = Sort(
    re.compile(
        r"\bpor qu[eé]\b|\b(causas?|motivos?|razón|se debe)\b|\bwhy\b|\bhow come\b|\b(causes?|caused|reasons?)\b", re.IGNORECASE
    ),
    _CAUSE,
    0.2,
)
_SORTS = (AMOUNT, MONEY, SHARE, TIME, CAUSE)


def asked_for(question: str) -> tuple[Sort, ...]:
    """The sorts of answer that a question asks for; none if it does not tell."""
    return tuple(sort for sort in _SORTS if sort.asks.search(question))


def gives(sort: Sort, sentence: str) -> bool:
    """Whether a sentence holds an answer of this sort."""
    return bool(sort.gives.search(sentence) if sort.gives else numerals(sentence))


def forbids(sentence: str) -> bool:
    """Whether a sentence forbids, limits or warns: whoever reads what stands before it must not miss it. A question does not."""
    return not sentence.rstrip().endswith("?") and _FORBIDS.search(sentence) is not None
