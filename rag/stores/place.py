"""Where the embedded indexes lie: a folder, or what bucket.py makes of a bucket. All hosts that share it see the same."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Place(Protocol):
    """Holds an index for each embedder, and small files beside them."""

    def index(self, name: str) -> tuple[str, Mapping[str, str]]:
        """Where LanceDB finds the index of this name, and the options that it needs there."""
        ...

    def read(self, name: str) -> bytes | None:
        """A small file; None if there is none. StoreError if the place does not answer. Blocks."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Replace a small file. Readers see the old one or the new one, never half of it. Blocks."""
        ...


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of this machine."""

    path: Path

    def index(self, name: str) -> tuple[str, Mapping[str, str]]:
        place = self.path / name
        place.mkdir(parents=True, exist_ok=True)
        return str(place), {}

    def read(self, name: str) -> bytes | None:
        try:
            return (self.path / name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, data: bytes) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        fresh = self.path / f"{name}.{os.getpid()}"
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path / name)


def plainly(error: Exception) -> str:
    """An error of LanceDB in a line: of what a bucket answered only its code and message, else the first 300 characters."""
    text = str(error)
    code, message = (re.search(rf"<{tag}>([^<]*)</{tag}>", text) for tag in ("Code", "Message"))
    if code:
        return f"{code[1]}: {message[1]}" if message else code[1]
    return text[:300]
