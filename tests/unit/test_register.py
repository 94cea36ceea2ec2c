"""The register in a conversation, over a real Redis: what is entered, who sees it, what a decision does, what is kept."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from redis.asyncio import Redis

from bot.register import Register
from config import limits
from config.texts import text
from rag.errors import NotAllowedError
from rag.models import Range, Recommendation, Scope
from rag.registered import MOST_CHANGES, Change, Entry
from tests.answer_fixtures import said
from tests.desk_world import actor
from tests.register_world import TODAY, RegisterWorld

BOSS: dict[str, object] = {"user": "U-BOSS", "direct": True, "conversation": "d"}
ALL = ["edar-norte", "oficina"]


@pytest.fixture
def world(redis: Redis) -> RegisterWorld:
    return RegisterWorld(redis)


def proposal(measure: str = "led", site: str | None = "edar-norte", kwh: float = 1000.0) -> Recommendation:
    """What the adviser would compute."""
    saves = Range(kwh / 2, kwh, kwh * 2) if kwh else None
    return Recommendation(measure, measure.title(), "energy", "", (1,), "metered", "high", site, energy_kwh=saves)


async def ask(world: RegisterWorld, words: str, **values: object) -> str:
    """What is replied; the same words are the same message."""
    message = said(words, **{**values, "id": words})  # type: ignore[arg-type]  # as the test gives them
    return (await world.ask(message)).text


async def entered(world: RegisterWorld) -> None:
    """The plant's measure is in the register, and was shown in the conversation, without a search."""
    one = proposal("blower_control", kwh=87_600)
    await world.register.listed(said("").key, await world.register.propose([one], TODAY))


async def only(world: RegisterWorld, measure: str = "blower_control") -> Entry:
    """The entry of a measure."""
    return next(one for one in await world.register.of(ALL) if one.measure == measure)


async def test_what_is_computed_is_entered(world: RegisterWorld) -> None:
    """Each measure with numbers once, with them; what only a document proposes, and what may not be seen here, is not."""
    reply = await world.ask(said("recomienda"))
    assert reply.answer.follow_ups == (text("es", "register.follow_up"),)
    held = await world.register.of(ALL)
    assert {"blower_control", "new_taps"} <= {one.measure for one in held}
    assert {one.site for one in held} == {"edar-norte"}
    assert [one.measure for one in reply.answer.recommendations if one.site][: len(held)] == [one.measure for one in held]
    one = await only(world)
    assert (one.status, one.proposed, one.energy_kwh) == ("proposed", TODAY, Range(87_600, 87_600, 87_600))
    await world.ask(said("recommend energy", id="2"))
    assert await world.register.of(ALL) == held


async def test_a_decision_is_told_and_kept(world: RegisterWorld) -> None:
    """By place in the last list, then by number; with reason, person and day; the history has all of them."""
    reply = await world.ask(said("recomienda"))
    first = reply.answer.recommendations[0]
    number = (await only(world, first.measure)).id
    assert number in await ask(world, "recomienda acepta 1")
    assert "rechazada" in await ask(world, f"recomienda rechaza {number} porque no hay presupuesto")
    one = await only(world, first.measure)
    assert (one.status, one.reason) == ("rejected", "no hay presupuesto")
    assert [(change.status, change.by, change.at) for change in one.changes] == [
        ("accepted", "slack:T:ana", TODAY), ("rejected", "slack:T:ana", TODAY),
    ]  # fmt: skip
    listed = await ask(world, "recomienda estado")
    assert f"**{number} " in listed
    assert "«no hay presupuesto»" in listed


async def test_a_reason_is_only_text(world: RegisterWorld) -> None:
    """Figures, marks and braces of it are told as they were said, and cite nothing."""
    await entered(world)
    number = (await only(world)).id
    await ask(world, f"recomienda rechaza {number} porque cuesta 3.217 € [7] y {{title}}\n- no hay 19 kW")
    reply = await world.ask(said("recomienda estado", id="2"))
    assert "«cuesta 3.217 € (7) y {title} - no hay 19 kW»" in reply.text
    assert [one.n for one in reply.answer.citations] == [1]


async def test_a_message_decides_once(world: RegisterWorld) -> None:
    """However often it is handled; and one that is handled again does not undo what came after it."""
    await entered(world)
    number = (await only(world)).id
    for words in (f"recommend accept {number}", f"recommend done {number}", f"recommend accept {number}"):
        await ask(world, words)
    one = await only(world)
    assert [change.status for change in one.changes] == ["accepted", "done"]
    assert one.done_on == TODAY


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("recommend accept", "register.which"), ("recommend accept 99", "register.unknown"),
        ("recommend accept R999", "register.unknown"), ("recommend reject R1", "register.why"),
        ("recommend done R1 2031-01-01", "register.bad_date"), ("recommend done R1 soon", "register.bad_date"),
        ("recommend done R1 1990-01-01", "register.bad_date"), ("/recommend status mars", "recommend.usage"),
    ],
)  # fmt: skip
async def test_what_cannot_be_decided_is_asked_for(world: RegisterWorld, words: str, key: str) -> None:
    """With a sentence on how to say it; nothing changes."""
    await entered(world)
    before = await world.register.of(ALL)
    reply = await world.ask(said(words, id="2"))
    assert reply.answer.status == "needs_input"
    start = text("en", key, **dict.fromkeys(("which", "id", "title", "said", "unknown", "sites"), "{}")).split("{}")[0]
    assert reply.text.startswith(start)
    assert await world.register.of(ALL) == before


async def test_a_site_that_may_not_be_seen_is_not_there(world: RegisterWorld) -> None:
    """Its entries are neither listed nor decided upon by who may not see it, nor where others read."""
    await ask(world, "recomienda", **BOSS)
    secret = await only(world, "secret_works")
    assert secret.id in await ask(world, "recomienda estado", **BOSS)
    places: list[dict[str, object]] = [{}, {"user": "U-BOSS", "channel": "C-ANY"}]
    for values in places:
        assert "reservada" not in await ask(world, "recomienda estado", **values)
        refused = await ask(world, f"recomienda acepta {secret.id}", **values)
        assert refused == text("es", "register.unknown", which=secret.id)
    assert (await only(world, "secret_works")).status == "proposed"
    await ask(world, f"recomienda acepta {secret.id}", **BOSS)
    assert (await only(world, "secret_works")).status == "accepted"
    rows = await world.registrar.rows(world.company, Scope(frozenset({"everyone"})), "es")
    assert {row.entry.site for row in rows} == {"edar-norte"}


async def test_what_was_saved_is_told_with_its_calculation(world: RegisterWorld) -> None:
    """Realised against predicted, cited; the citation opens the working; the text's numbers are the calculation's."""
    await entered(world)
    number = (await only(world)).id
    await ask(world, f"recommend done {number} 2024-12-31")
    reply = await world.ask(said("recommend status edar-norte", id="3"))
    assert "Measured since" in reply.text
    assert "Low confidence" not in reply.text
    cited = next(one for one in reply.answer.citations if "realised.blower_control" in one.passage_id)
    view = await world.opening().open_source(actor(), reply.exchange, cited.n)
    assert "CV(RMSE)" in view.text
    assert view.text.startswith(cited.quote)
    promised = next(one for one in reply.answer.citations if "register.blower_control" in one.passage_id)
    assert "87,600 kWh/year" in (await world.opening().open_source(actor(), reply.exchange, promised.n)).text


async def test_a_decision_is_nothing_to_share(world: RegisterWorld) -> None:
    """What is told of a site is posted only where all may see that site; a decision is not kept to be posted."""
    await ask(world, "recomienda", **BOSS)
    secret = await only(world, "secret_works")
    decided = await world.ask(said(f"recomienda acepta {secret.id}", id="a", **BOSS))  # type: ignore[arg-type]  # as given
    assert decided.exchange == ""
    for words in ("recomienda estado oficina", "recomienda"):
        private = await world.ask(said(words, id=f"b{words}", **BOSS))  # type: ignore[arg-type]  # as given
        assert private.answer.citations
        with pytest.raises(NotAllowedError):
            await world.opening().shared(actor("U-BOSS", direct=True, conversation="d"), private.exchange)
    open_ = await world.ask(said("recomienda estado edar-norte", id="c", **BOSS))  # type: ignore[arg-type]  # as given
    assert (await world.opening().shared(actor("U-BOSS", direct=True, conversation="d"), open_.exchange)).text == open_.text


async def test_what_was_decided_is_said_with_the_recommendations(world: RegisterWorld) -> None:
    """Beside the list, so that nobody decides twice unawares."""
    await entered(world)
    number = (await only(world)).id
    await ask(world, f"recomienda rechaza {number} porque no")
    reply = await world.ask(said("recomienda energía", id="2"))
    told = reply.answer.notices[-1]
    assert f"{number} (rechazada)" in told
    assert [one.id for one in await world.register.of(ALL) if one.id not in told] == []


async def test_a_rule_that_failed_is_named(world: RegisterWorld) -> None:
    """A measure that was done yesterday."""
    await entered(world)
    number = (await only(world)).id
    await ask(world, f"recomienda hecho {number} 14/01/2026")
    assert text("es", "register.unmeasured.days_after", days=0, least=28) in await ask(world, "recomienda estado")


async def test_predicted_savings_follow_only_while_proposed(redis: Redis) -> None:
    """A decision is about the numbers of its day: they stay; its number stays in any case."""
    register = Register(redis)
    first = (await register.propose([proposal(kwh=1000)], TODAY))[0]
    again = (await register.propose([proposal(kwh=2000)], TODAY))[0]
    assert (again.number, again.energy_kwh) == (first.number, Range(1000, 2000, 4000))
    await register.decide(again, Change(TODAY, "accepted"))
    kept = (await register.propose([proposal(kwh=3000)], TODAY))[0]
    assert (kept.status, kept.energy_kwh) == ("accepted", Range(1000, 2000, 4000))


async def test_values_that_the_asker_set_are_not_entered(world: RegisterWorld) -> None:
    """«¿Y a 0,50 €/kWh?» asks what if: the register keeps what was reckoned of the site's own values."""
    await ask(world, "recomienda energía edar-norte")
    before = await world.register.of(ALL)
    listed = await ask(world, "¿y a 0,50 €/kWh?")
    assert await world.register.of(ALL) == before
    first = await only(world, "idle_load")  # with a price its saving is worth something: it leads the list now
    assert listed.index(text("es", "measures.idle_load.title")) < listed.index("[1]")
    assert first.id in await ask(world, "recomienda acepta 1")


async def test_numbers_are_told_apart_when_many_write(redis: Redis) -> None:
    """Proposals for one site from ten processes at once: each measure once, no number twice."""
    made = await asyncio.gather(*(Register(redis).propose([proposal(f"m{n % 5}")], TODAY) for n in range(10)))
    held = await Register(redis).of(ALL)
    assert sorted(one.measure for one in held) == [f"m{n}" for n in range(5)]
    assert len({one.number for one in held}) == 5
    assert {one[0].number for one in made} == {one.number for one in held}


async def test_it_stays(redis: Redis) -> None:
    """No key of it expires, but for what a conversation was shown last."""
    register = Register(redis)
    entries = await register.propose([proposal()], TODAY)
    await register.listed("k", entries)
    ages = {name: await redis.ttl(name) for name in await redis.keys("register:*")}
    assert {name: age for name, age in ages.items() if age >= 0}.keys() == {name for name in ages if ":list:" in name}
    assert len(ages) == 4


async def test_only_what_nobody_decided_on_goes(redis: Redis) -> None:
    """Beyond the cap the oldest proposals go; a decision never does. Of changes the latest are kept."""
    register = Register(redis, most=3)
    first = (await register.propose([proposal("m0")], TODAY))[0]
    await register.decide(first, Change(TODAY, "rejected", reason="no"))
    for n in range(1, 6):
        await register.propose([proposal(f"m{n}")], TODAY)
    assert [one.measure for one in await register.of(ALL)] == ["m0", "m4", "m5"]
    for n in range(MOST_CHANGES + 3):
        await register.decide(first, Change(TODAY, "accepted", once=str(n)))
    assert len((await register.of(ALL))[0].changes) == MOST_CHANGES
    assert limits.REGISTER_SITE_ENTRIES >= 100


async def test_an_entry_that_has_gone(redis: Redis) -> None:
    """Nothing is decided on it, and it does not come back half made."""
    register = Register(redis)
    one = (await register.propose([proposal()], TODAY))[0]
    await redis.flushall()
    assert await register.decide(one, Change(TODAY, "accepted")) is None
    assert await register.of(ALL) == []


async def test_a_cluster(redis_cluster: Redis) -> None:
    """Keys that are written together lie together."""
    register = Register(redis_cluster)
    (one, _) = await register.propose([proposal(), proposal(site="oficina")], TODAY)
    await register.listed("k", [one])
    assert await register.last_list("k") == [one.number]
    assert await register.decide(one, Change(TODAY, "accepted", "slack:T:ana"))
    assert await register.forget_user("slack", "T", "ana") == 1
    assert [held.status for held in await register.of(ALL)] == ["accepted", "proposed"]


async def test_installations_that_share_a_redis(redis: Redis) -> None:
    """See nothing of each other."""
    await Register(redis, "one").propose([proposal()], TODAY)
    assert await Register(redis, "two").of(ALL) == []


async def test_a_person_is_forgotten_and_the_decision_stays(world: RegisterWorld) -> None:
    """The name goes from all that they decided; a conversation's last list goes with it."""
    await entered(world)
    number = (await only(world)).id
    await ask(world, f"recomienda acepta {number}")
    await ask(world, f"recomienda hecho {number}", user="eva")
    assert await world.register.forget_user("slack", "T", "ana") == 1
    assert await world.register.forget_user("slack", "T", "ana") == 0
    assert [(change.status, change.by) for change in (await only(world)).changes] == [("accepted", ""), ("done", "slack:T:eva")]
    assert await world.register.forget_conversation(said("").key) == 1
    assert await world.register.last_list(said("").key) == []


async def test_what_another_version_wrote_is_left_alone(redis: Redis) -> None:
    """It is not listed, and neither is it destroyed by what is entered beside it."""
    register = Register(redis)
    await register.propose([proposal("old"), proposal("new")], TODAY)
    name = (await redis.keys("register:*:site:*"))[0]
    await redis.hset(name, "old", '{"future": 1}')
    await register.propose([proposal("more")], TODAY)
    assert [one.measure for one in await register.of(ALL)] == ["new", "more"]
    assert await redis.hget(name, "old") == '{"future": 1}'


async def test_without_readings_nothing_is_said_of_savings(world: RegisterWorld) -> None:
    """The rest of the entry is."""
    world.readings = {}
    await entered(world)
    number = (await only(world)).id
    await ask(world, f"recomienda hecho {number}")
    assert text("es", "register.unmeasured.no_meter") in await ask(world, "recomienda estado")
    assert (await only(world)).status == "done"


async def test_a_form_changes_what_it_stands_beneath(world: RegisterWorld) -> None:
    """Though something else was asked since; of an answer of another conversation it is only a question."""
    told = await world.ask(said("recomienda energía edar-norte"))
    await world.ask(said("¿Qué potencia tienen las soplantes?", id="2"))
    words = "¿Y todas esas medidas a 0,50 €/kWh?"
    assert not (await world.ask(said(words, id="3"))).answer.recommendations
    changed = await world.ask(said(words, id="4", exchange=told.exchange))
    assert {one.measure for one in changed.answer.recommendations} >= {"idle_load"}
    assert "0,5 €/kWh" in changed.answer.notices[0]
    elsewhere = await world.ask(said(words, id="5", conversation="other", exchange=told.exchange))
    assert not elsewhere.answer.recommendations


async def test_what_keeps_the_figures_of_its_document_is_named(world: RegisterWorld) -> None:
    """A price that is set values the energy that a document tells; of one that tells money alone it is said that it stays."""
    plant, *others = world.company.sites
    blowers, taps = plant.proposals
    money_alone = taps.model_copy(update={"water_m3": None, "kind": "energy"})
    plant = plant.model_copy(update={"proposals": (blowers, money_alone)})
    world.company = world.company.model_copy(update={"sites": (plant, *others)})
    first = await world.ask(said("recomienda energía edar-norte"))
    assert "blower_control" in {one.measure for one in first.answer.recommendations}
    changed = await world.ask(said("¿y a 0,50 €/kWh?", id="2"))
    told = {one.measure: one.cost_eur.mid for one in changed.answer.recommendations if one.cost_eur}
    assert (told["blower_control"], told["new_taps"]) == (43_800, 1_300)
    kept = [one for one in changed.answer.notices if "Conservan sus cifras" in one]
    assert ["Cambiar los grifos" in one and "Regular las soplantes" not in one for one in kept] == [True]
    assert not any("Conservan" in one for one in first.answer.notices)


async def test_what_is_done_is_written_over_by_its_number_alone(world: RegisterWorld) -> None:
    """By its place in a list it is asked back, with what to say and for which site; the same decision again is no change."""
    await ask(world, "recomienda")
    await ask(world, "recomienda hecho 1 1/6/2025")
    (entry,) = [one for one in await world.register.of(["edar-norte"]) if one.done_on]
    for words in ("recomienda hecho 1 1/7/2025", "recomienda rechaza 1", "recomienda acepta 1"):
        refused = await ask(world, words)
        assert refused.startswith(f"**{entry.id} ")
        assert "(**EDAR Norte**) ya está hecha desde el 1 jun 2025" in refused
        assert [one.done_on for one in await world.register.of(["edar-norte"]) if one.done_on] == [date(2025, 6, 1)]
    say = text("es", "register.say.done", id=entry.id, day="2025-07-01")
    assert say in await ask(world, "recomienda hecho 1 1/7/2025")
    assert "queda hecha, el 1 jun" in await ask(world, "recomienda hecha 1 1/6/2025")
    assert "queda hecha, el 1 jul" in await ask(world, say)
