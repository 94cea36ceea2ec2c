"""«La otra planta»: which other facility is meant, by its kind and by which were spoken of. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.places import mentions
from config.company import CompanyConfig, SiteConfig
from rag.analyse import fold, words
from rag.models import Turn
from rag.rewrite import LINKS

_KINDS = {
    "planta plantas plant plants": r"treatment|desalination|plant|works",
    "oficina oficinas office offices": r"office",
    "sede sedes edificio edificios building buildings headquarters": r"office|building|school|hospital|home|museum|library",
    "red redes network networks": r"distribution|network",
    "tunel tuneles tunnel tunnels": r"tunnel",
    "instalacion instalaciones sitio sitios centro centros facility facilities site sites one": r"",
}
_OF_KIND = {word: re.compile(kind) for said, kind in _KINDS.items() for word in said.split()}
_OTHER = re.compile(
    r"\b(?P<article>del|al|la|el|the)\s+(?:otr[oa]|other)\b(?:\s+(?P<noun>[^\W\d_]+)(?:\s+(?P<more>plant|site|building|facility)\b)?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Other:
    """What a text says with the other facility's name; or, where several may be meant or none is, those (`text` is "" then)."""

    text: str = ""
    sites: tuple[SiteConfig, ...] = ()


def other(said: str, history: Sequence[Turn], company: CompanyConfig, seen: Sequence[SiteConfig]) -> Other | None:
    """Which facility is meant by «la otra planta», of those that may be `seen`; None if a text speaks of no other one.

    Another of that kind than the one that was spoken of last; of several the one that was spoken of before it.
    """
    match = _OTHER.search(said)
    spoken = _spoken_of(history, company)
    if match is None or not spoken:
        return None
    if any(one.end <= match.start() or match.end() <= one.start for one in mentions(said, company)):
        return None  # it names the one that it means
    noun, end = fold(match["noun"] or ""), match.end()
    if noun in LINKS:  # «la otra en mayo»
        noun, end = "", match.start("noun") - 1
    kind = _OF_KIND.get(noun) or _OF_KIND.get(fold(match["more"] or ""))
    if noun and kind is None:
        return None
    others = [one for one in seen if one.id != spoken[0] and (kind is None or kind.search(one.kind) or noun in _called(one))]
    before = [one for name in spoken[1:] for one in others if one.id == name]
    if not noun and not before:
        return None  # «la otra» alone is as likely another thing
    meant = before[:1] or others
    if len(meant) != 1:
        return Other(sites=tuple(others))
    lead = {"del": "de ", "al": "a "}.get(match["article"].lower(), "")
    return Other(f"{said[: match.start()]}{lead}{meant[0].name}{said[end:]}")


def _called(site: SiteConfig) -> set[str]:
    return {word for name in (site.name, *site.aliases) for word in words(name)}


def _spoken_of(history: Sequence[Turn], company: CompanyConfig) -> list[str]:
    """The facilities that were asked about or that answers are of, the last first."""
    found = list[str]()
    for turn in reversed(history):
        if turn.role == "user":
            found += [one.site for one in mentions(turn.text, company)]
        elif turn.site:
            found.append(turn.site)
    return list(dict.fromkeys(found))
