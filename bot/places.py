"""Which facility a text names: one of the company's, or another that only looks like one of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from config.company import CompanyConfig
from rag.analyse import content_words, fold, words

_WORD = re.compile(r"[^\W\d_]+")
_LINKS = frozenset("de del la las los el of the in at en".split())
_TIMES = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september "
    "october november december christmas easter summer winter spring autumn lunes martes miercoles jueves viernes sabado domingo "
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre navidad semana".split()
)


def named_site(text: str, company: CompanyConfig) -> str | None:
    """The one site that a text names by id, name or alias; None if it names none or several.

    A name that goes on as a name of something else does not count: «EDAR Sur» is not the EDAR that the company has.
    """
    names = [(name, one.id) for one in company.sites for name in (one.id, one.name, *one.aliases)]
    spelled = {" ".join(words(re.sub(r"[-_]", " ", name))): site for name, site in names}
    said = [token for token in re.findall(r"[^\W_]+", text) if words(token)]
    folded = [" ".join(words(token)) for token in said]
    named = {
        site
        for name, site in spelled.items()
        for place in range(len(folded))
        if name and f"{' '.join(folded[place:])} ".startswith(f"{name} ") and not _goes_on(name, said, folded, place, spelled)
    }
    return named.pop() if len(named) == 1 else None


def _goes_on(name: str, said: Sequence[str], folded: Sequence[str], place: int, spelled: Mapping[str, str]) -> bool:
    """Whether the word after a name is one of a longer name that is not known."""
    after = place + len(name.split())
    if after >= len(said) or not (said[after].istitle() and said[after].isalpha() and len(said[after]) > 1):
        return False
    return not any(f"{known} ".startswith(f"{name} {folded[after]} ") for known in spelled)


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
    return word.istitle() and len(word) > 2 and fold(word) not in known and fold(word) not in _TIMES
