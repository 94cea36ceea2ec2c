"""What the documentation says is so: links lead somewhere, commands and settings exist, examples load."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from app import parser
from config.company import load_company
from config.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("docs/**/*.md")), ROOT / "demo" / "README.md"]
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
COMMAND = re.compile(r"(?:^|`)\s*\.venv/bin/python app\.py ([^`\n|]+)", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Each relative link of a page is a file of the project."""
    missing = [target for target in LINK.findall(page.read_text("utf-8")) if not (page.parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_exist(page: Path) -> None:
    """Each `app.py ...` of a page is a command that the parser takes, and each `make x` a target."""
    text = page.read_text("utf-8")
    for command in COMMAND.findall(text):
        words = shlex.split(command.split(" #")[0].rstrip(" \\"), posix=True)
        if words and words[0].islower():
            parser().parse_args(words)
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:^\s+|`)make ([a-z]+)", text, re.MULTILINE)) <= targets


def test_every_setting_is_documented_and_no_other() -> None:
    """The table of the environment names each field of Settings."""
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    table = text[: text.index("## advisor.yaml")]
    named = {
        name for row in table.splitlines() if row.startswith("| `") for name in re.findall(r"`([A-Z][A-Z_]+)`", row.split("|")[1])
    }
    assert named == {name.upper() for name in Settings.model_fields}


def test_the_example_company_loads(tmp_path: Path) -> None:
    """The advisor.yaml of the configuration page is one."""
    example = re.search(r"```yaml\n(.*?)```", (ROOT / "docs" / "configuration.md").read_text("utf-8"), re.DOTALL)
    assert example
    file = tmp_path / "advisor.yaml"
    file.write_text(example.group(1), encoding="utf-8")
    assert [site.id for site in load_company(file).sites] == ["edar-norte"]
