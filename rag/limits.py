"""A limit that is asked for («luminancia mínima», "vibration limit"): what sentence gives it, and of what it must be. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.analyse import content_words, fold, stems, terms, words
from rag.models import Passage

_LEAST_MOST = r"(?:m[ií]nim[oa]s?|m[aá]xim[oa]s?|l[ií]mites?|minimum|maximum|limits?)"
_LEGAL = (
    r"(?:permitid[oa]s?|admisibles?|admitid[oa]s?|exigid[oa]s?|exigibles?|legal(?:es)?|reglamentari[oa]s?|tolerables?"
    r"|allowed|permitted|permissible|admissible|required|legal|acceptable|tolerable)"
)
ASKS = re.compile(
    rf"\b{_LEAST_MOST}\b.{{0,40}}\b{_LEGAL}\b|\b{_LEGAL}\b.{{0,40}}\b{_LEAST_MOST}\b"
    r"|\b(?:cu[aá]l(?:es)?|qu[eé]|what|which)\b.{0,40}\b(?:l[ií]mites?|limits?|valor(?:es)? (?:m[aá]xim|m[ií]nim)\w+)\b"
    rf"|\b(?:cu[aá]l (?:es|ser[ií]a)|what(?: is|'s)) (?:la|el|the) (?:\w+ )?{_LEAST_MOST}\b",
    re.IGNORECASE,
)
GIVES = re.compile(
    r"(?=(?s:.*)\d)(?s:.*)(?:\b(?:m[ií]nim|m[aá]xim|l[ií]mit|minim|maxim|thresholds?\b|peaks?\b|highest|lowest|puntas?\b|picos?\b"
    r"|valor(?:es)? umbral|at (?:least|most)|al menos|a lo sumo|como mucho|m[aá]s (?:alt|baj)[oa]"
    r"|(?:keep|mant[eé]n\w*)\b.{0,60}\b(?:below|above|under|por debajo|por encima)"
    r"|(?:no|nunca|not|never) (?:\w+ ){0,2}(?:m[aá]s|menos|superior|inferior|super[ae]|baj[ae]|more|less|above|below|exceed"
    r"|over|under))|[<>≤≥])",
    re.IGNORECASE,
)
"""A number, and a word that says that it is the least or the most."""
_OF = (
    re.compile(r"(?P<of>\w+) (?:minim|maxim)[oa]s?\b"),
    re.compile(r"\b(?:(?:minim|maxim)[oa]s?|limites?) (?:de|para|del) (?:(?:la|el|los|las) )?(?P<of>\w+)"),
    re.compile(r"\b(?:minimum|maximum) (?:(?:allowed|permitted|required|legal|acceptable) )?(?P<of>\w+(?: \w+)?)"),
    re.compile(r"(?P<of>\w+) limits?\b|\blimits? (?:of|for|on) (?:the )?(?P<on>\w+)"),
)
_RANKED = re.compile(f"{_LEAST_MOST}|{_LEGAL}")
_NOTHING = frozenset("valor valores value values nivel level cual cuales what which".split())
_ENGLISH = re.compile(r"\b(?:minimum|maximum|limits?|what|which)\b")
_COGNATE = re.compile(r"(?:cion|tion|ancia|ance)(?:es|s)?$")
"""Words of these ends are nearly the same in both languages."""


@dataclass(frozen=True, slots=True)
class Limited:
    """What a limit is asked of, any of these folded words, in the question's language."""

    of: tuple[str, ...]
    language: str

    def met(self, sentence: str, passage: Passage) -> bool:
        """Whether a sentence of a passage, or what stands over it, is of that; what another language calls it is seldom known."""
        said = f"{passage.context} {sentence}"
        if {stem for word in self.of for stem in stems(word)} & set(terms(said)):
            return True
        alike = [_COGNATE.sub("", word) for word in self.of if _COGNATE.search(word)]
        if any(_COGNATE.search(one) and _COGNATE.sub("", one) in alike for one in words(said)):
            return True
        return passage.language != self.language and len(alike) < len(self.of)


def limited(question: str) -> tuple[Limited, ...]:
    """What a limit is asked of, if one is, and if it is said."""
    if not ASKS.search(question):
        return ()
    said = fold(question)
    named = (
        [word for match in one.finditer(said) for part in match.groups() for word in content_words(part or "")] for one in _OF
    )
    told = ([word for word in found if word not in _NOTHING and not _RANKED.fullmatch(word)] for found in named)
    of = tuple(dict.fromkeys(next(filter(None, told), ())))
    return (Limited(of, "en" if _ENGLISH.search(said) else "es"),) if of else ()
