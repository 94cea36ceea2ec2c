"""What any answer to a question must hold, or it is none: a number, a wage, a person, a limit, a law, a year to come. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rag import limits
from rag.ingest.sentences import sentences
from rag.models import Passage
from rag.sorts import MONEY

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
_ADDS = re.compile(r"\b(?:además|también|por otra parte|also|besides|moreover|in addition|furthermore)\b", re.IGNORECASE)
Within = Literal["sentence", "headed", "near", "passage"]


@dataclass(frozen=True, slots=True)
class Need:
    """How a thing is asked for, and what gives it `within` a sentence, that or its headings, or these and the sentence before it,
    which it may go on from, or all of its passage.
    """

    asks: re.Pattern[str]
    gives: re.Pattern[str]
    within: Within = "sentence"

    def met(self, sentence: str, passage: Passage) -> bool:
        """Whether a sentence of a passage gives it."""
        over = "" if self.within == "sentence" else passage.context
        before = _before(sentence, passage.text) if self.within == "near" else ""
        return self.gives.search(f"{over} {before} {passage.text if self.within == 'passage' else sentence}".strip()) is not None


def _before(sentence: str, text: str) -> str:
    """The sentence before one that goes on from it; none before one that adds another matter («además»)."""
    said = sentences(text)
    place = next((n for n, one in enumerate(said) if sentence.endswith(one)), 0)  # a row has its headings before it
    return "" if place == 0 or _ADDS.search(sentence) else said[place - 1]


def _need(asks: str, gives: str, within: Within = "sentence") -> Need:
    return Need(re.compile(asks, re.IGNORECASE), re.compile(gives, re.IGNORECASE), within)


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
_GIVES_LEAVE = (
    r"(?:aprueban?|aprobar\w*|autorizan?|autorizar\w*|firman?|firmar\w*|deciden?|decidir\w*"
    r"|approves?|authori[sz]es?|signs?|decides?)"
)
APPROVER = _need(
    rf"{_WHO}.*\b{_GIVES_LEAVE}\b",
    r"\b(?:aprueb\w+|aprob\w+|autori\w+|firm\w+|decid\w+|approv\w+|authori\w+|sign(?:s|ed|ature)?|decisions?)\b",
    "headed",
)
AUTHOR = _need(
    rf"{_WHO}(?!.*\b{_GIVES_LEAVE}\b)(?=.*\b{_WROTE})",
    rf"^(?!\W*(?:to|para|cc)\b\W{{0,3}}:)(?s:.*)(?:\b(?:{_ROLE}|{_BODY})\b|{_NAME})",
)
PERSON = _need(
    rf"{_WHO}(?:(?!.*\b{_WROTE})|(?=.*\b{_GIVES_LEAVE}\b))",
    r"^(?!\W*(?:autor\w*|authors?|redactado|prepared|asistentes|attendees"
    r"|(?:aprobad|firmad|autorizad)[oa]s? por|approved by|signed by)\b)"
    rf"(?s:.*)(?:\b(?:{_ROLE}|{_BODY})\b|{_NAME})",
)
"""Who wrote or signed a document, or sat in a room, is in charge of nothing else."""
LIMIT = Need(limits.ASKS, limits.GIVES)
NORM = _need(
    r"\b(?:dicen?|exigen?|piden?|marcan?|establecen?|fijan?|obligan?|says?|requires?|demands?|sets?)\b.{0,25}"
    r"\b(?:normas?|normativas?|ley(?:es)?|reglamentos?|legislaci[oó]n|regulations?|standards?|laws?|legislation)\b"
    r"|\b(?:normas?|normativas?|ley(?:es)?|reglamentos?|legislaci[oó]n|regulations?|standards?|laws?|legislation)\b.{0,25}"
    r"\b(?:dicen?|exigen?|piden?|marcan?|establecen?|fijan?|obligan?|says?|requires?|demands?|sets?)\b",
    r"\b(?:normas?|normativ\w+|ley(?:es)?|reglament\w+|legislaci\w+|leg(?:al|islat)\w*|directivas?|real decreto|ordenanzas?"
    r"|obligator\w+|regulat\w+|standards?|laws?|directives?|decrees?)\b|(?-i:\b(?:RD|UNE|EN|ISO|IEC|CEN|CIE|CTE|RITE|REBT|ITC)\b)",
    "passage",
)
AMOUNT = _need(
    r"(?<!cada )\b(?:cu[aá]nt[oa]s?|how (?:much|many))\b",
    r"(?<![\w.,])(?!(?:19|20)\d\d\b(?![.,]\d))\d+|\b(?:dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|veinte|cien|mil"
    r"|mitad|tercio|cuarto|doble|triple|ning[uú]n\w*|nada|cero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty"
    r"|hundred|thousand|half|third|quarter|twice|double|none|no|nothing|zero)\b",
)
"""Of how much, a number that is no year, in figures or words."""
WEATHER = _need(
    r"\bqu[eé] tiempo (?:hace|har[aá]|va a hacer)\b|\b(?:llover[aá]|nevar[aá]|helar[aá]|va a (?:llover|nevar|helar))\b"
    r"|\b(?:temperatura|calor|fr[ií]o|viento|sol)\b.{0,20}\b(?:har[aá]|habr[aá]|va a hacer)\b"
    r"|\b(?:har[aá]|habr[aá])\b.{0,20}\b(?:temperatura|calor|fr[ií]o|viento|sol)\b"
    r"|\bweather\b.{0,30}\b(?:like|tomorrow|next|today|forecast)\b|\bwill it (?:rain|snow|freeze|be (?:hot|cold|sunny|windy))\b"
    r"|\b(?:how (?:hot|cold|warm)|what temperature) will\b.{0,10}\bbe\b.{0,10}\b(?:outside|tomorrow)",
    r"\b(?:pron[oó]sticos?|previsi[oó]n (?:meteorol\w+|del tiempo)|weather forecast\w*|meteorolog\w+)\b",
)
_NEEDS = (AMOUNT, PAY, PHONE, APPROVER, AUTHOR, PERSON, LIMIT, NORM, WEATHER)


Wanted = Need | limits.Limited


def dated(question: str, today: date) -> str:
    """A question with the year behind it that it calls the next."""
    return f"{question} {today.year + 1}" if _AHEAD.search(question) else question


def needs(question: str, today: date) -> tuple[Wanted, ...]:
    """What any answer to a question must hold: of a year that is to come, a passage that tells of that year; of what it will
    cost, the sentence itself, the one before it or what stands over it.
    """
    years = sorted({year for year in _YEAR.findall(dated(question, today)) if int(year) > today.year})
    wanted: list[Wanted] = [need for need in _NEEDS if need.asks.search(question)]
    wanted += limits.limited(question)
    if years and MONEY.gives and MONEY.asks.search(question):
        wanted += [Need(_YEAR, re.compile("|".join(years)), "near"), Need(MONEY.asks, MONEY.gives, "headed")]
    elif years:
        wanted.append(Need(_YEAR, re.compile("|".join(years)), "passage"))
    return tuple(wanted)


def met(wanted: Sequence[Wanted], sentence: str, passage: Passage) -> bool:
    """Whether a sentence of a passage gives all that is needed."""
    return all(need.met(sentence, passage) for need in wanted)
