"""Which of the company's facilities and meters a text names. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config.company import CompanyConfig, SiteConfig
from rag.analyse import content_words, fold, words

TIMES = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september "
    "october november december christmas easter summer winter spring autumn lunes martes miercoles jueves viernes sabado domingo "
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre navidad semana".split()
)
"""Names of times: with a capital in English, and never of places."""
_CARRIERS = frozenset("electricidad electricity energia energy agua water gas calor heat caudal flow contador meter".split())
"""Words of a meter's name that many a question has."""
_ARTICLES = frozenset("el la los las the".split())
_LEAST_BARE = 5
_KINDS_BEHIND = frozenset("building buildings facility site".split())
_KINDS_BEFORE = frozenset("edificio edificios instalacion instalaciones".split())
"""What a facility is called beside its name: "the office building", «el edificio de la oficina»."""
_OF = frozenset("de del la las el los".split())
_LEAST_SPELLED = 6
"""Letters of a word that may be spelled wrong: of shorter ones too many are words of their own."""
_TOKEN = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Named:
    """A facility's name in a text: whose it is, and from where to where it stands."""

    site: str
    start: int
    end: int


def sites_in(text: str, company: CompanyConfig) -> list[Named]:
    """Every site that a text names by id, name or alias, in order.

    A name that goes on as a name of something else does not count: «EDAR Sur» is not the EDAR that the company has.
    """
    names = [(name, one.id) for one in company.sites for name in (one.id, one.name, *one.aliases)]
    spelled = {" ".join(words(re.sub(r"[-_]", " ", name))): site for name, site in names}
    spelled |= {bare: site for name, site in spelled.items() if (bare := _without_article(name)) and bare not in spelled}
    spelled = {**_short(names), **spelled}
    found = [match for match in _TOKEN.finditer(text) if words(match.group())]
    said = [match.group() for match in found]
    folded = [" ".join(words(token)) for token in said]
    return [
        Named(site, found[_first(folded, place)].start(), found[_last(folded, place + len(name.split()) - 1)].end())
        for place in range(len(folded))
        for name, site in spelled.items()
        if name and f"{' '.join(folded[place:])} ".startswith(f"{name} ") and not _goes_on(name, said, folded, place, spelled)
    ]


def _first(said: Sequence[str], place: int) -> int:
    """Where a name begins with what the facility is called before it."""
    before = place - 1
    while before >= 0 and said[before] in _OF:
        before -= 1
    return before if before >= 0 and before < place - 1 and said[before] in _KINDS_BEFORE else place


def _last(said: Sequence[str], place: int) -> int:
    """Where a name ends with what the facility is called behind it."""
    place = min(place, len(said) - 1)
    return place + 1 if place + 1 < len(said) and said[place + 1] in _KINDS_BEHIND else place


def spelled_right(text: str, company: CompanyConfig) -> str:
    """What a person wrote, with a word that is one letter away from one of a facility's name put right: «oficna», "desladora".

    Only of long words that begin alike, where one word alone is meant; never one that only goes on («officer», «oficinas»).
    """
    names = {word for one in company.sites for name in (one.name, *one.aliases) for word in words(name)}
    long = [word for word in names if len(word) >= _LEAST_SPELLED]

    def right(found: re.Match[str]) -> str:
        written = " ".join(words(found.group()))
        if len(written) < _LEAST_SPELLED - 1 or written in names:
            return found.group()
        meant = [word for word in long if written[0] == word[0] and _one_off(written, word)]
        return meant[0] if len(meant) == 1 else found.group()

    return _TOKEN.sub(right, text)


def _one_off(written: str, word: str) -> bool:
    """Whether a letter is missing, too many, another, or has changed places with the next; not at the end alone."""
    if written.startswith(word) or word.startswith(written):
        return False
    same = next(n for n, (a, b) in enumerate(zip(written, word, strict=False)) if a != b)
    left, right = written[same:], word[same:]
    return right in {left[1:], left[1::-1] + left[2:]} or right[1:] in {left, left[1:]}


def _short(names: Sequence[tuple[str, str]]) -> dict[str, str]:
    """In English "the" and the last word of a name, where one site alone has it: "the network" of a "water network"."""
    found: dict[str, set[str]] = {}
    for name, site in names:
        if " " in name and name.islower():
            found.setdefault(f"the {words(name)[-1]}", set()).add(site)
    return {name: min(sites) for name, sites in found.items() if len(sites) == 1}


def _without_article(name: str) -> str:
    """«el túnel» as in «del túnel» or "tunnel and office"; "" where the rest is so short that it may be any word («la red»)."""
    article, _, rest = name.partition(" ")
    return rest if article in _ARTICLES and len(rest) >= _LEAST_BARE else ""


def _goes_on(name: str, said: Sequence[str], folded: Sequence[str], place: int, spelled: Mapping[str, str]) -> bool:
    """Whether the word after a name is one of a longer name that is not known."""
    after = place + len(name.split())
    if after >= len(said) or not (said[after].istitle() and said[after].isalpha() and len(said[after]) > 1):
        return False
    return folded[after] not in TIMES and not any(f"{known} ".startswith(f"{name} {folded[after]} ") for known in spelled)


def meter_words(site: SiteConfig) -> dict[str, frozenset[str]]:
    """By meter id the words of its name that tell it from the site's other meters; none where there is but one."""
    names = {one.id: frozenset(content_words(one.name)) for one in site.meters}
    if len(names) < 2:
        return {}
    own = _CARRIERS | frozenset(fold(word) for word in site.name.split())
    return {
        meter: said - own - frozenset().union(*(other for name, other in names.items() if name != meter))
        for meter, said in names.items()
    }


def meters_in(text: str, site: SiteConfig) -> tuple[str, ...]:
    """The ids of the site's meters that a text names by a word that only their name has: «S2», «Ensanche»."""
    said = set(words(text))
    return tuple(meter for meter, own in meter_words(site).items() if own & said)
