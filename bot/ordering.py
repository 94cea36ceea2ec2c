"""What a text asks of all the measures that were told: their order, the best, what they come to, all in short. Pure."""

from __future__ import annotations

from bot.places import unnamed
from bot.pointing import CARBON, ORDINALS
from config.company import CompanyConfig
from rag.analyse import words
from rag.compared import Criterion, Ordering

_BY: dict[Criterion, frozenset[str]] = {
    "co2": CARBON | frozenset("evita evitan evitaria evitarian evitamos avoid avoids avoided toneladas tonnes tons".split()),
    "payback": frozenset(
        "retorno payback pays pay paid back paga pagan "
        "amortiza amortizan amortizar amortizacion recupera recuperan recuperar recuperacion plazo plazos "
        "rapido rapida fast fastest quick quickest quicker soonest antes relacion ratio".split()
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
_MOST = frozenset("mas most mayor highest biggest largest greatest longest larga largo".split())
_LEAST = frozenset("menos least menor lowest smallest peor worst slowest shortest corto corta".split())
_SUPERLATIVES = _MOST | _LEAST | frozenset("mejor mejores best cheapest dearest fastest quickest quicker soonest antes".split())
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
    "mean means significa equivale supone suponen has ok vale about give gives hay entonces so then pues "
    "listalas today ahora primero first how does that year ano period net present neto actual how much".split()
)
_BRIEF = frozenset(
    "resume resumelo resumela resumelas resumelos resumeme resumemelo resumemelas resumir resumen resumes summarise summarize "
    "summary tabla table".split()
)
_FOR_WHOM = frozenset(
    "mi jefa jefe direccion director directora gerente gerencia comite reunion correo lineas linea palabras frases pocas dos "
    "tres breve corto corta haz hazme hazlo hazlas hazmelo dame damelo ponme ponlo pasame puedes podrias esto eso todas todo con "
    "sus para una un for comparando comparandolas columnas medidas ahorro favor "
    "my boss manager management board meeting mail email lines line words sentences few two three brief short make give put can "
    "could it that this as comparing please".split()
)
"""Words of a text that asks for the list in short, and for whom."""
_STOPS = frozenset(
    "parada paradas parar pare paren paran pararla interrumpir interrumpan interrupcion corte cortes stop stops stopping "
    "shutdown shutdowns downtime outage outages interrupt interrupting interruption".split()
)
_WORKS = frozenset("obra obras reforma reformas works construction".split())
_NEEDS = frozenset(
    "sin no necesitan necesiten necesita requieren requieran requiere llevan impliquen implican exigen without not need needs "
    "require requires requiring needing".split()
)
_LEFT_OUT = frozenset(
    "quita quitar quitame elimina deja dejame fuera solo solamente hacer haya tengan tener servicio planta instalacion "
    "instalaciones produccion marcha only just remove drop leave out those do don t does any plant facility production service "
    "having work building civil without".split()
)


def ordering(said: str, company: CompanyConfig) -> Ordering | None:
    """The order that is asked for, or the sum; None if a text says anything else besides."""
    asked = set(words(unnamed(said, company)))
    about = frozenset[str]().union(*_BY.values())
    if asked & _BRIEF and not asked - _BRIEF - about - _FOR_WHOM - _FILL:
        return Ordering(brief=True)
    if asked - about - _RANKS - _SUPERLATIVES - _BEGINS - _FIRST - _TOGETHER - _AMOUNTS - _FILL:
        return None
    if asked & CARBON:
        return Ordering("co2", falling=not asked & _LEAST)
    if asked & _TOGETHER and asked & _AMOUNTS and not asked & (_RANKS | _SUPERLATIVES):
        return Ordering(together=True)
    if asked & _BEGINS and asked & _FIRST:
        return Ordering("npv", falling=True)
    by = next((one for one, held in _BY.items() if asked & held), None)
    if by is None or not (asked & (_RANKS | _SUPERLATIVES) or (by == "payback" and asked & _FIRST)):
        return None
    return Ordering(by, falling=_falling(by, asked))


def unmistakable(said: str, company: CompanyConfig) -> bool:
    """Whether an order or a sum is of measures also when something else was told since: «la más barata» need not be."""
    asked = set(words(unnamed(said, company)))
    return bool(asked & _SURE or (asked & _BEGINS and asked & _FIRST))


def several(said: str, company: CompanyConfig) -> tuple[int, ...]:
    """The places of those that are to be added up: «quiero hacer la 2 y la 3, ¿cuánto sería?»; none if it says anything else."""
    asked = words(unnamed(said, company))
    places = [ORDINALS.get(word, 0) or (int(word) if word.isdigit() and len(word) < 3 else 0) for word in asked]
    rest = {word for word, place in zip(asked, places, strict=True) if not place}
    if rest - _IF - _TOGETHER - _AMOUNTS - _FILL or not rest & (_TOGETHER | _AMOUNTS):
        return ()
    found = tuple(dict.fromkeys(place for place in places if place))
    return found if len(found) > 1 else ()


def unjudged(said: str, company: CompanyConfig) -> bool:
    """Whether only those that need no works, or no stop, are asked for: «¿y sin obras?», "only those that do not stop it"."""
    asked = set(words(unnamed(said, company)))
    if asked - _STOPS - _WORKS - _NEEDS - _LEFT_OUT - _FILL:
        return False
    return bool(asked & _STOPS) or bool(asked & _WORKS and asked & _NEEDS)


def _falling(by: Criterion, asked: set[str]) -> bool:
    """Whether the largest comes first: what is best, unless the other end is asked for."""
    if by == "payback":
        return bool(asked & {"slowest", "peor", "worst", "longest", "larga", "largo"})
    if by == "investment":
        dear = bool(asked & _DEAR) or bool(asked & _MOST and not asked & _CHEAP)
        return dear != bool(asked & _LEAST and asked & (_DEAR | _CHEAP))
    return not asked & _LEAST
