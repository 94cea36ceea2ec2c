"""What a text asks of all the measures that were told: their order by something, the best of them, what they come to. Pure."""

from __future__ import annotations

from bot.places import unnamed
from bot.pointing import ORDINALS
from config.company import CompanyConfig
from rag.analyse import words
from rag.compared import Criterion, Ordering

_BY: dict[Criterion, frozenset[str]] = {
    "payback": frozenset(
        "retorno payback pays pay paid back paga pagan "
        "amortiza amortizan amortizar amortizacion recupera recuperan recuperar plazo plazos "
        "rapido rapida fast fastest quick quickest soonest antes relacion ratio".split()
    ),
    "investment": frozenset(
        "barata baratas barato cheap cheaper cheapest cara caras caro expensive dearest inversion inversiones investment "
        "investments cuesta cuestan costaria costarian coste costes cost costs".split()
    ),
    "energy": frozenset("energia kwh electricidad electricity energy".split()),
    "water": frozenset("agua water m3".split()),
    "npv": frozenset(
        "rentable rentables rentabilidad npv van profitable profitability worth worthwhile interesante interesantes best mejor "
        "mejores worst peor conviene valor value".split()
    ),
    "money": frozenset(
        "ahorra ahorran ahorramos ahorro ahorros ahorraria ahorrarian ahorrariamos dinero euros money save saves saving "
        "savings".split()
    ),
}
"""The more particular before the more general: "which saves most energy" is of energy, "the best payback" of payback."""
_RANKS = frozenset(
    "ordena ordenalas ordenamelas ordename ordenadas ordenar clasifica clasificalas compara comparalas rank ranked sort sorted "
    "order ordered compare orden".split()
)
_MOST = frozenset("mas most mayor highest biggest largest greatest".split())
_LEAST = frozenset("menos least menor lowest smallest peor worst slowest".split())
_SUPERLATIVES = _MOST | _LEAST | frozenset("mejor mejores best cheapest dearest fastest quickest soonest antes".split())
_CHEAP = frozenset("barata baratas barato cheap cheaper cheapest".split())
_DEAR = frozenset("cara caras caro expensive dearest".split())
_BEGINS = frozenset(
    "harias hariais haria hariamos empezar empezamos empiezo empezaria empezarias empezamos priorizarias prioridad start begin "
    "priority do".split()
)
_FIRST = frozenset("primero first donde where prioridad priority priorizarias".split())
_TOGETHER = frozenset(
    "todas todo todos juntas junto total totales conjunto suman suma all together everything sum altogether".split()
)
_SURE = (
    _RANKS
    | _TOGETHER
    | frozenset(
        "retorno payback pays amortiza amortizan rentable rentables rentabilidad npv van profitable profitability".split()
    )
)
"""Words that mean measures whatever was spoken of between."""
_IF = frozenset(
    "quiero queremos si hago hacemos hiciera hicieramos hiciesemos hicieran solo want wanted if just only did seria".split()
)
_AMOUNTS = (
    _BY["investment"]
    | _BY["money"]
    | frozenset("cuanto cuantos cuanta much invertir invertiriamos hacer hacerlas supone suponen come add".split())
)
_FILL = frozenset(
    "cual cuales que medida medidas measure measures opcion opciones option options propuesta propuestas de del por segun con en "
    "el la las lo los es son sale salen seria serian tiene tienen da dan se te me tu tus nos y e a al which one ones them they "
    "these those of the is are would be will what you we i to in with by it its their has have for and up should me list lista "
    "listalas today ahora primero first how does that year ano period net present neto actual how much".split()
)


def ordering(said: str, company: CompanyConfig) -> Ordering | None:
    """The order that is asked for, or the sum; None if a text says anything else besides."""
    asked = set(words(unnamed(said, company)))
    about = frozenset[str]().union(*_BY.values())
    if asked - about - _RANKS - _SUPERLATIVES - _BEGINS - _FIRST - _TOGETHER - _AMOUNTS - _FILL:
        return None
    if asked & _TOGETHER and asked & _AMOUNTS and not asked & (_RANKS | _SUPERLATIVES):
        return Ordering(together=True)
    if asked & _BEGINS and asked & _FIRST:
        return Ordering("npv", falling=True)
    by = next((one for one, held in _BY.items() if asked & held), None)
    if by is None or not asked & (_RANKS | _SUPERLATIVES):
        return None
    return Ordering(by, falling=_falling(by, asked))


def unmistakable(said: str, company: CompanyConfig) -> bool:
    """Whether an order or a sum is of measures also when something else was told since: «la más barata» need not be."""
    return bool(set(words(unnamed(said, company))) & _SURE)


def several(said: str, company: CompanyConfig) -> tuple[int, ...]:
    """The places of those that are to be added up: «quiero hacer la 2 y la 3, ¿cuánto sería?»; none if it says anything else."""
    asked = words(unnamed(said, company))
    places = [ORDINALS.get(word, 0) or (int(word) if word.isdigit() and len(word) < 3 else 0) for word in asked]
    rest = {word for word, place in zip(asked, places, strict=True) if not place}
    if rest - _IF - _TOGETHER - _AMOUNTS - _FILL or not rest & (_TOGETHER | _AMOUNTS):
        return ()
    found = tuple(dict.fromkeys(place for place in places if place))
    return found if len(found) > 1 else ()


def _falling(by: Criterion, asked: set[str]) -> bool:
    """Whether the largest comes first: what is best, unless the other end is asked for."""
    if by == "payback":
        return bool(asked & {"slowest", "peor", "worst"})
    if by == "investment":
        dear = bool(asked & _DEAR) or bool(asked & _MOST and not asked & _CHEAP)
        return dear != bool(asked & _LEAST and asked & (_DEAR | _CHEAP))
    return not asked & _LEAST
