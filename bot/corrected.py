"""What somebody says to put their last question right, as the follow-up that it is: «no, quería decir en mayo». Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.places import mentions
from config.company import CompanyConfig
from rag.analyse import content_words
from rag.asked import asked
from rag.models import Language, Turn
from rag.rewrite import opened

_SORRY = (
    r"(?:perd[oó]n(?:a|ad|e|en)?|disculp(?:a|ad|e|en)|lo siento|ay|uy|ups|oops|espera|wait|sorry|i(?:['’]m| am) sorry|"
    r"my (?:mistake|bad)|me (?:he equivocado|equivoqu[eé])|error m[ií]o|apologies|pardon)"
)
_MEANT = (
    r"(?:(?:yo\s+)?(?:(?:quer[ií]a|quise|quiero) decir|me refer[ií]a|me refiero|preguntaba por|hablaba de|digo|"
    r"mejor dicho)|(?:i\s+(?:meant|mean|was (?:asking|talking) about)|what i meant (?:was|is)|"
    r"i (?:meant|wanted) to (?:say|ask)|i should have said|make that|rather|i['’]m talking about))"
)
_APOLOGY = re.compile(
    rf"^\W*(?:(?:no|nope)\b(?:\s*[,.;:!…—–-]+\s*|\s+(?=(?:{_SORRY}|{_MEANT}|mejor)\b)|$)|{_SORRY}\b[\s,.;:!…—–-]*|mejor\s+(?!dicho))+",
    re.IGNORECASE,
)
_SAYS = re.compile(rf"^\W*(?P<says>{_MEANT})\b[\s,:]*", re.IGNORECASE)
_INSTEAD = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"^\W*(?P<bad>[^,;.]+?)\s+no\s*[,;.]\s*(?:sino\s+)?(?P<good>.+)$",
        rf"^\W*(?:no|not)\s+(?:{_MEANT}\s+)?(?P<bad>[^,;.]+?)\s*"
        rf"(?:[,;.]\s*(?:(?:sino|but)\s+)?|\s+(?:sino|but)\s+)(?:{_MEANT}\s+)?(?P<good>.+)$",
        rf"^\W*(?:i\s+)?(?:didn['’]t|did not)\s+mean\s+(?P<bad>[^,;.]+?)\s*(?:[,;.]\s*(?:but\s+)?|\s+but\s+)"
        rf"(?:{_MEANT}\s+)?(?P<good>.+)$",
        r"^\W*(?P<good>[^,;.]+?)(?:\s+(?:y no|and not|rather than|en vez de)|\s*[,;.]\s*not?)\s+(?P<bad>[^,;.]+?)\W*$",
    )
)
"""One thing instead of another: «en marzo no, en mayo», "not March but May", «en mayo, no en marzo»."""
_LONGEST, _MOST = 8, 200
"""Words of what is meant instead, and characters of a text that puts something right; more is a question of its own."""


def put_right(said: str, history: Sequence[Turn], language: Language, company: CompanyConfig) -> str:
    """The text, or the follow-up that it is if it only says what was meant by the question before.

    Without words that say so («quería decir», "I meant") it is one only if it names a facility or what readings are asked for.
    """
    if len(said) > _MOST or not any(turn.role == "user" for turn in history):
        return said
    sorry = _APOLOGY.match(said)
    rest = said[sorry.end() :] if sorry else said
    says = _SAYS.match(rest)
    rest = rest[says.end() :] if says else rest
    meant = "" if "?" in said else _instead(said, company) or _instead(rest, company)
    if not (sorry or says or meant):
        return said
    meant = opened((meant or rest).strip(" \t\n¿?.,;:!"))
    if not meant or not (says or names_alone(meant, company)) or len(content_words(meant)) > _LONGEST:
        return said
    if "?" in rest and not names_alone(meant, company):
        return rest.strip()
    return f"¿y {meant}?" if language == "es" else f"and {meant}?"


def names_alone(said: str, company: CompanyConfig) -> bool:
    """Whether a text names a facility, a time, or what readings are asked for, and says nothing else."""
    what = asked(f"in {said}", company, lent="used")  # «May» alone may be a verb
    if not what.understood:
        return False
    named = (what.times, what.periods, what.weekdays, what.hours, what.units, what.carrier, what.metric, what.price)
    return bool(mentions(said, company)) or any(named)


def _instead(said: str, company: CompanyConfig) -> str:
    """What is meant, where two things are told, one instead of the other; "" if they are not."""
    for pattern in _INSTEAD:
        match = pattern.match(said)
        if match and all(names_alone(match[name].strip(" ¿?.,;:!"), company) for name in ("bad", "good")):
            return match["good"]
    return ""
