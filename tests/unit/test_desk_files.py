"""Files that are sent in a conversation: read, found there and nowhere else, and gone when the conversation is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.access import DROPPED_FILES
from bot.messages import SentFile
from bot.redis_calls import digest
from config import limits
from config.texts import text
from rag.errors import NotAllowedError, StoreError
from tests.answer_fixtures import said
from tests.desk_world import DeskWorld, FileChannel, actor

NAME = "informe-bombeo.md"
REPORT = "# Informe del bombeo Azul\n\nEl bombeo Azul consume 4.321 kWh cada noche porque su válvula de retención fuga.\n"
QUESTION = "¿Cuánto consume el bombeo Azul cada noche?"
SENT = said(QUESTION, direct=True, files=(SentFile(NAME, len(REPORT), "text/markdown", "x"),))


@pytest.fixture
def world(redis: Redis, tmp_path: Path) -> DeskWorld:
    return DeskWorld(redis, home=tmp_path, channel=FileChannel({NAME: REPORT.encode()}))


async def documents(world: DeskWorld) -> list[str]:
    """Titles of what was sent."""
    return [one.document.title for one in await world.index.documents(DROPPED_FILES)]


async def test_a_file_answers_the_question_it_came_with(world: DeskWorld) -> None:
    """At once, with a citation that opens, and for the next question too; the asker is told that it was read."""
    reply = await world.ask(SENT)
    assert "4.321 kWh" in reply.text
    assert reply.answer.notices[0] == text("es", "desk.file_read", name=NAME)
    view = await world.desk.open_source(actor(direct=True), reply.exchange, 1)
    assert "válvula de retención" in view.text
    later = await world.ask(said("¿Por qué consume tanto el bombeo Azul?", id="2", direct=True))
    assert "retención" in later.text


async def test_it_is_read_nowhere_else(world: DeskWorld) -> None:
    """Not by others, not by the same person elsewhere, not by who reads everything; its answer is not to be shared."""
    reply = await world.ask(SENT)
    for other in (
        said(QUESTION, "eva", id="2", conversation="d", direct=True),
        said(QUESTION, id="3", conversation="d", direct=True),
        said(QUESTION, "U-BOSS", id="4", conversation="e", direct=True),
        said(QUESTION, id="5", tenant="T2", direct=True),
    ):
        assert "4.321" not in (await world.ask(other)).text
    with pytest.raises(NotAllowedError):
        await world.desk.shared(actor(channel="C-ANY"), reply.exchange)
    assert "informe" not in str(await world.desk.home(actor("eva", direct=True, conversation="d")))


async def test_files_without_a_question(world: DeskWorld) -> None:
    """They are read, and the asker is asked what they want to know; the conversation goes on from there."""
    reply = await world.ask(replace(SENT, text=""))
    assert reply.answer.status == "needs_input"
    assert text("es", "desk.file_read", name=NAME) in reply.text
    assert await world.memory.known(SENT.key)
    assert "4.321 kWh" in (await world.ask(said(QUESTION, id="2", direct=True))).text


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        (SentFile("grande.pdf", limits.CONVERSATION_FILE_BYTES + 1, "", "x"), "desk.file_refused"),
        (SentFile("miente.md", 10, "", "x"), "desk.file_refused"),
        (SentFile("borrado.md", 10, "", "gone"), "desk.file_refused"),
        (SentFile("lejos.md", 10, "", "away"), "desk.file_not_fetched"),
        (SentFile("roto.pdf", 10, "", "x"), "desk.file_unreadable"),
        (SentFile("vacio.md", 0, "", "x"), "desk.file_unreadable"),
    ],
)
async def test_what_cannot_be_read_is_told(world: DeskWorld, sent: SentFile, key: str) -> None:
    """With the reason, and the question is answered all the same; nothing is indexed of it."""
    world.channel.files |= {
        "miente.md": b"x" * (limits.CONVERSATION_FILE_BYTES + 1), "roto.pdf": b"%PDF-1.7 broken", "vacio.md": b"",
    }  # fmt: skip
    reply = await world.ask(said("¿Qué potencia tienen las soplantes?", direct=True, files=(sent,)))
    told = text("es", key, name=sent.name, reason="|").split("|")[0]
    assert reply.answer.notices[0].startswith(told.rstrip("."))
    assert "75 kW" in reply.text
    assert await documents(world) == []


async def test_the_reason_is_in_the_askers_language(world: DeskWorld) -> None:
    """An empty file is one in Spanish and in English."""
    world.channel.files["vacio.md"] = b""
    sent = (SentFile("vacio.md", 0, "", "x"),)
    told = [
        (await world.ask(said(question, id=question, conversation=question, direct=True, files=sent))).answer.notices[0]
        for question in ("¿Qué potencia tienen las soplantes?", "What is the cooling setpoint of the head office?")
    ]
    assert "empty file" not in told[0]
    assert "empty file" in told[1]
    alone = await world.ask(said("", id="3", conversation="c3", direct=True, files=sent))
    assert text("es", "desk.files_ask") not in alone.text, "there is nothing to be asked about"


async def test_a_table_is_said_to_be_one(world: DeskWorld) -> None:
    """Readings in a CSV file are read as text; that nothing is calculated with them is said."""
    world.channel.files["lecturas.csv"] = b"hora;kWh\n00:00;12\n01:00;13\n"
    reply = await world.ask(replace(SENT, text="", files=(SentFile("lecturas.csv", 30, "text/csv", "x"),)))
    assert text("es", "desk.file_table", name="lecturas.csv", reason="2 filas son pocas para ser lecturas") in reply.text


async def test_no_more_than_five(world: DeskWorld) -> None:
    """The first five are read, and it is said that the others are not."""
    world.channel.files |= {f"{n}.md": f"# Nota {n}\n\nTexto de la nota {n}.\n".encode() for n in range(7)}
    files = tuple(SentFile(f"{n}.md", 10, "", "x") for n in range(7))
    reply = await world.ask(replace(SENT, text="", files=files))
    assert text("es", "desk.files_many", limit=5) in reply.text
    assert len(await documents(world)) == 5


async def test_the_same_name_in_two_conversations(world: DeskWorld) -> None:
    """Two files, each in its own; sent again in one, it takes the place of the first."""
    await world.ask(SENT)
    await world.ask(replace(SENT, id="2", conversation="d"))
    await world.ask(replace(SENT, id="3"))
    assert len(await documents(world)) == 2


@pytest.mark.parametrize("words", ["olvida", "olvídame"])
async def test_forgetting_forgets_the_files(world: DeskWorld, words: str) -> None:
    """With the conversation, or with the person who sent them; another's file stays."""
    await world.ask(SENT)
    await world.ask(replace(SENT, id="2", user="eva", conversation="d"))
    await world.ask(said(words, id="3", direct=True))
    left = await world.index.documents(DROPPED_FILES)
    assert [one.document.audience for one in left] == [frozenset({f"conversation:{digest(replace(SENT, conversation='d').key)}"})]
    assert "4.321" not in (await world.ask(replace(SENT, id="4", files=()))).text


async def test_what_is_forgotten_elsewhere_is_swept(world: DeskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the command line, where no index is open, and when memory has let a conversation go: the next sweep removes it."""
    await world.ask(SENT)
    await world.ask(replace(SENT, id="2", user="eva", conversation="d"))
    assert await world.shelf.sweep() == 0
    await world.memory.forget_user("slack", "T", "eva")
    assert await world.shelf.sweep() == 1
    await world.redis.delete(*await world.redis.keys("memory:*"))
    assert await world.shelf.sweep() == 0  # it is young: its first answer may still be under way
    monkeypatch.setattr("bot.shelf._YOUNG_SECONDS", -1.0)
    assert await world.shelf.sweep() == 1
    assert await documents(world) == []


async def test_the_service_sweeps_by_itself(world: DeskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """Running, it does first what it is told to, then removes what is forgotten, soon; a failure ends nothing."""
    monkeypatch.setattr("bot.shelf._SWEEP_SECONDS", 0.05)
    await world.ask(SENT)
    calls = []

    async def first() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise StoreError("away")

    world.shelf.start(first)
    try:
        await world.memory.forget_conversation(SENT.key)
        async with asyncio.timeout(10):
            while await documents(world):  # noqa: ASYNC110 - the test waits from outside
                await asyncio.sleep(0.05)
    finally:
        await world.shelf.stop()
    assert len(calls) == 2


@pytest.mark.parametrize("away", [False, True])
async def test_a_deleted_message_takes_its_files_with_it(world: DeskWorld, monkeypatch: pytest.MonkeyPatch, away: bool) -> None:
    """Nobody reads them any more, nor the readings among them; those of other messages stay. An index that is away: later."""
    readings = "fecha;hora;kWh\n" + "".join(f"{1 + n // 24:02d}/03/2026;{n % 24:02d}:00;{100 + n % 24}\n" for n in range(24 * 20))
    world.channel.files |= {"consumo.csv": readings.encode(), "acta.md": b"# Acta\n\nEl bombeo Rojo gasta 77 kWh.\n"}
    sent = (*SENT.files, SentFile("consumo.csv", 100, "text/csv", "x"))
    await world.ask(replace(SENT, text="", files=sent, said="s1"))
    await world.ask(replace(SENT, id="2", text="", files=(SentFile("acta.md", 9, "text/markdown", "x"),), said="s2"))
    assert world.records.brought
    told = world.records.brought
    assert await told.named(digest(SENT.key), "consumo.csv")
    if away:

        async def refuse() -> int:
            raise StoreError("away")

        monkeypatch.setattr(world.shelf, "sweep", refuse)
    gone = replace(SENT, id="s1/deleted", text="", files=(), command="retract", replaces="s1")
    for _ in range(2):
        await world.ask(gone)
    assert not await told.named(digest(SENT.key), "consumo.csv")
    if away:
        monkeypatch.undo()
        await world.shelf.sweep()
    assert len(await documents(world)) == 1
    assert "4.321" not in (await world.ask(replace(SENT, id="4", user="leo", files=(), said="s4"))).text
    assert "77 kWh" in (await world.ask(replace(SENT, id="5", text="¿Cuánto gasta el bombeo Rojo?", files=(), said="s5"))).text


async def test_where_files_cannot_be_read(redis: Redis) -> None:
    """A place without an index of its own, or a platform that brings none, says so and answers the words."""
    reply = await DeskWorld(redis).ask(replace(SENT, text="¿Qué potencia tienen las soplantes?"))
    assert reply.answer.notices[0] == text("es", "desk.files_not_here")
    assert "75 kW" in reply.text
