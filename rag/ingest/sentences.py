"""Splits Spanish and English text into sentences: verbatim slices in order, so that what is quoted stands in the source."""

from __future__ import annotations

import re

_NEVER_END = frozenset(
    "sr sra sres sras srta dr dra drs d dª dña dn ing lic arq prof excmo excma ilmo ilma av avda ctra pza ej aprox p.ej i.e e.g "
    "mr mrs ms st vs cf ca approx incl excl máx mín max min resp jr gral dpto depto admón ee ff.cc".split()
)
"""Abbreviations that another word always follows."""
_NUMBER_FOLLOWS = frozenset(
    "art arts artículo núm núms num nº no nos n fig figs figura eq ec sec secc ref refs vol cap caps tab p pp pág págs pag pags "
    "ap apdo apartado párr tel tfno ver rev anexo tít disp ud uds ch par para parr inc rd cl".split()
)
"""Abbreviations before a number (or a roman numeral); before anything else they end a sentence like any word."""
_STARTERS = frozenset(
    "el la los las lo un una en por para se si no este esta estos estas ese esa su sus al del a con como cuando cada todo todos "
    "the a an in on if it this that these those we they for as at when each all there however".split()
)
_END = re.compile(r"(?<![.!?…])[.!?…]+[»”\"’')\]]*(?=\s)")
_ABBREVIATION = re.compile(r"[\w.ªº]+$")
_MARKER = re.compile(
    r"\s*(?:[-–—•*·▪◦‣+]\s|\(?(?:[a-zñ]{1,2}|\d{1,3}(?:\.\d+)*|[ivx]+)[.)](?:[ºª°])?\s|\d+(?:\.\d+)+\s|\|)", re.IGNORECASE
)
_TAIL = 40
"""Characters before a full stop that tell whether it ends an abbreviation: a bound, for text without a single space."""
_OPENER = re.compile(r"[¿¡«“\"‘'(\[]*")
_CLOSED = re.compile(r"[.!?…:;][»”\"’')\]]*\s*$")


def sentences(text: str) -> list[str]:
    """The sentences of a text, stripped, none empty. List items and table rows, one a line, count as sentences."""
    found = []
    for start, end in _lines(text):
        begin = start
        for match in _END.finditer(text, start, end) if " | " not in text[start:end] else ():
            if _ends_sentence(text[begin:end], match.start() - begin, match.end() - begin):
                found.append(text[begin : match.end()])
                begin = match.end()
        found.append(text[begin:end])
    return [piece for piece in (raw.strip() for raw in found) if piece]


def _lines(text: str) -> list[tuple[int, int]]:
    """Bounds of the pieces between line breaks that separate, as against those that only wrap a sentence."""
    bounds, start = [], 0
    for match in re.finditer(r"\n\s*", text):
        if _separates(text[start : match.start()], match.group(), text[match.end() : match.end() + 80]):
            bounds.append((start, match.start()))
            start = match.end()
    bounds.append((start, len(text)))
    return bounds


def _separates(before: str, gap: str, after: str) -> bool:
    if gap.count("\n") > 1 or _CLOSED.search(before) or _MARKER.match(after) or " | " in before[-200:] or " | " in after:
        return True
    first = after[_OPENER.match(after).end() :][:1]  # type: ignore[union-attr]  # it matches the empty string
    return not first.islower()


def _ends_sentence(text: str, stop: int, end: int) -> bool:
    """Whether the stop at text[stop:end] ends a sentence that began with `text`."""
    after = text[end:].lstrip()
    opener = _OPENER.match(after)
    rest = after[opener.end() :] if opener else after
    if not rest or not (rest[0].isupper() or rest[0].isdigit() or (opener and opener.group()) or _MARKER.match(after)):
        return False
    if text[stop] != "." or text[stop : stop + 2] == "..":
        return True
    if stop < _TAIL and _MARKER.fullmatch(text[:stop].split("\n")[-1] + ". "):
        return False  # «1. Objeto», «a. Riego»: the number of an item
    return not _abbreviates(text[max(0, stop - _TAIL) : stop], rest)


def _abbreviates(before: str, rest: str) -> bool:
    """Whether the word before a full stop is an abbreviation here, given what follows."""
    found = _ABBREVIATION.search(before)
    if not found:
        return False
    word = found.group()
    lower = word.lower().strip(".")
    following = re.split(r"[\s,.;:]", rest, maxsplit=1)[0]
    starts = following.lower() in _STARTERS and following[:1].isupper()
    if lower in _NEVER_END:
        return not (starts and lower in {"aprox", "máx", "mín", "max", "min", "approx"})
    if lower in _NUMBER_FOLLOWS:
        return (
            rest[0].isdigit() or re.fullmatch(r"[IVXLC]+", following) is not None or (lower == "p" and following.lower() == "ej")
        )
    if len(word) == 1 and word.isalpha():
        return word.isupper() and not starts and rest[0].isalpha()  # an initial: «J. García», not «clase A. El»
    return re.fullmatch(r"(?:[A-ZÁÉÍÓÚ]{1,2}\.)+[A-ZÁÉÍÓÚ]{1,2}", word) is not None and not starts  # «S.A.», «U.S.»
