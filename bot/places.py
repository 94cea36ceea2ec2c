"""Which facility a text names: one of the company's, or another that only looks like one of them. Pure."""

from __future__ import annotations

import re

from config.company import CompanyConfig
from rag.analyse import content_words, fold
from rag.facility import ANY, Facility
from rag.naming import TIMES, Named, sites_in

_WORD = re.compile(r"[^\W\d_]+")
_LINKS = frozenset("de del la las los el of the in at en".split())


def named_site(text: str, company: CompanyConfig) -> str | None:
    """The one site that a text names by id, name or alias; None if it names none or several.

    A name that goes on as a name of something else does not count: «EDAR Sur» is not the EDAR that the company has.
    """
    named = {one.site for one in mentions(text, company)}
    return named.pop() if len(named) == 1 else None


def mentions(text: str, company: CompanyConfig) -> tuple[Named, ...]:
    """Each place where a text names a site, in order; of names that overlap the longest."""
    kept = list[Named]()
    for one in sorted(sites_in(text, company), key=lambda one: one.start - one.end):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return tuple(sorted(kept, key=lambda one: one.start))


def renamed(text: str, site: str | None, company: CompanyConfig) -> str:
    """The text with the one site that it names called by another's name; unchanged if it names none, several or this one."""
    found, other = mentions(text, company), company.site(site)
    if other is None or len({one.site for one in found}) != 1 or found[0].site == other.id:
        return text
    for one in reversed(found):
        text = f"{text[: one.start]}{other.name}{text[one.end :]}"
    return text


def unnamed(text: str, company: CompanyConfig) -> str:
    """The text without the sites that it names."""
    for one in reversed(mentions(text, company)):
        text = f"{text[: one.start]} {text[one.end :]}"
    return text


def facility(site: str | None, company: CompanyConfig) -> Facility:
    """A site of the company, by its names and the others'; any if there is none."""
    called = {one.id: (one.name, *one.aliases) for one in company.sites}
    if site not in called:
        return ANY
    others = tuple(name for other, names in called.items() if other != site for name in names)
    return Facility(site, called[site], others)


def other_place(text: str, company: CompanyConfig) -> str:
    """What a text calls as it calls the company's facilities, and none of them is called: «EDAR Sur», "the Bilbao office"; or "".

    A word that facilities here are called by, with a name behind it, or in English before it, that is no part of their names.
    """
    called = [(name.split(), place == 0) for one in company.sites for place, name in enumerate((one.name, *one.aliases))]
    known = {fold(word) for name, _ in called for word in name}
    kinds = {fold(name[0]) for name, first in called if first and len(name) > 1}
    kinds |= {word for name, _ in called if name[-1].islower() for word in content_words(name[-1])}
    kinds -= {fold(word) for name, first in called if first for word in name[1:]}
    found = [match.group() for match in _WORD.finditer(text)]
    for place, word in enumerate(found):
        if fold(word) not in kinds:
            continue
        behind = place + 1
        while behind < len(found) and found[behind] in _LINKS:
            behind += 1
        before = place - 1
        if behind < len(found) and _is_name(found[behind], known):
            return " ".join(found[place : behind + 1])
        if before > 0 and _is_name(found[before], known):
            return f"{found[before]} {word}"
    return ""


def _is_name(word: str, known: set[str]) -> bool:
    return word.istitle() and len(word) > 2 and fold(word) not in known and fold(word) not in TIMES
