"""What the documentation says is so: links lead somewhere, commands run, settings and keys are all there, examples load."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from app import parser
from config import company
from config.company import load_company
from config.settings import Settings
from rag.ingest.parse.formats import parse
from rag.ports import Fetched, Item
from tests.app_process import make_home

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "demo" / "README.md"])
LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)")
COMMAND = re.compile(r"(?:^|`)[ \t]*\.venv/bin/python app\.py ([^`\n|]+)", re.MULTILINE)
FENCE = re.compile(r"^ *```([^\n`]+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def anchors(page: Path) -> set[str]:
    """The names that a page's headings have as link targets."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def blocks(kind: str) -> Iterator[tuple[Path, str]]:
    """Each fenced block whose info string is exactly `kind`, with its page."""
    for page in PAGES:
        for info, body in FENCE.findall(page.read_text("utf-8")):
            if info.strip() == kind:
                yield page, body


def commands() -> list[list[str]]:
    """The arguments of each `app.py` line in an executable block; any other line in one is a fault."""
    lines = [line.strip() for _, body in blocks("sh") for line in body.splitlines() if line.strip()]
    assert [line for line in lines if not line.startswith(".venv/bin/python app.py ")] == []
    return [shlex.split(line)[2:] for line in lines]


@every_page
def test_links_lead_somewhere(page: Path) -> None:
    """Each relative link is a file of the project, and its anchor a heading there."""
    missing = []
    for link in LINK.findall(page.read_text("utf-8")):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            missing.append(link)
    assert missing == []


@every_page
def test_commands_exist(page: Path) -> None:
    """Each `app.py ...` is a command that the parser takes, each `make x` a target, each test or script a file."""
    text = page.read_text("utf-8")
    for command in COMMAND.findall(text):
        words = shlex.split(command, comments=True)
        if words[0].islower():
            parser().parse_args(words)
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:^\s+|`)make ([a-z]+)", text, re.MULTILINE)) <= targets
    named = re.findall(r"`((?:adapters|bot|rag|config|tests|bench|deploy|demo)/[\w./-]+\.\w+)`", text)
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.timeout(180)  # ten commands, on a machine that may be busy
def test_commands_run() -> None:
    """The blocks marked `sh`, line by line, on a small company: none fails, none is wrong use."""
    found = commands()
    assert len(found) >= 6
    with make_home() as home:
        ended = home.mains(*((words, dict[str, str]()) for words in [["ingest"], *found]))
    assert [(words, one.err) for words, one in zip(found, ended[1:], strict=True) if one.code != 0] == []


def test_the_readmes_answer_is_in_its_document() -> None:
    """The quote that the README shows stands in the file that it names."""
    shown = re.search(r"«(.+?)»\n +(demo/\S+)", (ROOT / "README.md").read_text("utf-8"))
    assert shown
    quote, name = shown.groups()
    parsed = parse(Fetched(Item(name, Path(name).name, ""), (ROOT / name).read_bytes()))
    assert quote in " ".join(" ".join(block.text for block in parsed.blocks).split())


def test_every_setting_is_documented_and_no_other() -> None:
    """The table of the environment names each field of Settings with its default, and .env.example only such."""
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    rows = [row.split("|") for row in text[: text.index("## advisor.yaml")].splitlines() if row.startswith("| `")]
    documented = {name: row[2].strip(" `") for row in rows for name in re.findall(r"`([A-Z_]+)`", row[1])}
    defaults = {name.upper(): field.default for name, field in Settings.model_fields.items()}
    shown = {
        name: "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in defaults.items()
    }
    switches = ("DANGEROUSLY_ALLOW_UNAUTHENTICATED_TEAMS", "DANGEROUSLY_ALLOW_HTTP_INDEX")
    assert documented == {**shown, **dict.fromkeys(switches, "false")}
    assert set(re.findall(r"^([A-Z_]+)=$", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE)) <= set(defaults)


def test_every_key_of_the_company_file_is_documented() -> None:
    """Each field of config.company's models stands in a table of the configuration page."""
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    tables = "\n".join(row for row in text[text.index("## advisor.yaml") :].splitlines() if row.startswith("|"))
    models = [one for one in vars(company).values() if isinstance(one, type) and issubclass(one, BaseModel)]
    keys = {key for model in models for key in model.model_fields}
    assert len(keys) > 20
    assert {key for key in keys if f"`{key}`" not in tables} == set()


@pytest.mark.parametrize("example", list(blocks("yaml")), ids=lambda example: example[0].name)
def test_example_companies_load(example: tuple[Path, str], tmp_path: Path) -> None:
    """Each yaml block is an advisor.yaml; what it leaves out of sites and audiences is the demo's."""
    demo = yaml.safe_load((ROOT / "config" / "advisor.yaml").read_text("utf-8"))
    file = tmp_path / "advisor.yaml"
    file.write_text(
        yaml.safe_dump({"sites": demo["sites"], "audiences": demo["audiences"], **yaml.safe_load(example[1])}), "utf-8"
    )
    assert load_company(file).sources


def test_the_container_copies_what_there_is() -> None:
    """Each COPY of the Dockerfile from the project exists and is let through by .dockerignore; compose sets real variables."""
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    copied = [name for line in lines if line.startswith("COPY ") and "--from" not in line for name in line.split()[1:-1]]
    assert {"app.py", "rag", "requirements.lock"} <= set(copied)
    assert [name for name in copied if not (ROOT / name).exists()] == []
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert set(copied) == let_in
    services = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text("utf-8"))["services"]
    assert {name.lower() for name in services["advisor"]["environment"]} <= set(Settings.model_fields)
