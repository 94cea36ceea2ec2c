"""What a message asks for: a question, or a command in words or by slash, in Spanish or English. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bot.messages import IncomingMessage
from config.company import CompanyConfig
from rag.analyse import fold, words
from rag.models import Kind

Name = Literal["ask", "recommend", "help", "forget", "forget_me"]
_COMMANDS: dict[Name, tuple[str, ...]] = {
    "ask": ("ask", "pregunta", "preguntar"),
    "recommend": ("recommend", "recomienda", "recomendar", "recomendaciones", "recommendations"),
    "help": (
        "help", "ayuda", "que puedes hacer", "que sabes hacer", "para que sirves", "como funcionas", "quien eres",
        "what can you do", "what do you do", "how do you work", "who are you",
    ),
    "forget": ("forget", "olvida", "olvidar", "olvidalo"),
    "forget_me": ("forget me", "olvidame"),
}  # fmt: skip
_KINDS: dict[str, Kind] = {
    "energy": "energy", "energia": "energy", "energetica": "energy", "energeticas": "energy",
    "water": "water", "agua": "water",
    "infrastructure": "infrastructure", "infraestructura": "infrastructure", "infraestructuras": "infrastructure",
    "obras": "infrastructure", "works": "infrastructure",
}  # fmt: skip
_FILLERS = frozenset("me nos algo de del en la el para por please favor something for to at on".split())


@dataclass(frozen=True, slots=True)
class Request:
    """A command with its arguments; `text` is the question of `ask`. `unknown` are words that a command did not understand."""

    name: Name
    text: str = ""
    kind: Kind | None = None
    site: str | None = None
    unknown: str = ""


def parse(message: IncomingMessage, company: CompanyConfig) -> Request:
    """The request in a message. A text that merely begins with a command's word is still a question."""
    text = message.text.strip()
    site = message.site or named_site(text, company)
    if message.command == "recommend":
        return _recommend(text, site, company)
    if message.command in {"help", "forget"}:
        return Request("help" if message.command == "help" else "forget")
    plain = fold(text).strip(" /.!¡?¿")
    names: tuple[Name, ...] = ("forget_me", "help", "forget")
    for name in names:
        if plain in _COMMANDS[name]:
            return Request(name)
    head, _, rest = text.lstrip("/").partition(" ")
    if fold(head) in _COMMANDS["ask"] and rest.strip():
        return Request("ask", rest.strip(), site=site)
    if fold(head) in _COMMANDS["recommend"]:
        request = _recommend(rest, site, company)
        if text.startswith("/") or not request.unknown:
            return request
    return Request("ask", text, site=site)


def _recommend(text: str, site: str | None, company: CompanyConfig) -> Request:
    """`[energy|water|infrastructure] [site]` in any order; other words are reported, for the caller to explain the use."""
    known = (
        {word for one in company.sites for name in (one.id, one.name, *one.aliases) for word in words(name)} if site else set()
    )
    kind: Kind | None = None
    unknown = []
    for word in words(text):
        if word in _KINDS:
            kind = kind or _KINDS[word]
        elif word not in known and word not in _FILLERS:
            unknown.append(word)
    return Request("recommend", kind=kind, site=site, unknown=" ".join(unknown))


def named_site(text: str, company: CompanyConfig) -> str | None:
    """The one site that a text names by id, name or alias; None if it names none or several."""
    folded = f" {' '.join(words(text))} "
    named = set()
    for one in company.sites:
        for name in (one.id, one.name, *one.aliases):
            spelled = " ".join(words(re.sub(r"[-_]", " ", name)))
            if spelled and f" {spelled} " in folded:
                named.add(one.id)
    return named.pop() if len(named) == 1 else None
