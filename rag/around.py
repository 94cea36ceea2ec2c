"""A message without what people say around what they ask: greetings, thanks, names, pictures, addresses, politeness. Pure.

What is left is read by rules that know the words of a question, and meets the documents with nothing but those.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from rag.analyse import content_words, words
from rag.courtesy import PICTURE

_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S*[^\s.,;:!?)\]»\"']", re.IGNORECASE)
_PERSON = re.compile(r"(?<![\w.])@[\w.-]*\w")
_EMOJI_FROM = 0x2600
"""Symbols below are of texts (°, №), those above are pictures."""
_END = r"\s*(?:[,;:.!…-]+(?=[\s¿¡]|$)\s*|\n\s*|(?=[¿¡])|$)"
"""Where something said by itself ends."""
_WHO = (
    r"(?:\s+(?:a\s+)?(?:todos|todas|tod@s|equipo|compañer\w+|chic\w+|asesor|bot"
    r"|all|team|everyone|everybody|there|advis[eo]r|guys|folks)\b)?"
)
_HELLO = (
    r"(?:(?:hola|hello|hi|hey|buen[oa]s\s+(?:d[ií]as|tardes|noches)|good\s+(?:morning|afternoon|evening))\b"
    rf"|(?:muy\s+)?buenas(?={_END}))"
    rf"{_WHO}(?:\s*[,!.]?\s*¿?(?:qu[eé]\s+tal|c[oó]mo\s+est[aá]s|how\s+are\s+you)\s*\?*)?[\s,;:.!-]*"
)
_NAME = r"(?:,?\s+(?-i:[A-ZÁÉÍÓÚÑ])[\w-]+)?"
_THANKS = (
    r"(?:(?:muchas|much[ií]simas|mil)\s+)?(?:gracias|thanks|thank\s+you|thx)"
    r"(?:\s+a\s+lot|\s+very\s+much|\s+so\s+much|\s+de\s+antemano|\s+in\s+advance|\s+(?:por|for)\s+[^,.;:?¿!\n]{1,40})?"
)
_NOD = r"(?:vale|ok|okay|perfecto|genial|de\s+acuerdo|estupendo|entendido|great|perfect|got\s+it|understood)"
_CALLS = (
    r"(?:mira|oye|oiga|oíd|escucha|perdona|perd[oó]n|disculpa|sorry|excuse\s+me|listen|look"
    r"|(?:tengo\s+)?(?:una|otra)\s+(?:pregunta|duda|consulta|cosa)(?:\s+r[aá]pida)?|(?:pregunta|duda|consulta)(?:\s+r[aá]pida)?"
    r"|(?:i\s+have\s+)?(?:(?:a|another)\s+)?(?:quick\s+)?question|asesor|bot|advis[eo]r)"
)
_IS = (
    r"(?:(?:soy|me\s+llamo|i\s+am|i'm|my\s+name\s+is|this\s+is)\s+(?-i:[A-ZÁÉÍÓÚÑ])[^,.;:?¿!\n]{1,50}"
    r"(?:,\s*(?:del?|from|of|in)\s[^,.;:?¿!\n]{1,40})?[,.;:!\n]\s*)"
)
_BEFORE = re.compile(rf"\s*(?:[,;:.!¡…-]+\s*|{_HELLO}|{_THANKS}{_NAME}{_END}|{_NOD}{_END}|{_CALLS}{_END}|{_IS})", re.IGNORECASE)
_AFTER = re.compile(
    rf"(?:(?<=[?.!,;\n])\s*|\s*[,.;\n]\s*)(?:{_THANKS}|(?:un\s+)?saludos?|(?:best|kind)\s+regards|cheers){_NAME}[\s.!]*$",
    re.IGNORECASE,
)
_ASKING = (
    r"(?=(?:(?:en|de|por|para|con|a|desde|in|at|for|since|from)\s+)?"
    r"(?:cuánt|cuant|cuál|cual|qué|que\s|cómo|cuándo|dónde|quién|how\b|what\b|which\b|who\b|when\b|where\b|why\b))"
)
_KNOW = r"(?:saber|conocer|preguntar(?:te|os)?|know|ask(?:\s+you)?)"
_TELL = r"(?:decir|indicar|confirmar|aclarar|explicar)"
_FRAME = re.compile(
    r"(?P<open>^\s*[¿¡]?\s*)(?:(?-i:[A-ZÁÉÍÓÚÑ])[\w-]+,\s*)?(?:"
    rf"(?:necesit[oa](?:mos)?|quiero|queremos|quisi[eé]ra(?:mos)?|quer[ií]a(?:mos)?|(?:me|nos)\s+gustar[ií]a)\s+{_KNOW}"
    rf"|(?:me|nos)\s+(?:puedes?|podr[ií]as?|pod[eé]is)\s+{_TELL}|(?:puedes?|podr[ií]as?|pod[eé]is)\s+{_TELL}(?:me|nos)"
    r"|sab(?:es|[eé]is|r[ií]as?|e\s+alguien)(?:\s+decir(?:me|nos))?|preg[uú]ntal[eo]s?(?:\s+a)?"
    rf"|(?:(?:i|we)\s+)?(?:need|want|would\s+like|'d\s+like|wanted)\s+to\s+{_KNOW}|(?:i|we)'d\s+like\s+to\s+{_KNOW}"
    r"|(?:can|could|would)\s+(?:you|someone|anyone)\s+(?:please\s+)?(?:tell|show)\s+(?:me|us)"
    r"|do\s+(?:you|we)\s+(?:happen\s+to\s+)?know|(?:please\s+)?ask)\s*[,:]?\s*[¿]?\s*" + _ASKING,
    re.IGNORECASE,
)  # fmt: skip
_SENTENCES = re.compile(r"(?<=[.!?…])\s+|\n+|(?<=[.,:;])\s*(?=¿)")


def bare(said: str) -> str:
    """What a message asks, in its own words; unchanged if nothing is said but what stands around questions."""
    rest = _PERSON.sub(" ", _ADDRESS.sub(" ", PICTURE.sub(" ", _without_emoji(said))))
    rest = "\n".join(" ".join(line.split()) for line in rest.splitlines()).strip()
    before = ""
    while before != rest:
        before = rest
        rest = _FRAME.sub(r"\g<open>", _BEFORE.sub("", rest, count=1) if _BEFORE.match(rest) else rest).strip()
        rest = _AFTER.sub("", rest).strip()
    return rest if words(rest) else said


def asking(said: str, understood: Callable[[str], bool]) -> str:
    """The one question of a message, without the sentences that tell why it is asked, if it is `understood` alone and they name
    no figure that it may be about; else all that is said.
    """
    parts = [part.strip() for part in _SENTENCES.split(said) if part.strip()]
    asked = [part for part in parts if "?" in part]
    rest = " ".join(part for part in parts if "?" not in part)
    if len(asked) != 1 or not content_words(rest) or any(char.isdigit() for char in rest):
        return said
    question = bare(asked[0])
    return question if understood(question) else said


def _without_emoji(said: str) -> str:
    return "".join(" " if _is_picture(char) else char for char in said)


def _is_picture(char: str) -> bool:
    code = ord(char)
    return code in {0x200D, 0xFE0F} or (code >= _EMOJI_FROM and unicodedata.category(char) in {"So", "Sk"})
