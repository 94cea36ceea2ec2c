"""What people say without asking anything: greetings, thanks, a nod, laughter, a thumb; and that they do not know. Pure."""

from __future__ import annotations

import re
from typing import Literal

from rag.analyse import fold, words

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
_CALLED = re.compile(
    r"(?P<said>\b(?:hola|hello|hi|hey|gracias|thanks|thank you))(?:,?\s+(?:a\s+)?"
    r"(?:todos|todas|equipo|all|team|everyone|there|asesor|advis[eo]r|(?-i:[A-ZÁÉÍÓÚÑ])[^\W\d_]+))\s*(?=[,.!]|$)",
    re.IGNORECASE,
)
"""Whom a greeting or thanks are said to: «gracias, Luis», "thanks all"."""
PICTURE = re.compile(r"(?<!\w):(?:[+-]1|[a-z][\w+-]*)(?:::skin-tone-\d)?:(?!\w)", re.IGNORECASE)
"""As Slack writes a picture: `:+1:`, `:tada:`."""
_KNOWS_NOT = re.compile(
    r"\b(no (lo )?(se|sabemos|sabria( (decir|responder|contestar)(te|le|les|os)?(lo)?)?)"
    r"|(no tengo )?ni (la menor |la mas minima )?idea|no tengo (idea|(esa|la) (informacion|respuesta)|ese dato)"
    r"|(lo )?(desconozco|ignoro)|no (te |le |os )?puedo (responder|contestar|ayudar|decir)(te|le|os)?|no estoy segur[oa]"
    r"|(i |we )?(really |honestly )?(do not|dont|don.t|wouldn.t|would not) know|(i have |i.ve |we have |got )*no (idea|clue)"
    r"|(i.m |i am )?not sure|(i )?(can.t|cannot|can not) (say|tell|answer|help)( you)?|dunno|idk)\b"
)
_ADDS = re.compile(
    r"\W*(?:y|e|ademas|tambien|anado|por cierto|otra cosa|p\.? ?d\.?|and|also|in addition|additionally|moreover|by the way"
    r"|one more thing|plus|p\.? ?s\.?)\b"
)
_BESIDE_NOT_KNOWING = frozenset(
    "pues la el verdad lo siento mucho perdon disculpa disculpad yo nosotros tampoco eso esto de sobre ahora mismo respuesta te "
    "me a sinceramente uf buf well sorry i m am we afraid that this it the about either answer right now honestly to be really "
    "hmm".split()
)


def beside_courtesy(text: str) -> str:
    """What is left of a text to be looked up."""
    said = _CALLED.sub(r"\g<said>", PICTURE.sub(" ", text))
    return _NODS.sub(" ", _GREETINGS.sub(" ", said))


def courtesy(text: str) -> Literal["greeting", "nod", ""]:
    """What a text is that asks nothing and answers nothing; "" for all that may. «¿?» asks, a smile does not."""
    if not text.strip() or "?" in text or words(beside_courtesy(text)):
        return ""
    return "greeting" if _GREETINGS.search(text) else "nod"


def knows_not(text: str) -> bool:
    """Whether somebody says that they do not know, and nothing else: «No lo sé», "no idea, sorry"; not «no sé, di a Eva»."""
    said, count = _KNOWS_NOT.subn(" ", fold(beside_courtesy(text)))
    return count > 0 and "?" not in text and set(words(said)) <= _BESIDE_NOT_KNOWING


def adds(text: str) -> bool:
    """Whether what somebody says goes on from what they said before: «y se pide con dos meses», "also ..."."""
    return _ADDS.match(fold(text)) is not None
