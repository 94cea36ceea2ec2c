"""What a message asks for: a question, or a command in words or by slash, in Spanish or English. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from bot.messages import IncomingMessage
from bot.places import named_site, unnamed
from bot.register_spoken import spoken
from bot.register_words import Decision, decision
from config.company import CompanyConfig
from rag.analyse import content_words, fold, words
from rag.bounds import bounded, unbounded
from rag.models import Kind
from rag.rewrite import LINKS, opened, points_back
from rag.several import asks

Name = Literal["ask", "recommend", "help", "forget", "forget_me", "site", "sources", "language", "retract", "relay", "share"]
_COMMANDS: dict[Name, tuple[str, ...]] = {
    "ask": ("ask", "pregunta", "preguntar"),
    "recommend": ("recommend", "recomienda", "recomendar", "recomendaciones", "recommendations"),
    "help": (
        "help", "ayuda", "que puedes hacer", "que sabes hacer", "para que sirves", "como funcionas", "quien eres",
        "what can you do", "what do you do", "how do you work", "who are you",
    ),
    "forget": ("forget", "olvida", "olvidar", "olvidalo"),
    "forget_me": ("forget me", "olvidame"),
    "site": ("site", "sitio", "instalacion", "facility"),
    "sources": ("sources", "fuentes", "que lees aqui", "what do you read here"),
    "language": ("language", "idioma", "lengua"),
}  # fmt: skip
_KINDS: dict[str, Kind] = {
    "energy": "energy", "energia": "energy", "energetica": "energy", "energeticas": "energy",
    "electricity": "energy", "electricidad": "energy", "electrica": "energy", "luz": "energy",
    "water": "water", "agua": "water",
    "infrastructure": "infrastructure", "infraestructura": "infrastructure", "infraestructuras": "infrastructure",
    "construir": "infrastructure", "construirias": "infrastructure", "build": "infrastructure",
    "obras": "infrastructure", "works": "infrastructure",
}  # fmt: skip
KIND_WORDS = frozenset(_KINDS)
_MEASURES = re.compile(
    r"\b(recomiend|recomend|ahorr|mejor|medidas\b|que (hacer|hacemos|podemos|deber)|recommend|sav(e|ing)|improv|measures\b|"
    r"what (can|could|should) (we|i) do)"
)
_SHORT = 4
"""Words of a decision without the word «recommend» that names its entry by place: «acepta la número 2»."""
_FILLERS = frozenset(
    "me nos algo de del en la el para por favor medidas medida mejoras ideas acciones recomendaciones consejos "
    "please something for to at on measures measure improvements ideas actions recommendations advice tips".split()
)
_RECOMMENDS = frozenset(
    "recomienda recomiendas recomiendan recomendais recomendarias recomendar recomiendame recomiendanos recomendaciones "
    "sugiere sugieres sugieren sugerencias propon propones proponme proponnos aconsejas aconseja "
    "recommend recommended recommendations suggest suggestions propose advise".split()
)
_SAVES = frozenset(
    "ahorrar ahorra ahorre ahorren ahorremos ahorro ahorros ahorrarias ahorraria ahorrariamos reducir reduce reduzca reducirias "
    "reduciria reduciriamos bajar mejorar mejora mejorarias mejoraria mejorariais mejorariamos mejoramos optimizar optimizarias "
    "save saves saving savings reduce reducing cut lower improve improving optimise optimize".split()
)
_USES = frozenset(
    "gastar gaste gastemos consumir consuma consumamos consumo consumos factura facturas gasto gastos eficiencia eficiente pagar "
    "use uses using consume consuming consumption bill bills cost costs pay efficiency efficient money dinero".split()
)
_MEASURE = frozenset("medida medidas mejoras acciones measures improvements actions".split())
_LESS = frozenset("menos less fewer".split())
_ASKS_HOW = frozenset(
    "como que cual cuales donde ideas medidas acciones maneras formas consejos opciones quiero queremos necesito necesitamos "
    "ayudame ayudanos dame danos how what which where ways ideas measures actions tips options want need help give".split()
)
_ASKS_ELSE = frozenset(
    "cuanto cuanta cuantos cuantas cuando quien quienes fue fueron ha han habia hace desde eso esto ello "
    "this that much many when who whose has have had was were did been since".split()
)
"""Words of a question that asks how much, when or what was done, not what to do."""
_FRAME = frozenset(
    "haria hariamos haces podemos podria podriamos puedo podamos debo debemos deberia deberiamos dime hay ayuda solo toda "
    "empresa muestra muestrame ensename lista tell show list find get only just whole company overall".split()
)
_DOES = frozenset(
    "hacer hago hacemos haria harias hariais hariamos construir construirias construiriamos do build emprender abordar "
    "tackle".split()
)
_SHOULD = frozenset(
    "deberiamos deberia debemos debo podemos podriamos podria puedo haria harias hariais hariamos construirias construiriamos "
    "hago hacemos should could can would".split()
)
_THERE = re.compile(
    r"\b(en (ella|ello|él|(esa|ese|esta|este)( (instalación|planta|sede|edificio))?)|allí|ahí"
    r"|there|(in|at) (it|that (site|plant|facility|building)))(?!\w)",
    re.IGNORECASE,
)
"""The place that is spoken of, without its name."""
_ALL = frozenset("all every none todas todos toda ninguna ninguno * -".split())
_LANGUAGES = {
    "es": "es", "espanol": "es", "castellano": "es", "spanish": "es",
    "en": "en", "ingles": "en", "english": "en",
    "auto": "auto", "automatico": "auto", "automatic": "auto", "automatica": "auto",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """A command with its arguments; `text` is the question of `ask`. `unknown` are words that a command did not understand.

    `value` is what `site` or `language` is to be: a site's id or "" for all of them, es | en | auto; None asks what it is.
    `decisions` are of `recommend`: what is to be told of the register, or decided in it, of one measure each.
    """

    name: Name
    text: str = ""
    kind: Kind | None = None
    site: str | None = None
    unknown: str = ""
    value: str | None = None
    decisions: tuple[Decision, ...] = ()


def parse(message: IncomingMessage, company: CompanyConfig) -> Request:
    """The request in a message. A text that merely begins with a command's word is still a question."""
    text = message.text.strip()
    if message.command in {"help", "forget", "forget_me", "sources", "retract", "relay", "share"}:
        return Request(message.command)
    if message.command in {"site", "language"}:
        return _set(message.command, text, company)
    site = message.site or named_site(text, company)
    if message.command == "recommend":
        return _recommend(text, site, company)
    return _in_words(text, site, company)


def _in_words(text: str, site: str | None, company: CompanyConfig) -> Request:
    plain = fold(text).strip(" /.!¡?¿")
    names: tuple[Name, ...] = ("forget_me", "help", "forget", "sources")
    for name in names:
        if plain in _COMMANDS[name]:
            return Request(name)
    head, _, rest = text.lstrip("/").partition(" ")
    verb = fold(head).rstrip(":")
    if verb in _COMMANDS["ask"] and rest.strip():
        return Request("ask", rest.strip(), site=site)
    request: Request | None = None
    asked = decision(text.lstrip("/"))
    if isinstance(asked, Decision) and len(several := spoken(text.lstrip("/"), loose=True)) > 1:
        return Request("recommend", decisions=several)
    if isinstance(asked, Decision) and (asked.number or (asked.place and (asked.reason or len(text.split()) <= _SHORT))):
        return Request("recommend", decisions=(asked,))
    if verb in _COMMANDS["recommend"]:
        request = _recommend(rest, site, company)
    elif verb in _COMMANDS["site"]:
        request = _set("site", rest, company)
    elif verb in _COMMANDS["language"]:
        request = _set("language", rest, company)
    if request and (text.startswith("/") or not request.unknown):
        return request
    limited, rest = bounded(text), unnamed(unbounded(text), company)
    placed = limited or unnamed(text, company) != text
    if asks_what_to_do(rest, limited=limited) or (placed and _asks_to_do(rest)):
        return Request("recommend", kind=kind_named(text, company), site=site)
    return Request("ask", text, site=site)


def _set(name: Literal["site", "language"], rest: str, company: CompanyConfig) -> Request:
    """What the site or the language is to be; it asks what it is if nothing is named."""
    said = fold(rest).strip(" .!¡?¿:*«»\"'") if rest.strip() not in _ALL else rest.strip()
    if not said:
        return Request(name)
    if name == "language":
        value = _LANGUAGES.get(said)
    else:
        value = "" if set(said.split()[:1]) <= _ALL and len(said.split()) <= 3 else _whole_site(said, company)
    return Request(name, value=value) if value is not None else Request(name, unknown=rest.strip()[:100])


def _whole_site(said: str, company: CompanyConfig) -> str | None:
    """The site whose id, name or alias is all that was said; a question that merely names one is no command."""
    spelled = " ".join(word for word in re.split(r"[-_\s]+", said) if word not in _FILLERS)
    for one in company.sites:
        names = (re.split(r"[-_\s]+", fold(name)) for name in (one.id, one.name, *one.aliases))
        if spelled in {" ".join(word for word in name if word not in _FILLERS) for name in names}:
            return one.id
    return None


def _recommend(text: str, site: str | None, company: CompanyConfig) -> Request:
    """`[energy|water|infrastructure] [site]` in any order; other words are reported, for the caller to explain the use.

    Or what is said to the register: `status [site]`, `accept 2 and 3`, `reject R7 because ...`, `done 3 [date]`.
    """
    asked = decision(text)
    if isinstance(asked, Decision):
        several = spoken(text, loose=True)
        return Request("recommend", decisions=several if len(several) > 1 else (asked,))
    if asked is None and any(one.every for one in spoken(text, loose=True)):
        return Request("recommend", decisions=spoken(text, loose=True))
    if asked is not None:
        return replace(_recommend(asked[1], site, company), decisions=(Decision(),))
    rest = unnamed(unbounded(text), company)
    unknown = [word for word in words(rest) if word not in _KINDS and word not in _FILLERS]
    saves = asks_what_to_do(f"recommend {rest}")
    return Request("recommend", kind=kind_named(text, company), site=site, unknown="" if saves else " ".join(unknown))


def asks_what_to_do(text: str, *, limited: bool = False) -> bool:
    """Whether a text, without the facilities that it names, asks for measures and for nothing else: "what do you recommend to
    save water?", «¿cómo puede ahorrar energía?»; what a manual recommends, or on what, is a question to documents.

    `limited`: it said what they may cost or how many are wanted, so that "give me measures" asks for them.
    """
    said = set(words(text))
    if said & (_SHOULD | _DOES):
        text = _THERE.sub(" ", text)  # whichever facility that is, it is the place, not what is asked about
    frame = {*_KINDS, *_FILLERS, *_RECOMMENDS, *_SAVES, *_USES, *_LESS, *_ASKS_HOW, *_FRAME}
    if said & _ASKS_ELSE or points_back(text) or set(content_words(text)) - frame:
        return False
    saves = said & _SAVES or (said & _USES and said & _LESS)
    within = limited and (saves or said & _MEASURE)
    return bool(said & _RECOMMENDS or (saves and said & _ASKS_HOW) or within)


def _asks_to_do(text: str) -> bool:
    """Whether it is asked what should be done at the facility that was named, in these words alone: "what should we do at"."""
    said = set(words(text))
    rest = (
        said
        - _KINDS.keys()
        - _FILLERS
        - _DOES
        - _SHOULD
        - {"que", "what", "y", "and", "so", "se", "we", "you", "i", "in", "the", "first", "primero", "solo", "only", "there"}
    )
    return not rest and bool(said & _DOES and said & _SHOULD and said & {"que", "what"})


def asks_for_measures(text: str) -> bool:
    """Whether a question about readings that were just sent asks what to do about them."""
    return _MEASURES.search(fold(text)) is not None


def states(message: IncomingMessage, company: CompanyConfig) -> bool:
    """Whether a message only tells something: it asks nothing, and is no command."""
    said = message.text
    return bool(said.strip()) and "?" not in said and not asks(said) and parse(message, company).name == "ask"


def kind_named(text: str, company: CompanyConfig) -> Kind | None:
    """The kind that a text names first, outside the names of facilities; None for all of them."""
    return next((_KINDS[word] for word in words(unnamed(text, company)) if word in _KINDS), None)


def names_only(text: str, company: CompanyConfig) -> bool:
    """Whether a text names a facility or a kind and says nothing else: «¿y para la oficina?», "and water?"."""
    text = unbounded(text)
    said = words(opened(unnamed(text, company)))
    rest = [word for word in said if word not in _KINDS]
    return (len(rest) < len(said) or unnamed(text, company) != text) and set(rest) <= LINKS | {"solo", "only"}
