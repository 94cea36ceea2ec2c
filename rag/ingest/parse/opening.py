"""How a file is opened that may have a password or hold other files: what is known of its place, and what may still be spent."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

from rag.errors import DocumentError

_DEEPEST = 2
"""Files in files: an archive that is attached to a message is at depth 2."""
_MOST_FILES, _MOST_BYTES = 1_000, 300_000_000
OCR_SECONDS = 120.0
"""For all scanned pages of a document together: some fifty pages on one core."""
SECONDS = 60.0
"""For reading a file, where nobody says how long that may take."""
_FOR_PAGES = 0.6
"""Share of that time for reading pages; the rest is for making passages of them."""


def pages_until(seconds: float) -> float:
    """The moment, on the monotonic clock, until which pages are read of a file for which there are `seconds` from now on."""
    return time.monotonic() + _FOR_PAGES * seconds


@dataclass(slots=True)
class Budget:
    """What may still be spent on one document, however its archives are nested.

    Files and bytes to unpack, seconds of OCR; `until` is when no further page is read, on the monotonic clock.
    """

    files: int = _MOST_FILES
    size: int = _MOST_BYTES
    ocr_seconds: float = OCR_SECONDS
    until: float = field(default_factory=lambda: pages_until(SECONDS))

    def spend(self, size: int) -> None:
        """DocumentError if a file of `size` bytes is one too many, or too large for what is left."""
        self.files -= 1
        self.size -= size
        if self.files < 0 or self.size < 0:
            raise DocumentError(f"holds more than {_MOST_FILES} files or {_MOST_BYTES // 1_000_000} MB: more than is read")


@dataclass(frozen=True, slots=True)
class Opening:
    """Passwords to try; how many files this one lies in; the budget that it shares with them."""

    passwords: tuple[str, ...] = ()
    depth: int = 0
    budget: Budget = field(default_factory=Budget)

    def deeper(self) -> Opening:
        """For a file within this one; DocumentError if it lies too deep."""
        if self.depth >= _DEEPEST:
            raise DocumentError(f"a file in a file in a file: more than {_DEEPEST} deep")
        return replace(self, depth=self.depth + 1)
