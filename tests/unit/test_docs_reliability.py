"""docs/reliability.md names tests and metrics that exist."""

from __future__ import annotations

import re
from pathlib import Path

from bot.health import Health

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text("utf-8")


def test_every_promise_names_a_test_that_exists() -> None:
    """Each `file.py::test` is a function of that file, and each row of a promise names at least one file."""
    missing = [
        f"{file}::{name}"
        for file, name in re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)
        if f"def {name}(" not in (ROOT / "tests" / file).read_text("utf-8")
    ]
    assert missing == []
    promises = [line for line in PAGE.splitlines() if re.search(r"\| `(make \w+|\.venv/bin/python -m [^`]+)` \|$", line)]
    assert len(promises) >= 35
    assert [line for line in promises if not re.search(r"`[\w/]+\.py(::\w+)?`", line)] == []


def test_every_metric_of_ours_is_documented_and_no_other() -> None:
    """The advisor_* names on the page are those that /metrics shows."""
    told = {name.removesuffix("_total") for name in re.findall(r"advisor_[a-z_]+", PAGE)}
    shown = {metric.name for metric in Health({}).registry.collect() if metric.name.startswith("advisor_")}
    assert told == shown
