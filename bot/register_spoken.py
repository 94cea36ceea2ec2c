"""What is said to the register as to a colleague: «acepto la 1 y la 3», "the third is done", «¿qué hemos decidido?». Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.pointing import ORDINALS
from bot.register_words import BECAUSE, Decision, done, with_reason
from rag.analyse import fold, words
from rag.courtesy import courtesy
from rag.registered import Standing

_VERBS: dict[str, Standing] = {
    **dict.fromkeys(
        "acepto aceptamos acepta aceptar aceptada aceptado aceptadas aceptados apruebo aprobamos aprueba aprobar aprobada "
        "aprobadas accept accepted approve approved".split(),
        "accepted",
    ),
    **dict.fromkeys(
        "rechazo rechazamos rechaza rechazar rechazada rechazado rechazadas descarto descartamos descarta descartar descartada "
        "descartadas reject rejected discard discarded".split(),
        "rejected",
    ),
    **dict.fromkeys(
        "hecho hecha hechas hechos done implemented completed implementada implementado implementadas terminada terminado "
        "terminadas realizada realizado realizadas ejecutada ejecutado ejecutadas hicimos hice hizo hicieron did".split(),
        "done",
    ),
    **dict.fromkeys("reabro reabrimos reabre reabrir reopen".split(), "proposed"),
}  # fmt: skip
_DOES = frozenset("hago hacemos hare haremos hagamos hacer do doing adelante ahead".split())
"""Verbs that accept, where nothing else is said, and no wish."""
_POLAR: dict[str, Standing] = {"si": "accepted", "yes": "accepted", "no": "rejected", "not": "rejected"}
_WISHES = frozenset("quiero queremos want would d like".split())
_WHO = frozenset("yo nosotros vamos a i we ll will let lets us s".split())
_AND = frozenset("y e and but pero ni nor then".split())
_EVERY = frozenset("todas todos todo all everything".split())
_BUT = frozenset("menos salvo excepto quitando except excepting minus".split())
_TO = frozenset("a to".split())
_AROUND = (
    _WISHES
    | _TO
    | frozenset(
        "yo nosotros ya esta estan queda quedan como he hemos marca marcar marco marcamos pon poner vamos el la las los lo se "
        "con numero numeros medida medidas opcion propuesta propuestas de lista i we us let lets s ve ll will is are was "
        "opciones were has have been already as mark the number numbers measure measures option options proposal proposals one "
        "in list go with please of them these those esas estas ellas desde hasta from through tenemos tengo".split()
    )
)
"""Words around a verb and what it is said of."""
_UP_TO = re.compile(r"\s*(?:[-–]|a|al|hasta|to|through|until)\s*(?:(?:la|el|the|number|n[uú]mero)\b\s*)?", re.IGNORECASE)
"""Between the first and the last of several: «de la 1 a la 3», "2-4"."""
_TOKEN = re.compile(r"[rR]-?\d{1,7}\b|[^\W_]+")
_NOT = re.compile(r"\b\w+n['’]t\b", re.IGNORECASE)
_PLEASE = re.compile(r"[,\s]*\b(?:por favor|please)\b[\s.!]*$", re.IGNORECASE)
_OPENS = re.compile(r"^\s*([^,.;!]{1,20})[,.;!]\s*")
_OF_AN_AMOUNT = re.compile(r"\s*[%€/]|\.\d|,\d{3}|-\d{3}|-\d+\s*[-./%€]")
"""Behind a number that is of no measure: «5 %», "1/3/2026", "1-3-2026"."""
_HARD, _SOFT, _ENDS = re.compile(r"[:(—–]"), re.compile(r"[;,.&+\n]"), re.compile(r"[;.\n]")
_THEN = re.compile(r"(?:[,;.)]|\b(?:y|e|and|but|pero)\b)\s+(?=[^\W_])", re.IGNORECASE)

_SOME = "p(?:s+p)*"
_LIST = f"(?:a(?:s*b{_SOME})?|{_SOME})"
_CLAUSE = f"(?:n?[vd]{_LIST}|t{_LIST}|{_LIST}(?:n[vd]?|v|d))"
_NEXT = f"(?:{_CLAUSE}|n{_LIST})"
_WHOLE = re.compile(f"[se]*(?P<first>{_CLAUSE})(?:[se]+{_NEXT})*[se]*$")
_MORE = re.compile(f"[se]+(?P<first>{_NEXT})(?:[se]+{_NEXT})*[se]*$")
"""Of what words are, a letter each: p names a measure, a all of them, b leaves some out, v decides, d does, n says yes or no (t:
"yes to"); s stands between them, e ends what is said of one.
"""
_DECIDED = frozenset("decidido decidimos decisiones decided decisions".split())
_STANDS = frozenset("status estado registro register".split())
_GOES = frozenset("van va estan going doing stand standing".split())
_OF = frozenset("aceptadas aceptado hechas hecho rechazadas pendientes decididas accepted approved done rejected pending".split())
_FRAME = frozenset(
    "que cual cuales como y hemos se ha han hasta ahora de momento el la las los lo del es son hay medida medidas "
    "recomendaciones recomendacion en aqui what which have we so far how are is the of and measures measure recommendations in "
    "up to now here been show me muestrame ensename dime".split()
)


@dataclass(frozen=True, slots=True)
class _Word:
    """What a word is, as `_WHOLE` has it; x is any other. Its place, from 1 or LAST, or the number of an entry, if it names one.

    `after` is where what is said before it ends; `mark` the sign between: hard before a reason, soft or none.
    """

    code: str  # "" where there is a sign alone
    start: int
    after: int
    word: str
    place: int = 0
    entry: int = 0
    mark: str = ""


def spoken(said: str, *, loose: bool = False) -> tuple[Decision, ...]:
    """What is decided of measures, by their place in the list that was told last or by their number; none for a question.

    Behind the last stands a reason, or the day it was done; if `loose`, without any sign before it. Where two things are said of
    one measure, a decision on none: it is to be asked which.
    """
    if "?" in said or words(said)[:1] == ["did"]:
        return ()
    opens = _OPENS.match(said)
    said = said[opens.end() :] if opens and (courtesy(opens[1]) or fold(opens[1]) in _POLAR) else said
    found = _read(_NOT.sub("not", _PLEASE.sub("", said)), loose=loose)
    standing = {_of(one): one.status for one in reversed(found)}
    if any(standing[_of(one)] != one.status for one in found):
        return (Decision(found[0].status),)
    return tuple({_of(one): one for one in found}.values())


def _of(one: Decision) -> tuple[int, int, bool]:
    return one.place, one.number, one.every


def _read(said: str, *, loose: bool = False) -> tuple[Decision, ...]:
    held = _words(said)
    codes = "".join(one.code for one in held)
    if {"d"} & set(codes) and any(fold(one) in _WISHES for one in _TOKEN.findall(said)):
        return ()
    for n, one in enumerate(held):
        if one.mark == "hard" and (clauses := _clauses(held[:n])):
            return _decided(clauses, said[one.after :], sure=True)
    if clauses := _clauses(held):
        return _decided(clauses, "")
    for n in range(len(held) - 1, 0, -1):  # the most that is understood
        clauses = _clauses(held[:n])
        if clauses and (clauses[-1][0] == "done" or (loose and clauses[-1][1] in _VERBS)):
            return _decided(clauses, said[held[n].start :], sure=True)
    cuts = ((one, _clauses(held[:n])) for n, one in reversed(list(enumerate(held))) if one.mark == "soft")
    return next((_decided(clauses, said[one.after :]) for one, clauses in cuts if clauses), ())


def _words(said: str) -> tuple[_Word, ...]:
    """The words that tell something, and what stands between them."""
    found, after, tokens = list[_Word](), 0, list(_TOKEN.finditer(said))
    follows = {one.start(): fold(other.group()) for one, other in pairwise(tokens)}
    place, end = 0, 0  # of the measure that was named last
    for token in tokens:
        word, between, start = fold(token.group()), said[after : token.start()], token.start()
        because = BECAUSE.match(said[start:]) is not None
        hard = bool(found) and (because or _HARD.search(between) is not None)
        mark = "hard" if hard else "soft" if found and _SOFT.search(between) else ""
        at = ORDINALS.get(word) or (int(word) if word.isascii() and word.isdigit() and len(word) < 3 else 0)
        at = 0 if _OF_AN_AMOUNT.match(said, token.end()) and word not in ORDINALS else at
        entry = int(word.lstrip("r-")) if re.fullmatch(r"r-?\d+", word) else 0
        code = "p" if at or entry else _code(word, found)
        if word in _POLAR:
            code = "t" if follows.get(start) in _TO else "n"
        if mark:
            found.append(
                _Word("e" if _ENDS.search(between) else "s" if _SOFT.search(between) else "", start, after, "", mark=mark)
            )
        if 0 < place < at and _UP_TO.fullmatch(said[end:start]):
            for n in range(place + 1, at):
                found += [_Word("s", start, after, ""), _Word("p", start, after, "", n)]
            found.append(_Word("s", start, after, ""))
        if word not in _AROUND:
            found.append(_Word(code, start, after, word, at, entry))
        after = token.end()
        place, end = (at, after) if code == "p" else (place, end)
    return tuple(found)


def _code(word: str, before: Sequence[_Word]) -> str:
    """What a word is that names no measure by itself; "but" behind "all" leaves some out."""
    if word in _EVERY:
        return "a"
    if word in _BUT or (word == "but" and any(one.code for one in before[-1:]) and before[-1].code == "a"):
        return "b"
    return "v" if word in _VERBS else "d" if word in _DOES else "s" if word in _AND else "x"


_Clauses = list[tuple[Standing, str, list[_Word]]]


def _clauses(held: tuple[_Word, ...]) -> _Clauses:
    """(what is decided, in which word, the measures) of each clause, if all is understood; else none."""
    told = [one for one in held if one.code]
    found, rest, grammar = _Clauses(), "".join(one.code for one in told), _WHOLE
    while rest.strip("se"):
        match = grammar.match(rest)
        if match is None:
            return []
        first = told[len(told) - len(rest) :][match.start("first") : match.end("first")]
        said = [one.word for one in first if one.code in "vdnt"]
        status = _status(said)
        if status is None:
            return []
        found.append((status, said[-1], [one for one in first if one.code in "ap"]))
        rest, grammar = rest[match.end("first") :], _MORE
    return found


def _status(said: list[str]) -> Standing | None:
    """What a clause's verb decides; «no» before it turns an acceptance alone."""
    each: list[Standing] = ["accepted" if one in _DOES else _VERBS.get(one) or _POLAR[one] for one in said]
    if len(each) == 1:
        return each[0]
    return each[0] if each[1] == "accepted" else None


def _decided(clauses: _Clauses, behind: str, *, sure: bool = False) -> tuple[Decision, ...]:
    """Decisions with what is said behind them: a reason or a day for the last clause, and other decisions after that."""
    reason, later = behind, tuple[Decision, ...]()
    for then in _THEN.finditer(behind):
        said = _TOKEN.findall(fold(behind[then.end() :]))
        first = next((one for one in said if one not in _WHO), "")
        if (first in _VERBS or first in _DOES) and (later := _read(behind[then.end() :])):
            reason = behind[: then.start()]
            break
    reason = reason.strip(" .:;,(—–)")
    if reason and not sure and clauses[-1][1] in _DOES:
        return ()
    found = [_each(status, named) for status, _, named in clauses]
    last = [done(one, reason) if one.status == "done" else with_reason(one, reason) for one in found[-1]]
    return (*(one for clause in found[:-1] for one in clause), *last, *later)


def _each(status: Standing, named: Sequence[_Word]) -> list[Decision]:
    """A decision for each measure that is named; one for all of them, but those that are named behind."""
    each = [Decision(status, one.place, one.entry) for one in named if one.code == "p"]
    return [Decision(status, every=True, but=tuple(each))] if any(one.code == "a" for one in named) else each


def asks_standing(said: str) -> bool:
    """Whether a text, without the facilities that it names, asks what was decided and how it goes, and nothing else."""
    asked = set(words(said))
    if asked - _FRAME - _DECIDED - _STANDS - _GOES - _OF:
        return False
    return bool(
        asked & (_DECIDED | _STANDS) or (asked & {"medidas", "measures", "recomendaciones", "recommendations"} and asked & _OF)
    )
