"""Readings and bills that are sent in a conversation: told and calculated with there, and found nowhere else."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.brought import BroughtReadings, identity_of
from bot.exchange import person
from bot.messages import IncomingMessage, Reply, SentFile
from bot.redis_calls import digest
from config.texts import text
from rag.errors import InputError, NotAllowedError
from rag.models import KINDS
from rag.readings.confined import series_in as confined
from rag.readings.guess import series_in
from tests.answer_fixtures import said
from tests.desk_world import DeskWorld, actor
from tests.security.hostile_files import FILES

NAME = "nave.csv"


def office(days: int = 210) -> bytes:
    """Hourly electricity as Datadis gives it: 10 kW at night, 40 by day; every fifth night only 4 kW."""
    start, rows = datetime(2025, 3, 3), ["cups;fecha;hora;consumo_kWh;metodoObtencion;energiaVertida_kWh"]
    for n in range(days * 24):
        at = start + timedelta(hours=n)
        if at.date().isoformat() == "2025-03-30" and at.hour == 2:
            continue  # clocks go forward
        kwh = (4 if n // 24 % 5 == 0 else 10) if at.hour < 6 else 40
        rows.append(f"ES1;{at:%Y/%m/%d};{at.hour + 1:02d}:00;{kwh},0;Real;")
    return "\n".join(rows).encode()


BILL = "# Factura\n\nPeriodo de facturación: 01/03/2026 - 31/03/2026\n\nConsumo total: 12.400 kWh\n\nImporte total: 2.480,00 €\n"


@pytest.fixture
async def world(redis: Redis, tmp_path: Path) -> DeskWorld:
    """An installation with an index of its own, and a channel that has files."""
    made = DeskWorld(redis, home=tmp_path)
    made.channel.files |= {NAME: office(), "factura.md": BILL.encode(), "rota.csv": b"inicio;kWh\n\xff\xfe;\x00"}
    return made


def sending(name: str, text: str = "", **more: object) -> IncomingMessage:
    """A message with a file."""
    return replace(said(text, direct=True, **more), files=(SentFile(name, 10, "", "x"),))  # type: ignore[arg-type]


async def kept(world: DeskWorld, message: IncomingMessage, name: str = NAME) -> str:
    """The readings as they are when a message has brought them, without the process that reads them."""
    identity = identity_of(message.key, name)
    records = world.records
    assert records.brought
    await records.brought.keep(message.key, person(message), name, series_in(world.channel.files[name], name, identity))
    await records.choices.set_conversation(message.key, files="1", brought=identity)
    return identity


def calculated(reply: Reply) -> list[str]:
    """Ids of the calculations that a reply cites."""
    return [one.passage_id for one in reply.answer.citations if one.kind == "calculation"]


async def test_readings_are_told_at_once(world: DeskWorld) -> None:
    """Total, nights, peaks, each with its calculation, which opens; nothing of it becomes a document."""
    reply = await world.ask(sending(NAME))
    assert reply.answer.status == "answered"
    assert reply.answer.notices[0] == text("es", "brought.read", name=NAME)
    total = (4 * 42 + 10 * 168) * 6 + 210 * 18 * 40 - 10
    assert f"{total:,}".replace(",", ".") + " kWh" in reply.text
    assert "3 mar 2025" in reply.text
    assert len(calculated(reply)) == len(reply.answer.citations) >= 3
    view = await world.desk.open_source(actor(direct=True), reply.exchange, 1)
    assert "kWh" in view.quote
    assert await world.index.documents("conversation") == []


async def test_they_answer_what_is_asked_next(world: DeskWorld) -> None:
    """Nights by calculation, measures with numbers whose working opens, other prices; nothing of it enters the register."""
    identity = await kept(world, said("", direct=True))
    night = await world.ask(said("¿Cuánto se consume por la noche?", id="2", direct=True))
    assert calculated(night) == [f"calculation:{identity}/base_load.m1"]
    measures = await world.ask(said("¿Qué podemos mejorar?", id="3", direct=True))
    idle = next(one for one in measures.answer.recommendations if one.measure == "idle_load")
    assert idle.site == identity
    assert idle.energy_kwh
    assert idle.energy_kwh.mid == pytest.approx((10 - 4) * 2190, rel=0.01)
    view = await world.desk.open_source(actor(direct=True), measures.exchange, 1)
    assert "Fórmula" in view.text
    priced = await world.ask(said("¿y a 0,20 €/kWh?", id="4", direct=True))
    cost = next(one for one in priced.answer.recommendations if one.measure == "idle_load").cost_eur
    assert cost
    assert cost.mid == pytest.approx(idle.energy_kwh.mid * 0.2, rel=0.01)
    assert world.records.register
    assert await world.records.register.of([identity]) == []


async def test_what_they_cost_and_when(world: DeskWorld) -> None:
    """Kilowatt-hours times a price, in any words; peak, day, month and total; of the file alone, without any document."""
    identity = await kept(world, said("", direct=True))
    total = (4 * 42 + 10 * 168) * 6 + 210 * 18 * 40 - 10
    cost = f"{round(total * 0.2):,}".replace(",", ".") + " €"
    for n, question in enumerate(("¿y a 0,20 €/kWh?", "¿cuánto costaría a 0,20 €?", "¿cuánto sería a 20 céntimos el kWh?")):
        reply = await world.ask(said(question, id=f"a{n}", direct=True))
        assert cost in reply.text, question
        assert len(calculated(reply)) == len(reply.answer.citations) == 1
    unpriced = await world.ask(said("¿cuánto cuesta?", id="b", direct=True))
    assert "No sé a qué precio" in unpriced.text
    expected = (
        ("¿cuál es la punta y cuándo?", "40 kW, el 3 mar 2025 a las 06:00"),
        ("¿qué día se consumió más?", "el día más alto"),
        ("¿cuánto se consumió en abril?", "abril de 2025: 23.184 kWh"),
        ("what is the total consumption?", f"{total:,} kWh"),
    )
    for n, (question, words) in enumerate(expected):
        reply = await world.ask(said(question, id=f"c{n}", direct=True))
        assert words in reply.text, question
        assert all(identity in one for one in calculated(reply))
        assert len(calculated(reply)) == len(reply.answer.citations) == 1


async def test_what_others_are_told_to_do_is_no_advice_to_it(world: DeskWorld) -> None:
    """Readings of which nothing comes are met with that, not with what documents propose to the company's facilities."""
    flat = "\n".join(["fecha;hora;kWh", *(f"{1 + n // 24:02d}/03/2026;{n % 24:02d}:00;12" for n in range(24 * 14))]).encode()
    world.channel.files["plano.csv"] = flat
    await kept(world, sending("plano.csv"), "plano.csv")
    reply = await world.ask(sending("plano.csv", "recomienda", id="2"))
    assert reply.answer.status == "not_found"
    assert text("es", "brought.nothing", name="plano.csv") in reply.text
    assert reply.answer.recommendations == ()


async def test_bills_are_priced(world: DeskWorld) -> None:
    """At another price than their own; the questions that need hours say why not."""
    await world.ask(sending("factura.md"))
    assert "12.400 kWh, que a 0,25 €/kWh son 3.100 €" in (await world.ask(said("¿y a 0,25 €/kWh?", id="2", direct=True))).text
    assert "dicen cuánto, no cuándo" in (await world.ask(said("¿cuál es la punta?", id="3", direct=True))).text


async def test_they_are_nobody_elses(world: DeskWorld) -> None:
    """Not in another conversation, not of another company's tenant; and what they gave cannot be shared."""
    identity = await kept(world, said("", direct=True))
    question = "¿Cuánto se consume por la noche en nave?"
    reply = await world.ask(said(question, id="2", direct=True))
    for other in (
        said(question, "eva", id="3", conversation="d", direct=True),
        said(question, id="4", conversation="d", direct=True),
        said(question, id="5", tenant="T2", direct=True),
        said("recomienda", id="6", conversation="d", direct=True),
    ):
        assert not any(identity in one for one in calculated(await world.ask(other)))
    with pytest.raises(NotAllowedError):
        await world.desk.shared(actor(channel="C-ANY"), reply.exchange)


@pytest.mark.parametrize("words", ["olvida", "olvídame"])
async def test_they_are_forgotten(world: DeskWorld, words: str) -> None:
    """With the conversation, and with who sent them."""
    message = said("", direct=True)
    identity = await kept(world, message)
    await world.ask(said("¿Cuánto se consume por la noche?", id="2", direct=True))
    await world.ask(said(words, id="3", direct=True))
    assert not [one async for one in world.redis.scan_iter("brought:{*")]
    assert not calculated(await world.ask(said("¿Cuánto se consume por la noche?", id="4", direct=True)))
    assert identity not in str([one async for one in world.redis.scan_iter("*")])


async def test_another_is_not_forgotten_with_them(redis: Redis) -> None:
    """What somebody else brought into the same conversation stays."""
    held, key = BroughtReadings(redis), said("").key
    for who, name in (("ana", "nave.csv"), ("eva", "b.csv")):
        await held.keep(key, person(said("", who)), name, series_in(office(2), name, identity_of(key, name)))
    mine = said("", "ana")
    assert await held.forget_user(mine.platform, mine.tenant, mine.user) == 1
    assert await held.named(digest(key), "¿y en nave?") == ""
    assert await held.named(digest(key), "¿y en B.csv?") == identity_of(key, "b.csv")
    assert await held.named(digest(key), "¿y por la noche, b?") == ""  # a letter is no name


async def test_they_are_forgotten_however_long_they_were_talked_of(redis: Redis) -> None:
    """Whose they are is known for as long as they are kept."""
    held, key = BroughtReadings(redis, ttl_seconds=2), said("").key
    identity = await held.keep(key, digest("slack", "T", "ana"), "nave.csv", series_in(office(2), "nave.csv", "file-x"))
    await asyncio.sleep(1.3)
    assert await held.of(digest(key), identity, None)
    await asyncio.sleep(1.3)
    assert await held.forget_user("slack", "T", "ana") == 1
    assert await held.of(digest(key), identity, None) is None
    assert await held.named(digest(key), "nave.csv") == ""


async def test_what_nobody_is_known_to_have_brought_goes(redis: Redis) -> None:
    """Files of a version that noted not whose they are: with the next file, and when anyone there is forgotten."""
    held, key, read = BroughtReadings(redis), said("").key, series_in(office(2), "nave.csv", "file-x")
    conversation = digest(key)
    fields, older = f"brought:readings:{{{conversation}}}", f"brought:{{{conversation}}}"

    async def of_before() -> None:
        await redis.hset(fields, "file-old", "x")
        await redis.hset(older, "file-old", "x")

    await of_before()
    identity = await held.keep(key, digest("slack", "T", "ana"), "nave.csv", read)
    assert (await redis.hkeys(fields), await redis.exists(older)) == ([identity], 0)
    await of_before()
    await held.keep(key, digest("slack", "T", "luis"), "b.csv", read)
    await of_before()
    assert await held.forget_user("slack", "T", "luis") == 2
    assert (await redis.hkeys(fields), await redis.exists(older)) == ([identity], 0)
    await of_before()
    await held.forget_conversation(key)
    assert await redis.exists(fields, older) == 0


async def test_in_a_cluster(redis_cluster: Redis) -> None:
    """Persons and conversations may lie in different slots."""
    held, key = BroughtReadings(redis_cluster), said("").key
    identity = await held.keep(key, digest("slack", "T", "ana"), "nave.csv", series_in(office(2), "nave.csv", "file-x"))
    assert await held.of(digest(key), identity, None)
    assert await held.forget_user("slack", "T", "ana") == 1
    assert await held.forget_conversation(key) == 0


async def test_the_first_of_many_gives_way(redis: Redis) -> None:
    """In the order in which they came, whatever they are called."""
    held, key, read = BroughtReadings(redis), said("").key, series_in(office(2), "nave.csv", "file-x")
    for n in (3, 1, 0, 2, 9, 8, 7, 6, 5, 4):
        await held.keep(key, "p", f"datos{n}.csv", read)
    names = {n for n in range(10) if await held.named(digest(key), f"datos{n}.csv")}
    assert names == {0, 2, 4, 5, 6, 7, 8, 9}


async def test_a_facility_named_takes_over_until_the_file_is_named(world: DeskWorld) -> None:
    """The conversation is about what came or was named last."""
    identity = await kept(world, said("", direct=True))
    site = world.company.sites[0]
    await world.ask(said(f"¿Qué potencia tienen las soplantes de {site.name}?", id="2", direct=True))
    assert (await world.records.choices.conversation(said("", direct=True).key)).brought == ""
    assert not calculated(await world.ask(said("¿Cuánto se consume por la noche?", id="3", direct=True)))
    again = await world.ask(said("¿Cuánto se consume por la noche según nave.csv?", id="4", direct=True))
    assert calculated(again) == [f"calculation:{identity}/base_load.m1"]


async def test_a_bill_is_read_twice(world: DeskWorld) -> None:
    """As a document that can be quoted, and as an amount with its price; what needs hours says that bills do not tell it."""
    reply = await world.ask(sending("factura.md"))
    assert "12.400 kWh" in reply.text
    assert "0,2 €/kWh" in reply.text
    assert any("facturas" in one for one in reply.answer.notices)
    assert [one.document.title for one in await world.index.documents("conversation")] == ["Factura"]


async def test_a_table_that_says_too_little_stays_a_table(world: DeskWorld) -> None:
    """With the reason in the asker's language; a file that breaks its reader harms nobody."""
    world.channel.files["sin-unidad.csv"] = office(1).replace(b"consumo_kWh", b"consumo").replace(b"cups", b"punto")
    reply = await world.ask(sending("sin-unidad.csv"))
    assert "no dice su unidad" in reply.text
    broken = await world.ask(sending("rota.csv", "¿Qué potencia tienen las soplantes?", id="2"))
    assert "75 kW" in broken.text


async def test_english(world: DeskWorld) -> None:
    """Numbers and words are of the asker's language."""
    await kept(world, said("", direct=True))
    reply = await world.ask(said("What can we improve?", id="2", direct=True))
    assert reply.answer.language == "en"
    assert text("en", "measures.idle_load.title") in reply.text
    assert "13,132 kWh" in reply.answer.citations[0].quote
    assert {one.kind for one in reply.answer.recommendations} <= set(KINDS)


async def test_hostile_files_end_in_a_reason() -> None:
    """In a process of their own: entities that laugh, a field without end."""
    names = ("laughs.xlsx", "quote.csv")
    ends = await asyncio.gather(*(confined(FILES[one](), one, "file-1") for one in names), return_exceptions=True)
    assert [str(one) for one in ends] == ["broken file: ValueError", "broken file: Error"]
    assert all(isinstance(one, InputError) for one in ends)
