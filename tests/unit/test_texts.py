"""What the adviser says of its own, in both languages."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.texts import LANGUAGES, day, keys, number, text

ROOT = Path(__file__).resolve().parents[2]
CODE = [path for part in ("adapters", "bot", "rag", "config") for path in (ROOT / part).rglob("*.py")]
CODE += [ROOT / name for name in ("app.py", "wiring.py", "service.py")]
TOPS = "|".join(sorted({key.split(".")[0] for key in keys("es")}))
_USED = re.compile(rf"""["']((?:{TOPS})\.[\w.{{}}]+)["']""")


def sentences(language: str) -> dict[str, str]:
    """Every sentence with its placeholders unfilled, by its key."""

    def flat(node: Any, prefix: str) -> Iterator[tuple[str, str]]:
        for key, value in node.items():
            yield from flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [(prefix + key, str(value))]

    files = sorted((ROOT / "config" / "texts").glob(f"*{language}.yaml"))
    return dict(pair for file in files for pair in flat(yaml.safe_load(file.read_text("utf-8")) or {}, ""))


def placeholders(sentence: str) -> list[str]:
    """Names in braces, those that the page fills (in double braces) too."""
    return sorted(
        {name for _, name, _, _ in string.Formatter().parse(sentence) if name} | set(re.findall(r"\{\{\w+\}\}", sentence))
    )


def test_both_languages_have_the_same_sentences() -> None:
    """The same keys, none empty, with the same placeholders."""
    spanish, english = sentences("es"), sentences("en")
    assert spanish.keys() == english.keys() == keys("es") == keys("en")
    for key, sentence in spanish.items():
        assert sentence.strip(), key
        assert english[key].strip(), key
        assert placeholders(sentence) == placeholders(english[key]), key


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_sentence_that_code_names_exists(path: Path) -> None:
    """Keys written in the code, those with a variable part as a pattern."""
    for found in _USED.findall(path.read_text("utf-8")):
        pattern = re.sub(r"\\\{.*?\\\}", r"\\w+", re.escape(found))
        assert any(re.fullmatch(pattern, key) for key in keys("es")), f"{path.name}: {found}"


def test_no_sentence_is_left_over() -> None:
    """Each key is named somewhere in code or page; a section that is sent whole (page) is named by its prefix."""
    static = [path for path in (ROOT / "adapters").rglob("*") if path.suffix in {".js", ".html"}]
    everything = "\n".join(path.read_text("utf-8") for path in (*CODE, *static))
    named = [re.sub(r"\\\{.*?\\\}", r"\\w+", re.escape(one)) for one in _USED.findall(everything)]
    left = {key for key in keys("es") if not any(re.fullmatch(pattern, key) for pattern in named)}
    codes = set(re.findall(r"Refused(?:Error)?\(\s*\d+,\s*\"(\w+)\"", everything))
    assert {key for key in left if not key.startswith("page.") and key.removeprefix("http.") not in codes} == set()


@pytest.mark.parametrize(
    ("value", "digits", "spanish", "english"),
    [(1234.5, 1, "1.234,5", "1,234.5"), (0.143, 3, "0,143", "0.143"), (1000000, 0, "1.000.000", "1,000,000"), (2.0, 1, "2", "2")],
)
def test_numbers_by_locale(value: float, digits: int, spanish: str, english: str) -> None:
    """Grouped from a thousand on, no decimals that say nothing."""
    assert (number(value, "es", digits), number(value, "en", digits)) == (spanish, english)


def test_days_by_locale() -> None:
    """As people write them."""
    assert (day(date(2025, 3, 3), "es"), day(date(2025, 3, 3), "en")) == ("3 mar 2025", "3 Mar 2025")


def test_an_unknown_key_is_an_error() -> None:
    """Never an empty sentence."""
    assert set(LANGUAGES) == {"es", "en"}
    with pytest.raises(KeyError):
        text("es", "answer.nothing_like_it")
