"""The container image holds what the program imports."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_module_and_package_is_in_the_image() -> None:
    """Each module beside app.py, and each layer, is copied: one that is missing would be noticed only when it is run."""
    copied = {
        name
        for line in re.findall(r"^COPY (.+)$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
        for name in line.split()
    }
    assert {path.name for path in ROOT.glob("*.py")} <= copied
    assert {"adapters", "bot", "rag", "config"} <= copied
