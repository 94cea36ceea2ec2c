"""What a program that has just begun puts off, and that it is there when it is asked for."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from config.starting import LATER, later

ROOT = Path(__file__).parents[2]


@pytest.fixture
def heavy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package whose own code counts how often it runs, and a module within it."""
    package = tmp_path / "heavy_one"
    package.mkdir()
    (package / "__init__.py").write_text(
        "import heavy_one.part\nRUNS = getattr(heavy_one.part, 'runs', 0) + 1\nheavy_one.part.runs = RUNS\n"
    )
    (package / "part.py").write_text("SMALL = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("heavy_one", "heavy_one.part"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return "heavy_one"


def test_a_package_put_off_runs_when_it_is_asked(heavy: str) -> None:
    """Its modules can be had before; its names run it, once."""
    later(heavy)
    part = importlib.import_module(f"{heavy}.part")
    assert part.SMALL == 1
    assert not hasattr(part, "runs")
    package = importlib.import_module(heavy)
    assert (package.RUNS, package.RUNS, part.runs) == (1, 1, 1)
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = package.nothing_like_it


def test_what_is_not_installed_or_is_loaded_stays_as_it_is(heavy: str) -> None:
    """Nothing is put in its place."""
    for name in ("no_such_package_at_all", "no_such_package_at_all.types"):
        later(name)
        assert name not in sys.modules
    loaded = importlib.import_module(heavy)
    later(heavy)
    assert sys.modules[heavy] is loaded


def test_the_program_starts_without_what_it_does_not_use() -> None:
    """The collector is on again, the packages wait, the index can be had, and a name of such a package too."""
    code = f"""
import gc, sys
import app
from rag.stores import lance
waiting = [type(sys.modules[name]).__name__ for name in {LATER!r}]
import lance_namespace_urllib3_client as client
print(gc.isenabled(), *waiting, client.TableApi.__name__)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=45, check=True)
    assert done.stdout.split() == ["True", "Later", "Later", "TableApi"]
