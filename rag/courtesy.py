"""What people say without asking anything: greetings, thanks, a nod, laughter, a picture of a thumb. Pure."""

from __future__ import annotations

import re
from typing import Literal

from rag.analyse import words

_GREETINGS = re.compile(
    r"\b(hola|buen[oa]s?( (d[ií]as|tardes|noches))?|saludos|hello|hi|hey|good (morning|afternoon|evening))\b", re.IGNORECASE
)
_NODS = re.compile(
    r"\b((much(as|ísimas|isimas)|mil) gracias|gracias|de nada|adi[oó]s"
    r"|hasta (luego|mañana|pronto)|vale|perfecto|genial|de acuerdo"
    r"|estupendo|fenomenal|excelente|entendido|muy amable|buen trabajo|qu[eé] bien"
    r"|(thanks|thank you)( a lot| very much| so much)?|thx|cheers|bye|see you|ok(ay|ey)?|great|perfect|excellent|cool|nice|got it"
    r"|understood|well done|good job|you're welcome|lol|a?(ja|je|ji|ha|he){2,}[jh]?)\b",
    re.IGNORECASE,
)
_EMOJI_NAME = re.compile(r":(?:[+-]1|[a-z][\w+-]*)(?:::skin-tone-\d)?:", re.IGNORECASE)
"""As Slack writes a picture: `:+1:`, `:tada:`."""


def beside_courtesy(text: str) -> str:
    """What is left of a text to be looked up."""
    return _EMOJI_NAME.sub(" ", _NODS.sub(" ", _GREETINGS.sub(" ", text)))


def courtesy(text: str) -> Literal["greeting", "nod", ""]:
    """What a text is that asks nothing and answers nothing; "" for all that may. «¿?» asks, a smile does not."""
    if not text.strip() or "?" in text or words(beside_courtesy(text)):
        return ""
    return "greeting" if _GREETINGS.search(text) else "nod"
