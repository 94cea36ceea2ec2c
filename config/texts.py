"""Every sentence that the adviser says of its own, in Spanish and English, and its numbers and dates by locale."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

LANGUAGES = ("es", "en")
_FOLDER = Path(__file__).parent / "texts"
_LOCALES = {"es": "es_ES", "en": "en_GB"}


@cache
def _table(language: str) -> dict[str, str]:
    """All of its files: es.yaml, and those of an area beside it (numbers.es.yaml). Each key stands in one of them."""
    files = sorted(_FOLDER.glob(f"*{language}.yaml"))
    return dict(pair for file in files for pair in _flatten(yaml.safe_load(file.read_text(encoding="utf-8")) or {}, ""))


def _flatten(node: Any, prefix: str) -> list[tuple[str, str]]:
    if isinstance(node, dict):
        return [pair for key, value in node.items() for pair in _flatten(value, f"{prefix}{key}.")]
    return [(prefix.rstrip("."), str(node).strip())]


def text(language: str, key: str, /, **values: object) -> str:
    """The sentence `key` ("answer.not_found") in `language` ("es" or "en"), with its {placeholders} filled; KeyError if none."""
    return _table(language)[key].format(**values)


def keys(language: str) -> set[str]:
    """All keys of a language; a test holds the two languages together."""
    return set(_table(language))


def number(value: float, language: str, digits: int = 1) -> str:
    """1234.5 as 1.234,5 (es) or 1,234.5 (en), with at most `digits` decimals."""
    # Spanish leaves four-digit numbers ungrouped by CLDR; engineering documents here group them.
    return str(
        format_decimal(round(value, digits), format="#,##0." + "#" * digits, locale=_LOCALES[language], group_separator=True)
    )


def day(value: date, language: str) -> str:
    """A date as people write it: 3 mar 2025 / 3 Mar 2025."""
    return str(format_date(value, format="d MMM y", locale=_LOCALES[language]))


def month(value: date, language: str) -> str:
    """A month as people write it: julio de 2025 / July 2025."""
    return str(format_skeleton("yMMMM", value, locale=_LOCALES[language]))
