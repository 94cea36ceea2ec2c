"""A message that names nothing that could be searched for is met with one question back, and what can be asked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.access import sites
from bot.commands import KIND_WORDS, kind_named
from bot.places import unnamed
from bot.told import Case, told
from config.texts import text
from rag.analyse import content_words, fold, words
from rag.models import KINDS, Answer, Kind, Scope
from rag.rewrite import opened

_MOST = 5
"""Answers that are offered."""
_EMPTY = frozenset(
    "hago hacemos haria harias ayuda ayudar ayudame ayudanos bien mal mejor buena bueno buenas buenos malo mala "
    "correcto correcta opinas piensas crees parece dime cuentame saber sabes sabemos info informacion duda "
    "dudas pregunta problema problemas tema "
    "cosa cosas quiero quisiera necesito necesitamos puedes podrias aqui ahora hoy favor "
    "help assist need want wanted good bad fine ok okay right wrong think know knows tell info information question questions "
    "problem problems thing things something anything topic please today here".split()
)
"""Words that ask for something without saying what."""
_SUBJECTS = KIND_WORDS | frozenset(
    "gas tarifa tarifas factura facturas recibo consumo consumos gasto gastos coste costes ahorro ahorros eficiencia "
    "tariff tariffs bill bills consumption use cost costs saving savings efficiency".split()
)
"""What all of it is about: alone they find everything and tell nothing."""
_ASKS = frozenset(
    "cuanto cuanta cuantos cuantas cuando donde quien quienes cual cuales que como porque "
    "much many when where who which what how why".split()
)


def vague(said: str, case: Case, *, begins: bool, placed: bool) -> bool:
    """Whether a message asks for nothing in particular; where a conversation `begins` with it, also «¿qué hago?».

    `placed`: a facility is known, named in it or before: «consumo» may be searched for then, «energía» may not.
    """
    rest = opened(unnamed(said, case.company))
    content = {word for word in content_words(rest) if word not in _EMPTY}
    if not words(said) or content - (KIND_WORDS if placed else _SUBJECTS):
        return False
    if content or fold(rest) != fold(opened(said)):  # a subject, or a facility
        return not set(words(rest)) & _ASKS
    return begins and bool(content_words(rest))


def asked_back(case: Case, scope: Scope) -> Answer:
    """One question back: which facility and which kind, with what can be asked of those that the asker may see."""
    language, seen = case.language, sites(case.company, scope.audiences)
    kind = kind_named(case.request.text, case.company)
    here = next((one for one in seen if one.id == scope.site), None)
    if here:
        kinds: Sequence[Kind | None] = (kind,) if kind else KINDS
        offered = [_offer(case, one, here.name) for one in kinds]
        answer = told(language, "vague.of_site", "needs_input", site=here.name)
    else:
        offered = [_offer(case, kind, one.name) for one in seen[:_MOST]]
        answer = told(language, "vague.which", "needs_input", sites=", ".join(one.name for one in seen) or "-")
    return replace(answer, follow_ups=tuple(offered))


def _offer(case: Case, kind: Kind | None, site: str) -> str:
    which = kind or "all"
    named = text(case.language, f"vague.kind.{which}")
    return text(case.language, "vague.recommend", kind=named, site=site)
