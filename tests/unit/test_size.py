"""The ratchet: files and functions stay small, the environment is read in one place, and the project speaks of itself only."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = sorted(
    [path for part in ("adapters", "bot", "rag", "config") for path in (ROOT / part).rglob("*.py")]
    + [ROOT / name for name in ("app.py", "wiring.py", "service.py", "upkeep.py", "dryrun.py")]
)
FILE_LINES, FUNCTION_LINES = 300, 60
_ELSEWHERE = re.compile(r"/work/|/tmp/(?:brief|v/|libs)|\b(?:helper|sub-?agent|claude|copilot)s?\b", re.IGNORECASE)
_PLAIN = {".py", ".md", ".txt", ".toml", ".yaml", ".yml", ".js", ".css", ".html", ".lua", ".json", ".sh", ""}


def functions(path: Path) -> list[tuple[str, int]]:
    """Each function of a file with its lines."""
    tree = ast.parse(path.read_text("utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [(node.name, (node.end_lineno or node.lineno) - node.lineno + 1) for node in found]


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_small_documented_files(path: Path) -> None:
    """No file over 300 lines, no function over 60, and a first line that says what the file is for."""
    source = path.read_text("utf-8")
    assert source.count("\n") <= FILE_LINES
    assert [(name, lines) for name, lines in functions(path) if lines > FUNCTION_LINES] == []
    assert ast.get_docstring(ast.parse(source)) or not source


def test_medians() -> None:
    """Half of the files have at most 120 lines, half of the functions at most 8; one in twenty has more than 40."""
    files = sorted(path.read_text("utf-8").count("\n") for path in CODE)
    lines = sorted(count for path in CODE for _, count in functions(path))
    assert files[len(files) // 2] <= 120
    assert lines[len(lines) // 2] <= 10
    assert lines[int(len(lines) * 0.95)] <= 40


def test_the_environment_is_read_in_one_place() -> None:
    """No os.environ and no getenv but in config/settings.py."""
    reads = {path.relative_to(ROOT).as_posix() for path in CODE if re.search(r"os\.environ|\bgetenv\b", path.read_text("utf-8"))}
    assert reads <= {"config/settings.py"}


def test_catch_alls_stand_at_the_edges_only() -> None:
    """`except Exception` swallows faults; only an HTTP handler, the worker's and a connector's loop may have one."""
    caught = {
        path.relative_to(ROOT).as_posix() for path in CODE if re.search(r"except (?:Base)?Exception\b", path.read_text("utf-8"))
    }
    assert len(caught) <= 8, caught


def test_nothing_is_left_undone() -> None:
    """No marker of unfinished work in the code."""
    marked = [
        path.name for path in CODE if re.search(r"\b(?:TODO|FIXME|XXX|raise NotImplementedError)\b", path.read_text("utf-8"))
    ]
    assert marked == []


def test_the_project_speaks_of_itself_only() -> None:
    """No path of the machine that it was written on, and no word of how, in any tracked text."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    texts = [ROOT / name for name in tracked if name and Path(name).suffix in _PLAIN and (ROOT / name).is_file()]
    assert texts
    found = {
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in texts
        if path != Path(__file__)
        for match in _ELSEWHERE.finditer(path.read_text("utf-8", "replace"))
    }
    assert found == set()
