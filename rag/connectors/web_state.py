"""What a crawl remembers of each address until the next one: so that unchanged pages cost neither a body nor an embedding."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

_FORMAT = 1
"""Raised when pages are looked at otherwise: what is remembered then counts no more."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """An address that answered: its validators for a conditional request, and what was seen in its body."""

    etag: str = ""
    modified: str = ""
    fingerprint: str = ""
    kind: str = ""
    media_type: str = ""
    links: tuple[str, ...] = ()
    canonical: str = ""
    noindex: bool = False

    def validators(self) -> dict[str, str]:
        """The headers that ask for it only if it has changed."""
        etag = {"If-None-Match": self.etag} if self.etag else {}
        return etag | ({"If-Modified-Since": self.modified} if self.modified else {})


def load(file: Path, scope: str) -> dict[str, Remembered]:
    """All that is remembered by address; nothing if the file is missing, broken, or of another format or scope."""
    try:
        raw = json.loads(file.read_text("utf-8"))
        if raw["format"] != _FORMAT or raw["scope"] != scope:
            return {}
        return {url: Remembered(**{**one, "links": tuple(one["links"])}) for url, one in raw["pages"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def save(file: Path, scope: str, pages: Mapping[str, Remembered]) -> None:
    """Replace the file as a whole: a crash leaves the old one. `scope`: what decided which links of a page were kept."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    with part.open("w", encoding="utf-8") as out:
        written = {url: asdict(one) for url, one in sorted(pages.items())}
        json.dump({"format": _FORMAT, "scope": scope, "pages": written}, out, ensure_ascii=False)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
