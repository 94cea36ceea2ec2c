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


def test_the_image_is_compiled() -> None:
    """Packages by pip, our own modules after the last copy: no start of a read-only image could keep what it compiles."""
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    assert not any("--no-compile" in line for line in lines)
    copies = [number for number, line in enumerate(lines) if line.startswith("COPY ")]
    assert any("compileall" in line for line in lines[copies[-1] :])
