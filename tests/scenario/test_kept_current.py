"""Sources kept current while the bot serves: changed files and audiences, removed sources, runs that are killed."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import aiohttp
import pytest
import yaml

from tests.app_process import ROOT, Home, make_home

SECRET = "La presa de Alcolea se vende por 40 millones de euros."
QUESTION = "¿Por cuántos millones se vende la presa de Alcolea?"


def configure(home: Home, **sources: dict[str, Any]) -> None:
    """Put another advisor.yaml in place at once, as an editor does."""
    company = yaml.safe_load((home.folder / "advisor.yaml").read_text("utf-8"))
    company["sources"] = [{"name": name, **one} for name, one in sources.items()]
    fresh = home.folder / "advisor.new"
    fresh.write_text(yaml.safe_dump(company), "utf-8")
    fresh.replace(home.folder / "advisor.yaml")


@pytest.fixture
def home() -> Iterator[Home]:
    """Two sources, both indexed and readable by everyone."""
    with make_home() as made:
        (made.folder / "board").mkdir()
        (made.folder / "board" / "acta.md").write_text(f"# Acta\n\n{SECRET}\n", "utf-8")
        configure(made, manuales={"path": "documents"}, actas={"path": "board"})
        assert [one["added"] for one in made.json("ingest")["sources"]] == [3, 1]
        yield made


async def ask(http: aiohttp.ClientSession, question: str = QUESTION) -> dict[str, Any]:
    """The answer."""
    async with http.post("/v1/ask", json={"question": question}) as response:
        said: dict[str, Any] = await response.json()
        return said


async def states(http: aiohttp.ClientSession) -> dict[str, dict[str, Any]]:
    """How the sources stand, by name."""
    async with http.get("/v1/sources") as response:
        return {one["name"]: one for one in (await response.json())["sources"]}


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 40.0) -> None:
    """Wait for what another process does."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110 - another process has no event for us
            await asyncio.sleep(0.2)


async def test_audiences_and_removed_sources_count_at_once(home: Home) -> None:
    """Narrowed: from the next question on nothing of it is told, cited or opened. Taken out: nothing either."""
    with home.serving() as server:
        async with aiohttp.ClientSession(server.url) as http:
            said = await ask(http)
            assert "40 millones" in said["text"]
            passage = f"/chat/passages/{said['citations'][0]['passage_id']}"
            async with http.get(passage) as response:
                assert response.status == 200
            configure(home, manuales={"path": "documents"}, actas={"path": "board", "audience": ["direccion"]})
            await asyncio.sleep(1.01)  # the file is looked at once a second
            said = await ask(http)
            assert "40 millones" not in json.dumps(said, ensure_ascii=False)
            assert "acta" not in json.dumps(said, ensure_ascii=False)
            async with http.get(passage) as response:
                assert response.status == 404
            configure(home, manuales={"path": "documents"})
            await asyncio.sleep(1.01)
            assert "acta" not in json.dumps(await ask(http))
            async with http.get(f"{passage}?audience=direccion") as response:
                assert response.status == 404


@pytest.mark.faults  # the child gives way to everything else on a busy machine
async def test_a_changed_file_and_a_widened_audience_are_read(home: Home) -> None:
    """A file that comes into a watched folder can be asked for soon after, and so can what an audience was widened to.

    What was taken out of advisor.yaml leaves the index.
    """
    configure(home, manuales={"path": "documents", "watch": True}, actas={"path": "board", "audience": ["direccion"]})
    home.json("ingest", "actas")
    with home.serving() as server:
        async with aiohttp.ClientSession(server.url) as http:
            assert "40 millones" not in (await ask(http))["text"]
            (home.folder / "documents" / "bomba.md").write_text("# Bomba\n\nLa bomba Ritz del pozo pesa 940 kg.\n", "utf-8")
            configure(home, manuales={"path": "documents", "watch": True}, actas={"path": "board"})

            async def both() -> bool:
                found = await states(http)
                return found["manuales"]["documents"] == 4 and "40 millones" in (await ask(http))["text"]

            await until(both)
            assert "940 kg" in (await ask(http, "¿Cuánto pesa la bomba Ritz del pozo?"))["text"]
            assert (await states(http))["actas"]["last_run"]["changed"] == 1
            (home.folder / "advisor.yaml").write_text("sources: [{name: x, path: y, audience: [nobody]}]", "utf-8")
            await asyncio.sleep(1.01)
            async with http.get("/v1/sources") as response:
                found = await response.json()
            assert "nobody" in found["problem"]
            assert len(found["sources"]) == 2

            configure(home, manuales={"path": "documents", "watch": True})

            async def gone() -> bool:
                found = await asyncio.to_thread(home.json, "sources")
                return {one["source"] for one in found["documents"]} == {"manuales"}

            await until(gone)
        server.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(server.process.wait, 15) == 0


@pytest.mark.faults
@pytest.mark.timeout(180)
def test_a_killed_run_goes_on_where_it_was(home: Home) -> None:
    """kill -9 in the middle: what was written stays; the lease of the dead runs out, and the next run does the rest only."""
    for n in range(60):
        (home.folder / "documents" / f"nota-{n:02}.md").write_text(f"# Nota {n}\n\nEl equipo {n} gasta {n + 10} kW.\n", "utf-8")

    def written() -> int:  # a version is there once it counts; its data are a moment before
        return len(list((home.folder / "v" / "index").glob("*/documents.lance/_versions/*.manifest")))

    before = written()
    command = [sys.executable, str(ROOT / "app.py"), "ingest", "manuales", "--json"]
    with subprocess.Popen(
        command, cwd=home.folder, env=home.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while written() == before:
            assert process.poll() is None, "it ended before it could be killed: more documents are needed"
            time.sleep(0.005)
        process.kill()
    done = len(home.json("sources")["documents"]) - 4
    assert 0 < done < 60
    busy = home.json("ingest", "manuales")["sources"][0]
    started = time.monotonic()
    while busy["busy"]:
        assert time.monotonic() - started < 30
        time.sleep(1)
        busy = home.json("ingest", "manuales")["sources"][0]
    assert busy["added"] <= 60 - done
    assert len(home.json("sources")["documents"]) == 64
