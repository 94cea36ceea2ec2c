"""Words in a document that order an assistant about: nothing from there on is quoted. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from rag.ground import Read

ORDER = re.compile(
    r"\b(ignor[ae]|disregard|forget|olvida|omite|descarta)\b.{0,40}\b(instruc\w+|prompt|rules|reglas|orders|[oó]rdenes)\b"
    r"|\b(previous|prior|above|system|new) (instructions?|prompts?)\b|\binstrucciones (anteriores|previas|del sistema)\b"
    r"|\b(reply|respond|answer) (exactly|only|always|with)\b|\bresponde (siempre|exactamente|solo|s[oó]lo|[uú]nicamente)\b"
    r"|\b(you are|act as) (now |an? )*(ai|assistant|language model|chatbot)\b|\b(eres|act[uú]a como) (un )?asistente\b"
    r"|</?\s*(system|assistant|evidence|instructions?)\s*>|\[/?INST\]|<\|",
    re.IGNORECASE,
)
"""Words for an assistant, not for a reader: who writes them into a document does not inform anybody."""


def before_orders(read: Read) -> Read:
    """A passage up to where it begins to order an assistant about: nothing from there on is quoted."""
    for place, one in enumerate(read.sentences):
        if order := ORDER.search(one):
            before = one[: order.start()].strip()  # where an abbreviation's full stop hides that a sentence ends
            kept = (*read.sentences[:place], *([before] if before.endswith((".", "?", "!", ":")) else ()))
            return replace(read, sentences=kept, cosines=read.cosines[: len(kept)])
    return read
