"""How long a question's search takes while an ingest runs beside it, against when nothing else does: `python -m bench.meanwhile`.

An index is made of the demo's documents by `app.py ingest`. Then the demo's questions are embedded and searched, first alone,
then for as long as `app.py ingest --background`, as `serve` runs it, reads and embeds documents that are new; and alone again.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bench.common import table
from config.company import load_company
from config.settings import Settings
from rag.models import Scope
from rag.ports import Query
from wiring import Knowledge, build_knowledge

ROOT = Path(__file__).parent.parent
DOCUMENTS, SECTIONS, LEAST = 40, 12, 200


def write(folder: Path) -> None:
    """Documents with passages that nothing has embedded before."""
    folder.mkdir()
    for number in range(DOCUMENTS):
        parts = [
            f"## Apartado {part}\n\nEl equipo {number}-{part} gasta {number * part + 7} kWh al día. " * 6
            for part in range(SECTIONS)
        ]
        (folder / f"nuevo-{number}.md").write_text(f"# Equipo {number}\n\n" + "\n\n".join(parts), encoding="utf-8")


def ingest(home: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """`app.py ingest` as a process of its own."""
    environment = {**os.environ, "ADVISOR_HOME": str(home)}
    command = [sys.executable, "app.py", "ingest", *arguments]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


async def asked(knowledge: Knowledge, questions: list[tuple[str, str]], beside: subprocess.Popen[bytes] | None) -> list[float]:
    """Milliseconds of each question, `LEAST` of them or as many as come while the process beside runs."""
    times: list[float] = []
    while (beside.poll() is None) if beside else len(times) < LEAST:
        text, language = questions[len(times) % len(questions)]
        started = time.perf_counter()
        vector = await knowledge.embedder.embed_query(text)
        await knowledge.store.search(Query(text, "es" if language == "es" else "en", vector, 60), Scope(frozenset({"everyone"})))
        times.append(1000 * (time.perf_counter() - started))
        await asyncio.sleep(0.05)
    return times


async def main() -> None:
    """Print the table."""
    lines = (ROOT / "demo" / "questions.jsonl").read_text("utf-8").splitlines()
    questions = [(one["text"], one["language"]) for one in map(json.loads, lines)]
    with tempfile.TemporaryDirectory(prefix="meanwhile-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        if ingest(home, "demo/documents").wait():
            raise SystemExit("the index could not be made")
        write(Path(folder) / "new")
        settings = Settings(_env_file=None, advisor_home=home)
        knowledge = build_knowledge(settings, load_company(settings.advisor_config))
        await asked(knowledge, questions[:5], None)
        before = await asked(knowledge, questions, None)
        during = await asked(knowledge, questions, ingest(home, "--background", str(Path(folder) / "new")))
        after = await asked(knowledge, questions, None)
    rows = []
    for name, times in (("alone", before), ("while an ingest runs", during), ("alone again", after)):
        p50, p95 = np.percentile(times, [50, 95])
        ratios = [f"{p50 / np.percentile(before, 50):.2f} x", f"{p95 / np.percentile(before, 95):.2f} x"]
        rows.append((name, len(times), f"{p50:.1f}", f"{p95:.1f}", *ratios))
    print(table(("", "questions", "p50 ms", "p95 ms", "p50", "p95"), rows))


if __name__ == "__main__":
    asyncio.run(main())
