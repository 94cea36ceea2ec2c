"""Turns a panic of calamine's Rust code into its own error: a panic is no Exception, and no class that can be named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from python_calamine import CalamineError


@contextmanager
def panics_are_errors() -> Iterator[None]:
    """CalamineError in place of a panic within the block."""
    try:
        yield
    except BaseException as error:
        if type(error).__module__ != "pyo3_runtime":
            raise
        raise CalamineError("broken") from error
