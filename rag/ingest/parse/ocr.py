"""Reads the picture of a page with Tesseract, if it is installed. Through pipes: a confined process may write no files."""

from __future__ import annotations

import csv
import io
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from statistics import fmean
from typing import Any

import pypdfium2

from rag.errors import DocumentError

_PAGE_SECONDS = 30.0
_LANGUAGES = ("spa", "eng", "cat", "glg", "eus")
_DPI, _MOST_PIXELS = 300, 12_000_000
_LEAST_CONFIDENCE = 55.0
"""Of 100, on average over a page's words. Another script, or a photograph, gives less."""


@cache
def languages() -> str:
    """The languages that pages are read in, as Tesseract names them (`spa+eng`); "" if it is not installed."""
    program = shutil.which("tesseract")
    if program is None:
        return ""
    command = [program, "--list-langs"]
    listed = subprocess.run(command, capture_output=True, timeout=_PAGE_SECONDS, check=False)  # noqa: S603 - nothing of a document
    installed = listed.stdout.decode("utf-8", "replace").split()
    return "+".join(language for language in _LANGUAGES if language in installed)


def recognise(page: Any) -> list[str]:
    """The paragraphs that can be read in a pypdfium2 page's picture; DocumentError if there are none or it takes too long."""
    program = shutil.which("tesseract")
    if program is None or not languages():
        raise DocumentError("needs OCR (Tesseract is not installed)")
    command = [program, "stdin", "stdout", "-l", languages(), "--psm", "3", "tsv"]
    picture = _drawn(page)
    try:
        with _off_the_clock():
            done = subprocess.run(  # noqa: S603 - fixed arguments, no shell; the picture goes in through a pipe
                command, input=picture, capture_output=True, timeout=_PAGE_SECONDS, check=True, env={"OMP_THREAD_LIMIT": "1"}
            )
    except subprocess.TimeoutExpired as error:
        raise DocumentError(f"OCR took longer than {_PAGE_SECONDS:.0f} s") from error
    except (subprocess.CalledProcessError, OSError) as error:
        raise DocumentError(f"OCR failed: {type(error).__name__}") from error
    return paragraphs(done.stdout.decode("utf-8", "replace"))


@contextmanager
def _off_the_clock() -> Iterator[None]:
    """Stops the alarm of the confined process, if one runs: Tesseract has a limit of its own, for each page."""
    if not hasattr(signal, "setitimer"):  # Windows
        yield
        return
    left, _ = signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left)


def _drawn(page: Any) -> bytes:
    width, height = page.get_size()
    scale = min(_DPI / 72, (_MOST_PIXELS / max(width * height, 1.0)) ** 0.5)
    out = io.BytesIO()
    try:
        page.render(scale=scale, grayscale=True).to_pil().save(out, "PPM")
    except (OSError, MemoryError, pypdfium2.PdfiumError) as error:
        raise DocumentError(f"OCR failed: {type(error).__name__}") from error
    return out.getvalue()


def paragraphs(table: str) -> list[str]:
    """The paragraphs of Tesseract's table of words; DocumentError if it is too unsure of them."""
    found: dict[tuple[str, str], dict[str, list[str]]] = {}
    sure = []
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        text = (row.get("text") or "").strip()
        if row.get("level") == "5" and text:
            lines = found.setdefault((row["block_num"], row["par_num"]), {})
            lines.setdefault(row["line_num"], []).append(text)
            sure += [float(row["conf"])] * len(text)
    if not sure:
        raise DocumentError("OCR found no text")
    if fmean(sure) < _LEAST_CONFIDENCE:
        raise DocumentError(f"OCR cannot read it ({fmean(sure):.0f} % sure)")
    return [_joined([" ".join(words) for words in lines.values()]) for lines in found.values()]


def _joined(lines: list[str]) -> str:
    text = lines[0]
    for line in lines[1:]:
        broken = text.endswith("-") and text[-2:-1].isalpha() and line[:1].islower()
        text = text[:-1] + line if broken else f"{text} {line}"
    return text
