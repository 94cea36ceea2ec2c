"""app.py as a child process with a state folder, a company and an environment of its own."""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from redis import Redis

ROOT = Path(__file__).parent.parent
DOCUMENTS = {
    "soplantes.md": "# Soplantes de la EDAR Norte\n\nLa EDAR Norte dispone de cuatro soplantes de 75 kW cada una. Se recomienda "
    "instalar variadores de frecuencia en las soplantes para reducir el consumo eléctrico.\n",
    "difusores.md": "# Difusores\n\nLos difusores de membrana se limpian cada 18 meses con ácido fórmico.\n",
    "office.md": "# Head office\n\nThe cooling setpoint of the head office is 25 °C in summer.\n",
}
QUESTIONS = {
    "¿Cuántas soplantes tiene la EDAR Norte?": "75 kW",
    "¿Cada cuánto se limpian los difusores?": "18 meses",
    "What is the cooling setpoint of the head office?": "25 °C",
}
_COMPANY = {
    "name": "Aguas de Prueba",
    "audiences": {"everyone": "", "direccion": ""},
    "sources": [{"name": "manuales", "path": "documents"}],
    "sites": [{"id": "edar-norte", "name": "EDAR Norte", "kind": "wastewater_treatment"}],
}


_MAINS = """
import contextlib, io, json, os, sys
import app
found = []
for arguments, more in json.loads(sys.argv[1]):
    out, err = io.StringIO(), io.StringIO()
    os.environ.update(more)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = app.main(arguments)
        except SystemExit as end:
            code = end.code
    for name in more:
        del os.environ[name]
    found.append((code, out.getvalue(), err.getvalue()))
print(json.dumps(found))
"""
Case = tuple[Sequence[str], Mapping[str, str]]


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Home:
    """A folder with a company in it; commands run there, so that no `.env` of a developer is read."""

    folder: Path

    def environment(self, **more: str) -> dict[str, str]:
        """Nothing of this process but what any program needs."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        return {**kept, "ADVISOR_HOME": str(self.folder / "v"), "ADVISOR_CONFIG": "advisor.yaml", **more}

    def run(self, *arguments: str, code: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
        """A command that must end with this code."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "app.py"), *arguments],
            cwd=self.folder, env=self.environment(**more), capture_output=True, text=True, timeout=45, check=False,
        )  # fmt: skip
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done

    def json(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """What a command prints with --json: one object and nothing else."""
        found: dict[str, Any] = json.loads(self.run(*arguments, "--json", code=code).stdout)
        return found

    def mains(self, *cases: Case) -> list[Ended]:
        """app.main for each (arguments, environment) in one child, since most of a start is loading: how each ended."""
        done = subprocess.run(
            [sys.executable, "-c", _MAINS, json.dumps(cases)],
            cwd=self.folder, env=self.environment(PYTHONPATH=str(ROOT)), capture_output=True, text=True, timeout=150, check=True,
        )  # fmt: skip
        return [Ended(*one) for one in json.loads(done.stdout)]

    def forget(self) -> None:
        """Empty the Redis of app.py, so that a server that runs knows no conversation."""
        folder = self.folder / "v" / "redis"
        socket = folder / "redis.sock" if (folder / "redis.sock").exists() else Path((folder / "socket").read_text("utf-8"))
        with Redis(unix_socket_path=str(socket)) as client:
            client.flushall()

    def stop_redis(self) -> None:
        """End the redis-server that a killed app.py left behind."""
        pid = self.folder / "v" / "redis" / "redis.pid"
        if pid.exists():
            with suppress(ProcessLookupError, ValueError):
                os.kill(int(pid.read_text("utf-8")), signal.SIGKILL)

    @contextmanager
    def serving(self, **more: str) -> Iterator[Server]:
        """`serve` on a free port, up; killed at the end if it still runs. `more` is environment."""
        with (self.folder / "serve.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, str(ROOT / "app.py"), "serve", "--port", "0"],
                cwd=self.folder, env=self.environment(**more), stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip
        assert process.stdout is not None
        try:
            lines = [process.stdout.readline() for _ in range(3)]
            address = re.search(r"http://localhost:\d+", lines[0])
            assert address, f"{lines}\n{(self.folder / 'serve.log').read_text('utf-8')}"
            yield Server(process, address.group(), lines)
        finally:
            process.kill()
            process.wait(10)
            process.stdout.close()


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: its process, its address, and the lines it printed."""

    process: subprocess.Popen[str]
    url: str
    lines: list[str]


@contextmanager
def make_home(*, indexed: bool = False) -> Iterator[Home]:
    """A new folder with the documents; if `indexed`, as a first ingest leaves it."""
    with tempfile.TemporaryDirectory(prefix="h-") as name:
        home = Home(Path(name))
        if indexed:
            shutil.copytree(_indexed(), home.folder, dirs_exist_ok=True)
        else:
            _furnish(home.folder)
        try:
            yield home
        finally:
            home.stop_redis()


def _furnish(folder: Path) -> None:
    (folder / "documents").mkdir()
    for file, body in DOCUMENTS.items():
        (folder / "documents" / file).write_text(body, encoding="utf-8")
    (folder / "advisor.yaml").write_text(yaml.safe_dump(_COMPANY), encoding="utf-8")


@lru_cache(maxsize=1)
def _indexed() -> Path:
    """A home in which the documents were indexed, made once for all tests of a process."""
    folder = Path(tempfile.mkdtemp(prefix="h-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _furnish(folder)
    home = Home(folder)
    home.json("ingest")
    home.stop_redis()
    shutil.rmtree(folder / "v" / "redis", ignore_errors=True)
    return folder
