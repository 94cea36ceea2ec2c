"""The short forms of a chat, written out: «q hora» is «que hora». Pure."""

from __future__ import annotations

import re

_LONG = {"q": "que", "xq": "por qué", "pq": "por qué", "porq": "porque", "tb": "también", "tmb": "también", "xa": "para"}
_SHORT = re.compile(r"(?<![\w.,'’-])(?P<short>" + "|".join(_LONG) + r")(?=\s+[^\W\d]|\s*[?¿!,]|\s*$)", re.IGNORECASE)
"""Before a word or an end; «Q = 5 m3/h» is a flow."""


def written_out(text: str) -> str:
    """The text with its short forms in full; the rest, capitals and accents as they were."""
    return _SHORT.sub(lambda found: _LONG[found["short"].lower()] if found["short"].islower() else found[0], text)
