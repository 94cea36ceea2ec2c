"""What any answer to a question must hold, or it is none: a wage, a telephone number, a person, a year to come. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rag.models import Passage

_ROLE = (
    r"jef[ea]s?|director[ae]?s?|gerentes?|president[ea]|encargad[oa]s?|operari[oa]s?|operador[ae]?s?|ingenier[oa]s?|coordinador[ae]?s?"
    r"|responsables?|trabajador[ae]?s?|emplead[oa]s?|capata[zc]\w*"
    r"|ceo|heads?|bosses|boss|managers?|directors?|chairm[ae]n|foreman|operators?|engineers?|coordinators?|workers?|employees?|staff"
)
_NAME = r"(?-i:\b[A-ZÁÉÍÓÚÑ]\. ?[A-ZÁÉÍÓÚÑ][a-záéíóúñ]+)"
_BODY = (
    r"direcci[oó]n|(?-i:Servicios? )|departamento|oficina t[eé]cnica|comit[eé]|consejo|equipo de|contratistas?|empresa|fabricante"
    r"|proveedor\w*|t[eé]cnic[oa]s?|ret[eé]n|buz[oó]n|compras|ayuntamiento|s\.a\.|s\.l\.|ingenier[ií]a|consultor\w*|talleres"
    r"|team|department|(?-i:Service )|committee|board|contractor|supplier|manufacturer|compan(?:y|ies)|technicians?|crew|council"
    r"|consultan(?:ts?|cy)|management|owner|mailbox|auditors?|author"
)
_AHEAD = re.compile(r"\b(?:el )?(?:año que viene|pr[oó]ximo año|año pr[oó]ximo|año siguiente)\b|\bnext year\b", re.IGNORECASE)
_YEAR = re.compile(r"\b20\d\d\b")


@dataclass(frozen=True, slots=True)
class Need:
    """How a thing is asked for, and what a sentence has that gives it; if `anywhere`, its passage, with what stands above it."""

    asks: re.Pattern[str]
    gives: re.Pattern[str]
    anywhere: bool = False

    def met(self, sentence: str, passage: Passage) -> bool:
        """Whether a sentence of a passage gives it."""
        return self.gives.search(f"{passage.context} {passage.text}" if self.anywhere else sentence) is not None


def _need(asks: str, gives: str) -> Need:
    return Need(re.compile(asks, re.IGNORECASE), re.compile(gives, re.IGNORECASE))


PAY = _need(
    r"\b(?:sueldos?|salarios?|n[oó]minas?|salary|salaries|wages?|payroll)\b"
    rf"|\b(?:ganan?|cobran?|earns?|(?:is|are|gets?) paid)\b.{{0,40}}(?:\b(?:{_ROLE})\b|{_NAME})"
    rf"|(?:\b(?:{_ROLE})\b|{_NAME}).{{0,40}}\b(?:ganan?|cobran?|earn|make|(?:is|are|get) paid)\b",
    r"\b(?:sueldos?|salari\w+|n[oó]minas?|retribuci\w+|remunerat?\w+|cobran?|salary|salaries|wages?|payroll|earns?)\b",
)
PHONE = _need(
    r"\b(?:cu[aá]l|qu[eé]|dame|dime|n[uú]mero|y el)\b.{0,20}\b(?:tel[eé]fonos?|m[oó]vil)\b|^\W*tel[eé]fonos?\b"
    r"|\b(?:tele)?phone numbers?\b|\b(?:what|which|give|whats)\b.{0,30}\b(?:tele)?phone\b",
    r"\b(?:tel[eé]fonos?|telephone|phone|m[oó]vil|ext\.|extensi[oó]n \d)"
    r"|\btel[.:]|\+\d{2}[ .-]?\d|\b[6-9]\d\d(?: \d{2,3}){2,3}\b",
)
_WHO = r"\b(?:qui[eé]n(?:es)?|who|whom|whose)\b"
_WROTE = r"(?:escrib|escrit|redact|hizo|hicieron|elabor|firm|autor|asist|wr[oi]t|author|made|did|sign|attend|prepar)"
AUTHOR = _need(rf"{_WHO}(?=.*\b{_WROTE})", rf"\b(?:{_ROLE}|{_BODY})\b|{_NAME}")
PERSON = _need(
    rf"{_WHO}(?!.*\b{_WROTE})",
    rf"^(?!\W*(?:autor\w*|authors?|redactado|prepared)\b)(?s:.*)(?:\b(?:{_ROLE}|{_BODY})\b|{_NAME})",
)
"""Who wrote a document is in charge of nothing else."""
WEATHER = _need(
    r"\bqu[eé] tiempo (?:hace|har[aá]|va a hacer)\b|\b(?:llover[aá]|nevar[aá]|helar[aá]|va a (?:llover|nevar|helar))\b"
    r"|\b(?:temperatura|calor|fr[ií]o|viento|sol)\b.{0,20}\b(?:har[aá]|habr[aá]|va a hacer)\b"
    r"|\b(?:har[aá]|habr[aá])\b.{0,20}\b(?:temperatura|calor|fr[ií]o|viento|sol)\b"
    r"|\bweather\b.{0,30}\b(?:like|tomorrow|next|today|forecast)\b|\bwill it (?:rain|snow|freeze|be (?:hot|cold|sunny|windy))\b"
    r"|\b(?:how (?:hot|cold|warm)|what temperature) will\b.{0,10}\bbe\b.{0,10}\b(?:outside|tomorrow)",
    r"\b(?:pron[oó]sticos?|previsi[oó]n (?:meteorol\w+|del tiempo)|weather forecast\w*|meteorolog\w+)\b",
)
_NEEDS = (PAY, PHONE, AUTHOR, PERSON, WEATHER)


def dated(question: str, today: date) -> str:
    """A question with the year behind it that it calls the next."""
    return f"{question} {today.year + 1}" if _AHEAD.search(question) else question


def needs(question: str, today: date) -> tuple[Need, ...]:
    """What any answer to a question must hold: of a year that is to come, a passage that tells of that year."""
    years = sorted({year for year in _YEAR.findall(dated(question, today)) if int(year) > today.year})
    ahead = (Need(_YEAR, re.compile("|".join(years)), anywhere=True),) if years else ()
    return (*(need for need in _NEEDS if need.asks.search(question)), *ahead)


def met(wanted: Sequence[Need], sentence: str, passage: Passage) -> bool:
    """Whether a sentence of a passage gives all that is needed."""
    return all(need.met(sentence, passage) for need in wanted)
