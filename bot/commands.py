"""What a message asks for: a question, or a command in words or by slash, in Spanish or English. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from bot.messages import IncomingMessage
from bot.places import named_site
from bot.register_words import Decision, decision
from config.company import CompanyConfig
from rag.analyse import fold, words
from rag.models import Kind

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
    "water": "water", "agua": "water",
    "infrastructure": "infrastructure", "infraestructura": "infrastructure", "infraestructuras": "infrastructure",
    "obras": "infrastructure", "works": "infrastructure",
}  # fmt: skip
_MEASURES = re.compile(
    r"\b(recomiend|recomend|ahorr|mejor|medidas\b|que (hacer|hacemos|podemos|deber)|recommend|sav(e|ing)|improv|measures\b|"
    r"what (can|could|should) (we|i) do)"
)
_SHORT = 4
"""Words of a decision without the word «recommend» that names its entry by place: «acepta la número 2»."""
_FILLERS = frozenset("me nos algo de del en la el para por please favor something for to at on".split())
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
    `decision` is of `recommend`: what is to be told of the register, or decided in it.
    """

    name: Name
    text: str = ""
    kind: Kind | None = None
    site: str | None = None
    unknown: str = ""
    value: str | None = None
    decision: Decision | None = None


def parse(message: IncomingMessage, company: CompanyConfig) -> Request:
    """The request in a message. A text that merely begins with a command's word is still a question."""
    text = message.text.strip()
    if message.command in {"help", "forget", "sources", "retract", "relay", "share"}:
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
    if isinstance(asked, Decision) and (asked.number or (asked.place and (asked.reason or len(text.split()) <= _SHORT))):
        return Request("recommend", decision=asked)
    if verb in _COMMANDS["recommend"]:
        request = _recommend(rest, site, company)
    elif verb in _COMMANDS["site"]:
        request = _set("site", rest, company)
    elif verb in _COMMANDS["language"]:
        request = _set("language", rest, company)
    if request and (text.startswith("/") or not request.unknown):
        return request
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

    Or what is said to the register: `status [site]`, `accept 2`, `reject R7 because ...`, `done 3 [date]`.
    """
    asked = decision(text)
    if isinstance(asked, Decision):
        return Request("recommend", site=None, decision=asked)
    if asked is not None:
        return replace(_recommend(asked[1], site, company), decision=Decision())
    known = (
        {word for one in company.sites for name in (one.id, one.name, *one.aliases) for word in words(name)} if site else set()
    )
    unknown = [word for word in words(text) if word not in _KINDS and word not in known and word not in _FILLERS]
    return Request("recommend", kind=kind_named(text), site=site, unknown=" ".join(unknown))


def asks_for_measures(text: str) -> bool:
    """Whether a question about readings that were just sent asks what to do about them."""
    return _MEASURES.search(fold(text)) is not None


def kind_named(text: str) -> Kind | None:
    """The kind that a text names first; None for all of them."""
    return next((_KINDS[word] for word in words(text) if word in _KINDS), None)
