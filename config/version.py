"""Which version of the product answers, and with which prompts: kept with each answer for review."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

VERSION = "1.0"
_PROMPTS = Path(__file__).parent / "prompts"


@cache
def prompts_hash() -> str:
    """Changes with any prompt; 12 hexadecimal digits."""
    told = hashlib.sha256()
    for path in sorted(_PROMPTS.glob("*.md")):
        told.update(path.name.encode() + b"\0" + path.read_bytes())
    return told.hexdigest()[:12]
