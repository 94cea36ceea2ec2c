"""What is said to the register as to a colleague: «acepto la 1», "the third is done", «¿qué hemos decidido?». Pure."""

from __future__ import annotations

import re

from bot.pointing import ORDINALS
from bot.register_words import BECAUSE, Decision, done, with_reason
from rag.analyse import fold, words
from rag.registered import Standing

_VERBS: dict[str, Standing] = {
    **dict.fromkeys(
        "acepto aceptamos acepta aceptar aceptada aceptado apruebo aprobamos aprueba aprobar aprobada accept accepted approve "
        "approved".split(),
        "accepted",
    ),
    **dict.fromkeys(
        "rechazo rechazamos rechaza rechazar rechazada rechazado descarto descartamos descarta descartar descartada reject "
        "rejected discard discarded".split(),
        "rejected",
    ),
    **dict.fromkeys(
        "hecho hecha done implemented completed implementada implementado terminada terminado realizada realizado ejecutada "
        "ejecutado".split(),
        "done",
    ),
    **dict.fromkeys("reabro reabrimos reabre reabrir reopen".split(), "proposed"),
}  # fmt: skip
_AROUND = frozenset(
    "yo nosotros ya esta queda como he hemos marca marcar marco marcamos pon poner vamos a la el lo numero medida opcion "
    "propuesta quiero queremos de lista i we us let lets s ve is was has have been already as mark the number measure option "
    "proposal one want to would d like in list please".split()
)
"""Words around a verb and what it is said of; «no» is none of them."""
_TOKEN = re.compile(r"[rR]-?\d{1,7}\b|[^\W_]+")
_APART = re.compile(r"[:;,.(—–]")
_DECIDED = frozenset("decidido decidimos decisiones decided decisions".split())
_STANDS = frozenset("status estado registro register".split())
_GOES = frozenset("van va estan going doing stand standing".split())
_OF = frozenset("aceptadas aceptado hechas hecho rechazadas pendientes decididas accepted approved done rejected pending".split())
_FRAME = frozenset(
    "que cual cuales como y hemos se ha han hasta ahora de momento el la las los lo del es son hay medida medidas "
    "recomendaciones recomendacion en aqui what which have we so far how are is the of and measures measure recommendations in "
    "up to now here been show me muestrame ensename dime".split()
)


def spoken(said: str) -> Decision | None:
    """A decision on one measure, by its place in the list that was told last or by its own number; None for a question."""
    if "?" in said:
        return None
    status: Standing | None = None
    place = number = end = 0
    after = ""
    for token in _TOKEN.finditer(said):
        word, named = fold(token.group()), bool(status and (place or number))
        at = ORDINALS.get(word) or (int(word) if word.isascii() and word.isdigit() and len(word) < 3 else 0)
        entry = int(word.lstrip("r-")) if re.fullmatch(r"r-?\d+", word) else 0
        if named and (_APART.search(said, end, token.start()) or BECAUSE.match(said[token.start() :])):
            after = said[end:]
            break
        if word in _VERBS and status is None:
            status = _VERBS[word]
        elif (at or entry) and not (place or number):
            place, number = at, entry
        elif named and status == "done" and word not in _AROUND:
            after = said[end:]
            break
        elif word not in _AROUND:
            return None
        end = token.end()
    if status is None or not (place or number):
        return None
    one, reason = Decision(status, place, number), after.strip(" .:;,(—–)")
    return done(one, reason) if status == "done" else with_reason(one, reason)


def asks_standing(said: str) -> bool:
    """Whether a text, without the facilities that it names, asks what was decided and how it goes, and nothing else."""
    asked = set(words(said))
    if asked - _FRAME - _DECIDED - _STANDS - _GOES - _OF:
        return False
    return bool(
        asked & (_DECIDED | _STANDS) or (asked & {"medidas", "measures", "recomendaciones", "recommendations"} and asked & _OF)
    )
