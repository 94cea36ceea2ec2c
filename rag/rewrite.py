"""A follow-up into questions that stand alone, without a language model: by what it leans on. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.analyse import content_words, names, words
from rag.models import Turn

_OPENS = re.compile(r"^\W*(y|pero|entonces|and|but|so|then|what about|how about|qué hay de)\b", re.IGNORECASE)
_POINTS_BACK = re.compile(
    r"\b(es[eoa]s?|aquell[oa]s?|ell[oa]s?|allí|ahí|lo mismo|those|it|its|they|them|the same)\b"  # pronouns
    r"|\b(si|if) (lo|la|los|las|we) \w+"  # «si las paramos»
    r"|\w[aei]r(lo|la|los|las)\b",  # «cambiarlas»
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"\b(hola|buen[oa]s?( (d[ií]as|tardes|noches))?|(much(as|ísimas) )?gracias|saludos|adi[oó]s|vale|perfecto|genial|de acuerdo"
    r"|hello|hi|hey|good (morning|afternoon|evening)|thanks( a lot)?|thank you( very much)?|cheers|bye|ok(ay)?|great)\b",
    re.IGNORECASE,
)
_SHORT = 3
"""A question of at most this many content words, after another one, may lean on it."""


def asks(question: str, history: Sequence[Turn]) -> bool:
    """Whether there is anything to search for: not in a bare mention or a greeting; in «¿y por qué?» only after something."""
    rest = _COURTESY.sub(" ", question)
    return bool(content_words(rest) or (history and words(rest)))


def variants(question: str, history: Sequence[Turn]) -> tuple[str, ...]:
    """What to search for, in order of preference: the question, or it behind the last one that stood alone.

    A question with a pronoun that points back, or «¿y de noche?», is never searched alone; one that only begins like a
    follow-up, or is short, is, but its other reading may turn out better.
    """
    asked = [turn.text for turn in history if turn.role == "user"]
    if not asked or not _leans(question):
        return (question,)
    anchor = next((text for text in reversed(asked) if not _leans(text)), asked[-1])
    whole = f"{anchor} {question}"
    bare = len(content_words(question)) <= (1 if _OPENS.search(question) else 0)
    return (whole,) if bare or _POINTS_BACK.search(question) else (question, whole)


def without(name: str, question: str) -> str:
    """The question without a name, unless nothing else is asked; unchanged if it is not in it."""
    rest = " ".join(re.sub(rf"\b{re.escape(name)}\b", " ", question, flags=re.IGNORECASE).split()) if name else question
    return rest if name.lower() in question.lower() and content_words(rest) else question


def _leans(question: str) -> bool:
    """By how it begins, by a pronoun, or because it says little and names nothing."""
    short = len(content_words(question)) <= _SHORT and not names(question)
    return short or bool(_OPENS.search(question) or _POINTS_BACK.search(question))
