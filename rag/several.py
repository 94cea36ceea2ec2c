"""A message that asks several things, as the questions that it is made of; and their answers as one. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from config.texts import text
from rag.analyse import content_words
from rag.cite import renumber
from rag.compose import dates
from rag.evidence import MARK, unmarked
from rag.models import Answer, Citation, Language, Recommendation

_MOST = 3
"""Questions in one message at most: who asks more is answered as a whole, as before."""
_TELLING = r"dime|dame|recomi[eé]nda\w*|prop[oó]n\w*|tell me|give me|recommend|suggest"
_ASKING = (
    r"(?:(?:en|de|por|para|con|a|desde|hasta|in|at|for|since|from|by|to)\s+)?"
    r"(?:cuánt[oa]s?|cuanto|cuanta|cuantos|cuantas|cuál(?:es)?|cuales?|cómo|cuándo|dónde|quién(?:es)?|quien(?:es)?|qué"
    r"|que\s+(?:podemos|podr[ií]amos|puedo|debemos|deber[ií]amos|hacemos|hacer|har[ií]as?|recomiendas?|medidas|se\s+puede)"
    r"|what|how|which|who|why|when|where)\b"
    rf"|(?:{_TELLING})\b"
)
_TELLS = re.compile(rf"(?:{_TELLING})\b", re.IGNORECASE)
_ASKS = re.compile(rf"\b(?:{_ASKING})", re.IGNORECASE)
_AND = re.compile(rf"[,;]?\s+(?:y|e|and|además|also|y además|y también|and also)\s+(?={_ASKING})", re.IGNORECASE)
_ENDS = re.compile(r"(?<=\?)\s+(?=\S)")
_SENTENCE = re.compile(r"(?<=[.!])\s+")
_OPENS = re.compile(r"^(?:y|e|and)\s+", re.IGNORECASE)


def questions(said: str) -> tuple[str, ...]:
    """The questions in a message, two or three of them; none if it asks one thing, or more than can be told apart.

    Each says something of its own: «¿cuándo y por qué se cambió?» is one. What stands around them goes with the one before.
    """
    pieces = [piece for whole in _ENDS.split(said.strip()) for piece in _AND.split(whole)]
    parts: list[str] = []
    for piece in pieces:
        if parts and not (_own(piece) and _own(parts[-1])):
            parts[-1] = f"{parts[-1]} {piece}"  # a mere «¿y por qué?», or what no question has come before
        else:
            parts.append(piece)
    asked = tuple(part.strip() for part in parts)
    return asked if 2 <= len(asked) <= _MOST and all(map(_own, asked)) else ()


def asks(said: str) -> bool:
    """Whether a text has a word that asks."""
    return _ASKS.search(said) is not None


def _own(piece: str) -> bool:
    """Whether a piece asks, and says of what."""
    return bool(_ASKS.search(piece) and content_words(_ASKS.sub(" ", piece)))


def joined(asked: Sequence[str], answers: Sequence[Answer], language: Language) -> Answer:
    """The answers to several questions as one, each below its question; what was not found is said, what is said twice is not.

    At least one of them must be answered. Marks and citations are counted through.
    """
    counted, said, told = _Counted(), set[str](), list[tuple[str, str]]()
    notices, follow_ups, recommendations = list[str](), list[str](), list[Recommendation]()
    for question, answer in zip(asked, answers, strict=True):
        if answer.status != "answered":
            missing = text(language, "answer.not_found") if answer.status == "not_found" else answer.text
            told.append((question, missing))
            continue
        body = "\n\n".join(one for one in answer.text.split("\n\n") if MARK.sub("", one) not in said)
        said |= {MARK.sub("", one) for one in answer.text.split("\n\n")}
        if not body:
            continue
        numbers = counted.add(answer, body)
        told.append((question, renumber(body, numbers)))
        for one in answer.recommendations:
            recommendations.append(replace(one, citations=tuple(numbers[n] for n in one.citations)))
        own = dates(answer.citations, language)
        notices += [one for one in answer.notices if one not in own]
        follow_ups += answer.follow_ups
    paragraphs = [f"**{_shown(question, language)}**\n\n{body}" for question, body in told]
    return Answer(
        "answered",
        language,
        "\n\n".join(paragraphs) if len(told) > 1 else told[0][1],
        tuple(counted.citations),
        tuple(recommendations),
        tuple(dict.fromkeys(follow_ups)),
        tuple(dict.fromkeys((*notices, *dates(counted.citations, language)))),
    )


class _Counted:
    """Citations of several answers, counted through: the same evidence keeps its number."""

    def __init__(self) -> None:
        self.citations: list[Citation] = []

    def add(self, answer: Answer, body: str) -> dict[int, int]:
        """The new number of each citation that a body of an answer, or what it recommends, uses."""
        used = _marks(body) | {n for one in answer.recommendations for n in one.citations}
        return {one.n: self._number(one) for one in answer.citations if one.n in used}

    def _number(self, new: Citation) -> int:
        for one in self.citations:
            if replace(new, n=one.n) == one:
                return one.n
        self.citations.append(replace(new, n=len(self.citations) + 1))
        return len(self.citations)


def _shown(question: str, language: Language) -> str:
    """A question as a heading: of a part of a sentence, as if it stood alone, without what was said around it; its own brackets
    and asterisks are no marks.
    """
    said = unmarked(question).replace("*", "").partition("?")[0].rpartition("¿")[2]
    bare = _OPENS.sub("", _SENTENCE.split(said.strip(" \n¡!.,;:"))[-1])
    bare = bare[:1].upper() + bare[1:]
    if _TELLS.match(bare):
        return bare
    return f"¿{bare}?" if language == "es" else f"{bare}?"


def _marks(said: str) -> set[int]:
    return {int(found) for found in MARK.findall(said)}
