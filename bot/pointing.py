"""Which of the measures that were recommended a text asks about: «¿por qué la primera?», "explain the LED", "and that?". Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.places import named_site, unnamed
from config.company import CompanyConfig
from config.texts import LANGUAGES, keys, text
from rag.analyse import content_words, fold, stems, terms, words
from rag.for_and_against import phrases
from rag.models import Recommendation

LAST = -1
ORDINALS = {
    **{
        word: place
        for place, said in enumerate(
            (
                "first primera primero primer 1st 1a", "second segunda segundo 2nd 2a", "third tercera tercero tercer 3rd 3a",
                "fourth cuarta cuarto 4th 4a", "fifth quinta quinto 5th 5a", "sixth sexta sexto 6th 6a",
                "seventh septima septimo 7th 7a", "eighth octava octavo 8th 8a", "ninth novena noveno 9th 9a",
                "tenth decima decimo 10th 10a",
            ),
            start=1,
        )
        for word in said.split()
    },
    **dict.fromkeys("last ultima ultimo".split(), LAST),
}  # fmt: skip
_NUMBERED = re.compile(r"(?:\b(?:la|el|the|numero|number|medida|measure|opcion|option|no)\b\.?|#|^)\s*(\d{1,2})\W*$", re.ASCII)
_ENTRY = re.compile(r"\br(\d{1,7})\b")
_WHY = re.compile(r"\b(por que|why|reasons?|razon(es)?|motivos?)\b")
CARBON = frozenset("co2 co2e carbono carbon emisiones emissions".split())
_EXPLAINS = CARBON | frozenset(
    "why porque explica explicame explicanos explicar expliques explain detalla detalles detalle detail details detailed more "
    "mas cuentame tell amplia desarrolla elaborate expand reason reasons razon razones motivo motivos calcula calculas calculo "
    "calculado calculated calculation calculate supuestos assumptions hipotesis consiste "
    "cost costs cuesta costaria coste save saves saving savings ahorra ahorraria ahorrariamos ahorramos ahorro inversion "
    "investment payback retorno tarda tardaria pagarse paga pagaria recupera recuperarse pays pay back amortizarse "
    "evita evitaria avoid avoids toneladas tonnes tons "
    "amortiza amortizacion rentable rentabilidad worth vale merece pena npv van".split()
)
"""Words that ask for what a measure is told with: why, how it is reckoned, what it saves, what it costs."""
_ASIDE = frozenset(
    "medida medidas measure measures opcion option propuesta proposal recomendacion recommendation recomiendas recommend numero "
    "number punto item cuanto cuanta much how como sobre about year ano mes month dia day exactamente exactly "
    "please favor eso esa ese una uno that this it one ones".split()
)
_COVERED = 0.6
"""The least share of a text's words that a measure must be called by."""


@dataclass(frozen=True, slots=True)
class Pointed:
    """A measure by its place in the list, from 1 or LAST; by its number in the register; or by what it is called, and at which
    site. None of these: the one that is spoken of. `explains`: it is said what is wanted of it; `carbon`: what it avoids to be
    emitted.
    """

    place: int = 0
    number: int = 0
    called: tuple[str, ...] = ()
    site: str | None = None
    explains: bool = False
    carbon: bool = False


def pointed(said: str, company: CompanyConfig) -> Pointed | None:
    """What a text points to; None if it asks nothing that one measure's telling answers."""
    site, rest = named_site(said, company), fold(unnamed(said, company))
    explains = bool(_WHY.search(rest) or set(words(rest)) & _EXPLAINS)
    carbon = bool(set(words(rest)) & CARBON)
    entry, numbered = _ENTRY.search(rest), _NUMBERED.search(rest.strip(" ?!.¿"))
    place = next((ORDINALS[word] for word in words(rest) if word in ORDINALS), int(numbered.group(1)) if numbered else 0)
    known = {*ORDINALS, *_EXPLAINS, *_ASIDE}
    if entry or numbered:
        rest = _ENTRY.sub(" ", rest) if entry else _NUMBERED.sub(" ", rest.strip(" ?!.¿"))
    called = tuple(word for word in content_words(rest) if word not in known)
    if entry or place:
        number = int(entry.group(1)) if entry else 0
        return None if called else Pointed(0 if entry else place, number, (), site, explains, carbon)
    if carbon and site and not called:
        return None  # of the facility
    wanted = explains or bool(set(words(rest)) & {"cuanto", "much"})
    return Pointed(called=called, site=site, explains=explains, carbon=carbon) if wanted and (explains or not called) else None


def called(one: Pointed, told: Sequence[Recommendation], company: CompanyConfig) -> int | None:
    """The place (from 0) of the measure that is called so; the first of those that fit best, None if none does."""
    scores = [_likeness(one, held, company) if one.site in {None, held.site} else 0.0 for held in told]
    best = max(scores, default=0.0)
    return scores.index(best) if best else None


def _likeness(one: Pointed, held: Recommendation, company: CompanyConfig) -> float:
    """How well a measure is called by these words: those of its title count whole, those by which documents know it half."""
    title, about = _vocabulary(_titles(held, company)), _vocabulary(phrases(held.measure))
    in_title = sum(bool(set(stems(word)) & title) for word in one.called)
    in_about = sum(bool(set(stems(word)) & about - title) for word in one.called)
    fits = in_title or in_about > 1
    return in_title + in_about / 2 if fits and in_title + in_about >= _COVERED * len(one.called) else 0.0


def _titles(held: Recommendation, company: CompanyConfig) -> list[str]:
    """What a measure is called, in either language where that is known."""
    site, key = company.site(held.site), f"measures.{held.measure}.title"
    own = [
        title for proposal in (site.proposals if site else ()) if proposal.id == held.measure for title in proposal.title.values()
    ]
    return [held.title, *own, *(text(language, key) for language in LANGUAGES if key in keys(language))]


def _vocabulary(said: Sequence[str]) -> set[str]:
    return {term for one in said for term in terms(one)}
