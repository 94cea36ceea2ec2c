"""The program as its users start it: each command of app.py as a process, the service with signals and kills."""

from __future__ import annotations

import asyncio
import itertools
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest

from tests.answer_schema import check
from tests.app_process import QUESTIONS, ROOT, Home, make_home

HALVES = {
    "SLACK_BOT_TOKEN": ("xoxb-secret-1", ["SLACK_SIGNING_SECRET", "SLACK_APP_TOKEN"]),
    "SLACK_SIGNING_SECRET": ("secret-2", ["SLACK_BOT_TOKEN"]),
    "SLACK_APP_TOKEN": ("xapp-secret-3", ["SLACK_BOT_TOKEN"]),
    "TEAMS_APP_ID": ("app-4", ["TEAMS_APP_PASSWORD"]),
    "TEAMS_APP_PASSWORD": ("secret-5", ["TEAMS_APP_ID"]),
    "ADVISOR_INDEX": ("pinecone", ["PINECONE_API_KEY", "PINECONE_HOST"]),
    "ADVISOR_EMBEDDINGS": ("openai", ["OPENAI_API_KEY"]),
}


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    """Three documents, indexed."""
    with make_home() as made:
        report = made.json("ingest")["sources"][0]
        assert (report["added"], report["failures"]) == (3, [])
        yield made


def test_ingest_lists_what_failed_and_repeats_for_nothing(home: Home) -> None:
    """A bad file: exit 1 with its reason, the rest indexed. Again: nothing to do. Gone: removed, and exit 0 again."""
    bad = home.folder / "documents" / "roto.pdf"
    bad.write_bytes(b"%PDF-1.4 not really")
    ingested, sources = home.mains((["ingest", "--json"], {}), (["sources", "--json"], {}))
    assert (ingested.code, sources.code) == (1, 1)
    first = json.loads(ingested.out)["sources"][0]
    assert [(uri, bool(reason)) for uri, reason in first["failures"]] == [("documents/roto.pdf", True)]
    assert (first["added"], first["changed"], first["removed"], first["unchanged"]) == (0, 0, 0, 3)
    listed = {one["uri"]: one for one in json.loads(sources.out)["documents"]}
    assert listed["documents/roto.pdf"]["error"] == first["failures"][0][1]
    assert {one["passages"] for uri, one in listed.items() if "roto" not in uri} == {1}
    bad.unlink()
    ingested, sources = home.mains((["ingest", "--json"], {}), (["sources", "--json"], {}))
    again = json.loads(ingested.out)["sources"][0]
    assert (again["added"], again["changed"], again["removed"], again["unchanged"], again["failures"]) == (0, 0, 1, 3, [])
    assert [one["error"] for one in json.loads(sources.out)["documents"]] == [None] * 3


def test_a_report_and_the_register_are_written_together(home: Home) -> None:
    """One command may ask for both files."""
    asked = ["recommend", "energy", "--site", "edar-norte", "--report", "informe.html", "--export", "registro.csv"]
    (ended,) = home.mains((asked, {}))
    assert ended.code == 0, ended.err
    assert "<html" in (home.folder / "informe.html").read_text("utf-8")
    assert (home.folder / "registro.csv").read_text("utf-8-sig")


def test_ask_prints_the_contract_and_people_read_text(home: Home) -> None:
    """--json is one object in the published shape; without it the text, its sources and addresses."""
    as_json, as_text = home.mains(
        (["ask", "¿Cada cuánto se limpian los difusores?", "--json"], {}),
        (["ask", "What is the cooling setpoint of the head office?"], {}),
    )
    said = check(json.loads(as_json.out))
    assert (said["status"], said["language"]) == ("answered", "es")
    assert said["citations"][0]["uri"] == "documents/difusores.md"
    assert "25 °C in summer. [1]" in as_text.out
    assert "documents/office.md" in as_text.out


def test_a_thread_remembers_until_it_is_forgotten(home: Home) -> None:
    """A follow-up in its thread is understood, by another process too; after `forget` it is not."""
    home.json("ask", "¿Cuántas soplantes tiene la EDAR Norte?", "--thread", "t1")
    asked = (["ask", "¿y de qué potencia son?", "--thread", "t1", "--json"], dict[str, str]())
    follow_up, forgotten, again, nobody = home.mains(
        asked, (["forget", "--thread", "t1"], {}), asked, (["forget", "--user", "slack:T1:U1"], {})
    )
    assert "75 kW" in check(json.loads(follow_up.out))["text"]
    assert json.loads(forgotten.out)["erased"] >= 1
    assert check(json.loads(again.out))["status"] != "answered"
    assert json.loads(nobody.out) == {"erased": 0}


def test_recommend(home: Home) -> None:
    """A measure of the documents, cited, its savings null with the reason; nothing of another kind."""
    said = check(home.json("recommend", "energy", "--site", "edar-norte"))
    assert said["status"] == "answered"
    assert "variadores" in said["recommendations"][0]["why"]
    assert said["recommendations"][0]["savings"]["energy_kwh"] is None
    assert said["recommendations"][0]["missing"]


def test_evaluate_a_beir_folder(home: Home) -> None:
    """Five texts, three questions: perfect where the answer is plain, and the index of the company is left alone."""
    folder = home.folder / "beir"
    (folder / "qrels").mkdir(parents=True)
    texts = [
        "La soplante gasta 75 kW.",
        "El difusor es de membrana.",
        "The office is cooled.",
        "El agua es potable.",
        "The tunnel is lit.",
    ]
    rows = [json.dumps({"_id": f"d{n}", "title": "", "text": body}) for n, body in enumerate(texts)]
    (folder / "corpus.jsonl").write_text("\n".join(rows), "utf-8")
    asked = ["¿Cuánto gasta la soplante?", "¿De qué es el difusor?", "Is the tunnel lit?"]
    (folder / "queries.jsonl").write_text(
        "\n".join(json.dumps({"_id": f"q{n}", "text": q}) for n, q in enumerate(asked)), "utf-8"
    )
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq0\td0\t1\nq1\td1\t1\nq2\td4\t1\n", "utf-8")
    metrics = home.json("evaluate", str(folder))
    assert (metrics["questions"], metrics["documents"]) == (3, 5)
    assert metrics["ndcg_at_10"] == metrics["recall_at_1"] == metrics["mrr_at_10"] == 1.0
    assert 0 < metrics["query_p50_ms"] <= metrics["query_p95_ms"]
    assert len(home.json("sources")["documents"]) == 3


def test_doctor_names_what_is_there_and_what_is_not(home: Home) -> None:
    """Every check has a name and a state; a working installation has nothing wrong; no documents is wrong."""
    checks = {one["name"]: one for one in home.json("doctor")["checks"]}
    assert {"slack", "teams", "model", "index", "redis"} <= checks.keys()
    assert all(one["ok"] for one in checks.values())
    assert "SLACK_BOT_TOKEN" in checks["slack"]["state"]
    assert "3 documents" in checks["index"]["state"]
    with make_home() as empty:
        assert not next(one for one in empty.json("doctor", code=1)["checks"] if one["name"] == "index")["ok"]


WRONG: list[tuple[tuple[str, ...], str]] = [
    ((), "COMMAND"),
    (("fly",), "fly"),
    (("ask",), "question"),
    (("ask", "  "), "empty"),
    (("ask", "q", "--site", "atlantis"), "edar-norte"),
    (("ask", "q", "--audience", "nobody"), "direccion"),
    (("ingest", "no/such/path"), "no/such/path"),
    (("recommend", "gold"), "gold"),
    (("forget",), "--thread"),
    (("forget", "--user", "ana"), "PLATFORM:TENANT:ID"),
    (("evaluate", "documents"), "BEIR"),
]


def test_wrong_use_ends_with_2_and_says_why(home: Home) -> None:
    """Exit 2, the reason on stderr, nothing on stdout."""
    ended = home.mains(*((arguments, {}) for arguments, _ in WRONG))
    for (arguments, named), one in zip(WRONG, ended, strict=True):
        assert (arguments, one.code, one.out, named in one.err) == (arguments, 2, "", True), one.err
    assert home.run("fly", code=2).stdout == ""


def test_half_a_configuration_does_not_start(home: Home) -> None:
    """Each setting alone that needs another: exit 2, every missing one named, no secret printed."""
    ended = home.mains(*((["serve", "--port", "0"], {name: value}) for name, (value, _) in HALVES.items()))
    for (name, (value, missing)), one in zip(HALVES.items(), ended, strict=True):
        assert (name, one.code, one.out) == (name, 2, "")
        assert all(other in one.err for other in missing)
        assert value in ("pinecone", "openai") or value not in one.err


def test_all_faults_are_told_at_once(home: Home) -> None:
    """Several halves are all named in one run; a wrong address, a wrong key and a missing file are named too."""
    (home.folder / "other.yaml").write_text("sites: []\nsauces: []\n", "utf-8")
    done = home.run("doctor", code=2, TEAMS_APP_ID="a", SLACK_APP_TOKEN="x", ADVISOR_INDEX="pinecone")
    names = ("TEAMS_APP_PASSWORD", "SLACK_BOT_TOKEN", "PINECONE_API_KEY", "PINECONE_HOST")
    assert all(name in done.stderr for name in names)
    cases = {"OPENAI_BASE_URL": ("ftp://x", "OPENAI_BASE_URL"), "ADVISOR_CONFIG": ("other.yaml", "sauces")}
    ended = home.mains(
        *((["doctor"], {name: value}) for name, (value, _) in cases.items()), (["doctor"], {"ADVISOR_CONFIG": "no.yaml"})
    )
    for named, one in zip(("OPENAI_BASE_URL", "sauces", "no.yaml"), ended, strict=True):
        assert one.code == 2
        assert named in one.err


async def test_serve_answers_and_ends_on_sigterm(home: Home) -> None:
    """Three lines, ready, an answer in the published shape, a page, metrics; SIGTERM ends it in 10 s with exit 0."""
    with home.serving() as server:
        assert [line.split(":")[0] for line in server.lines] == ["Chat page", "Configured", "Not configured"]
        async with aiohttp.ClientSession(server.url) as http:
            async with http.get("/readyz") as ready:
                assert ready.status == 200
            async with http.post("/v1/ask", json={"question": "¿Cada cuánto se limpian los difusores?"}) as response:
                said = check(await response.json())
            async with http.get("/") as page:
                assert "text/html" in page.headers["Content-Type"]
            async with asyncio.timeout(20):
                metrics = ""
                while "advisor_inbox_depth 0.0" not in metrics:  # the answer is out a moment before its message is done with
                    async with http.get("/metrics") as counted:
                        metrics = await counted.text()
        assert 'advisor_messages_total{command="ask",platform="web"} 1.0' in metrics
        assert "18 meses" in said["text"]
        started = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(server.process.wait, 12) == 0
        assert time.monotonic() - started <= 10
    assert not (home.folder / "v" / "redis" / "redis.pid").exists()


def test_a_taken_port_and_a_reader_that_leaves_end_without_a_traceback(home: Home) -> None:
    """A port in use: exit 2 and what to do. A reader that closes early, as `head` does: nothing is said about it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"port {port}: another program uses it" in home.run("serve", "--port", port, code=2).stderr
    command = [sys.executable, str(ROOT / "app.py"), "recommend"]
    with subprocess.Popen(
        command, cwd=home.folder, env=home.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""


async def _acknowledged(http: aiohttp.ClientSession, number: int, question: str) -> str:
    """Ask as an event stream and let go as soon as the question is taken: where its answer will be."""
    body = {"question": question, "thread": f"kill-{number}"}
    async with http.post("/v1/ask", json=body, headers={"Accept": "text/event-stream"}) as response:
        assert response.status == 200
        return response.headers["Location"]


async def _answer(http: aiohttp.ClientSession, location: str) -> dict[str, Any]:
    async with http.get(location) as response:
        assert response.status == 200
        return check(await response.json())


async def test_no_acknowledged_question_is_lost_to_a_kill(home: Home) -> None:
    """Twenty questions taken, kill -9 in the middle of the work, a new start: twenty right answers can be read."""
    asked = list(itertools.islice(itertools.cycle(QUESTIONS), 20))
    with home.serving() as first:
        async with aiohttp.ClientSession(first.url) as http:
            places = await asyncio.gather(*(_acknowledged(http, n, question) for n, question in enumerate(asked)))
        first.process.kill()
        first.process.wait(10)
    with home.serving() as second:
        async with aiohttp.ClientSession(second.url) as http:
            answers = await asyncio.gather(*(_answer(http, place) for place in places))
    assert len(set(places)) == 20
    for question, said in zip(asked, answers, strict=True):
        assert said["status"] == "answered", said
        assert QUESTIONS[question] in said["text"]
