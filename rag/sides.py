"""On which side of a measure a sentence is, by its words: proposes, forbids, limits, obliges. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from rag.models import Passage

Side = Literal["for", "con", "limit", "obliges", "standing", "tried", "peak", "allowed"]

PROPOSES = re.compile(
    r"\b(se (recomienda|propone|aconseja|sugiere)|recomend(amos|aci[oó]n|aciones|able)|proponemos|propuesta|conviene"
    r"|convendr[ií]a|es (aconsejable|conveniente|prioritario)|aconsejamos"
    r"|(we|i)( \w+)? (recommend|propose|suggest|advise)|(is|are) (recommended|proposed|advised|suggested)|recommendations?)\b",
    re.IGNORECASE,
)
_ACCEPTS = re.compile(r"\b(se aprueba|propuso|is sound|se aprob[oó])\b", re.IGNORECASE)
AGAINST = re.compile(
    r"\bno (se )?(propone\w*|recomiend\w+|recomendamos|aconsej\w+|proponemos|convien\w+|deb\w+|licitar|lo permite\w*"
    r"|es (necesario|conveniente|recomendable|aconsejable))\b"
    r"|\b(desaconsej\w+|prohib\w+|descart(ar|a|amos)|(must|should|may|can) not|not (recommend|propos|advis)\w*"
    r"|advise against)\b",
    re.IGNORECASE,
)
_LIMITS = re.compile(
    r"\b(no (se )?pued\w+ (ser|superar|bajar|quedar|parar|reducir)\w*"
    r"|(?<!\ba )(nivel|frecuencia|velocidad|presi[oó]n|temperatura|consigna)( \w+)? m[ií]nim[oa]|no se deja|sin autorizaci[oó]n"
    r"|nunca|no antes de|margen (de seguridad|de reserva|para)|(safety|reserve) margin|margin for"
    r"|never|not before|minimum (speed|level|pressure|frequency|temperature)|keep [\w ]+ (below|above))\b",
    re.IGNORECASE,
)
FAILED = re.compile(
    r"\b(sin ([eé]xito|resultados?|localizar)|en vano|no se (ha )?(encontr[oó]|encontrado|localiz[oó]|localizado)"
    r"|in vain|without (success|results?)|unsuccessful\w*|(was|were|been) not (found|located)|not (found|located) yet)\b",
    re.IGNORECASE,
)
"""What was tried already and came to nothing."""
WORTH_LESS = re.compile(
    r"\b(worth less than|less than (it|they|was|is|the \w+) (says?|said|expected|assumed|promised)|menos (de lo que|que lo que)"
    r"|menos de lo (previsto|estimado|esperado|calculado)|over-?(estimat|stat)\w+|sobree?stim\w+"
    r"|(too|over|demasiado) ?optimist\w+"
    r"|(vale|ahorra|ahorrar[ií]a|rinde|rendir[ií]a) menos)\b",
    re.IGNORECASE,
)
"""What doubts a measure's worth; the rest of its paragraph tells by how much."""
_NOT_BEYOND = re.compile(
    r"\bno (se )?(propone\w*|recomiend\w+|aconsej\w+|convien\w+|deb\w+) "
    r"(bajar|subir|pasar|superar|reducir\w*) (de|a menos|a m[aá]s)\b"
    r"|\bnot (to )?(go|fall|rise|be) (below|above|under|over|beyond)\b",
    re.IGNORECASE,
)
"""What is advised against only from a value on: «no se propone bajar de 105 kW»."""
_WASTES = re.compile(
    r"\b(se (gasta|desperdicia|pierde) (m[aá]s )?(energ[ií]a|agua)|(is|still) wast\w+|of the energy|energ[ií]a de m[aá]s)\b",
    re.IGNORECASE,
)
"""What is advised against because it wastes speaks for a measure that ends it."""
_LAW = re.compile(
    r"\b(real decreto|r\.?d\.? ?\d|ley \d|directiva|reglamento|royal decree|directive|regulation|legal limit|l[ií]mite legal)\b",
    re.I,
)
_BINDS = re.compile(
    r"\b(deb(e|en|er[aá]n?)|oblig\w+|exige\w*|requiere\w*|l[ií]mites?|shall|must|requires?|required|limit)\b", re.IGNORECASE
)


def side_of(sentence: str, passage: Passage) -> Side | None:
    """Whether a sentence obliges, forbids or limits, or proposes; a heading («what not to do») speaks for what it stands over."""
    return _side(sentence, (passage.locator.headings or ("",))[-1], passage.document.title)


@lru_cache(maxsize=16384)
def _side(sentence: str, heading: str, title: str) -> Side | None:
    lawful = _LAW.search(sentence) or _LAW.match(title)
    if lawful and _BINDS.search(sentence) and not PROPOSES.search(sentence):
        return "obliges"
    if FAILED.search(sentence):
        return "limit"
    if AGAINST.search(sentence) or AGAINST.search(heading):
        return "for" if _WASTES.search(sentence) else "limit" if _NOT_BEYOND.search(sentence) else "con"
    if _LIMITS.search(sentence) or WORTH_LESS.search(sentence):
        return "limit"
    return "for" if PROPOSES.search(sentence) or _ACCEPTS.search(sentence) else None
