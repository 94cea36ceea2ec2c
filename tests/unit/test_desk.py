"""What buttons, forms and start pages may do, over a real Redis and a real index: who may judge, open, share, choose."""

from __future__ import annotations

from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bot.contract import answer_json
from bot.desk import BotDesk, GoneError, SourceGoneError
from bot.exchange import exchange_of, person
from bot.messages import Actor, IncomingMessage
from bot.ports import ChannelSettings, Desk
from bot.prompts import Prompts
from config.company import SiteConfig
from rag import explain
from rag.advice import CALCULATION
from rag.errors import InputError, NotAllowedError
from rag.measures.model import Calculation, Quantity
from rag.models import Answer, Citation, Scope
from tests.answer_corpus import CANARY
from tests.answer_fixtures import library, said
from tests.desk_world import DeskWorld, actor

BLOWERS = "¿Qué potencia tienen las soplantes de la EDAR Norte?"
BOARD = "¿Qué aprueba el consejo sobre la línea de fangos?"


@pytest.fixture
def world(redis: Redis) -> DeskWorld:
    return DeskWorld(redis)


def test_the_desk_is_a_desk(world: DeskWorld) -> None:
    """The adapters' port, as the type checker sees it."""
    desk: Desk = world.desk
    assert desk


async def test_an_answer_is_kept_with_its_evidence(world: DeskWorld) -> None:
    """Question, answer, evidence, scope, versions and a digest of who asked; the same message again is the same exchange."""
    message = said(BLOWERS, channel="C-ANY", command="ask")
    reply = await world.ask(message)
    kept = await world.reviews.get(reply.exchange)
    assert kept is not None
    assert (kept.question, kept.answer, kept.audiences, kept.site) == (BLOWERS, reply.answer, ("everyone",), "edar-norte")
    assert answer_json(kept.answer) == answer_json(reply.answer)
    assert kept.answer.citations[0].quote in library().texts[kept.answer.citations[0].passage_id]
    assert kept.who == person(message) != "ana"
    assert kept.versions == {"product": "test"}
    assert (await world.ask(message)).exchange == reply.exchange
    assert (await world.ask(replace(message, id="2"))).exchange != reply.exchange


@pytest.mark.parametrize("text", ["ayuda", "hola", "olvida"])
async def test_what_is_no_answer_has_no_buttons(world: DeskWorld, text: str) -> None:
    """Commands and questions back are not kept for review."""
    assert (await world.ask(said(text, direct=True))).exchange == ""


async def test_the_last_word_of_each_person_counts(world: DeskWorld) -> None:
    """A verdict, then its reason; another verdict drops the reason; two people are two words."""
    reply = await world.ask(said(BLOWERS, channel="C-ANY"))
    ana, eva = actor("ana", channel="C-ANY"), actor("eva", channel="C-ANY")
    await world.desk.judge(ana, reply.exchange, "down")
    await world.desk.judge(ana, reply.exchange, "down", "le falta el año")
    await world.desk.judge(ana, reply.exchange, "down")
    await world.desk.judge(eva, reply.exchange, "down", "x")
    await world.desk.judge(eva, reply.exchange, "up")
    words = await world.reviews.feedback(reply.exchange)
    assert {(one.verdict, one.reason) for one in words.values()} == {("down", "le falta el año"), ("up", "")}


PLACES: list[tuple[IncomingMessage, Actor, bool]] = [
    (said(BLOWERS, direct=True), actor(direct=True), True),
    (said(BLOWERS, direct=True), actor("eva", direct=True), False),
    (said(BLOWERS, direct=True), actor("eva", channel="C-ANY"), False),
    (said(BLOWERS, direct=True), actor(direct=True, tenant="T2"), False),
    (said(BLOWERS, direct=True), actor(direct=True, platform="teams"), False),
    (said(BLOWERS, channel="C-ANY"), actor("eva", channel="C-ANY", conversation="other"), True),
    (said(BLOWERS, channel="C-ANY"), actor("eva", channel="C-PLANTA", conversation="other"), False),
    (said(BLOWERS, channel="C-ANY"), actor("eva", direct=True), False),
    (said(BLOWERS, channel="C-ANY"), actor("ana", direct=True), True),
    (said(BLOWERS, channel="C-ANY"), actor("eva", channel="C-ANY", tenant="T2"), False),
    (said(BLOWERS, channel="C-ANY"), actor("eva", channel=""), True),  # a group chat: the conversation is the place
]


@pytest.mark.parametrize(("message", "who", "may"), PLACES)
async def test_who_may_judge_and_open(world: DeskWorld, message: IncomingMessage, who: Actor, may: bool) -> None:
    """Who asked, and who reads where it was posted; nobody of another tenant, platform or place, even with the id."""
    reply = await world.ask(message)
    if may:
        await world.desk.judge(who, reply.exchange, "up")
        assert (await world.desk.open_source(who, reply.exchange, 1)).quote == reply.answer.citations[0].quote
        return
    with pytest.raises(NotAllowedError):
        await world.desk.judge(who, reply.exchange, "up")
    with pytest.raises(NotAllowedError):
        await world.desk.open_source(who, reply.exchange, 1)
    assert await world.reviews.feedback(reply.exchange) == {}


async def test_a_source_opens_with_what_stands_around_it(world: DeskWorld) -> None:
    """The quote stands in the passage; a number that is not in the answer, and an exchange that is not kept, are gone."""
    reply = await world.ask(said(BLOWERS, direct=True))
    view = await world.desk.open_source(actor(direct=True), reply.exchange, 1)
    cited = reply.answer.citations[0]
    assert (view.n, view.title, view.language) == (1, cited.title, "es")
    assert " ".join(view.quote.split()) in " ".join(view.text.split())
    assert view.text == library().texts[cited.passage_id]
    assert "Difusores" in view.after or "difusores" in view.after
    with pytest.raises(SourceGoneError):
        await world.desk.open_source(actor(direct=True), reply.exchange, 99)
    for unknown in ("", "nothing", "x" * 500):
        with pytest.raises(GoneError):
            await world.desk.open_source(actor(direct=True), unknown, 1)


async def test_a_calculation_opens_with_its_working(world: DeskWorld) -> None:
    """Formula, values, origins and limits, while it still comes out as it was told; never to who may not see its site."""
    night = Quantity("night_rate", 69.0, "kW", "contador, 2025", "metered")
    made = Calculation("idle", "base_load", "annual = night_rate * 2190", "CalTRACK 2.0", (night,), ())
    identity = f"{CALCULATION}edar-norte/idle"

    async def found(asked: str, scope: Scope) -> tuple[SiteConfig, Calculation] | None:
        site = world.company.site("edar-norte")
        return (site, made) if site and asked == identity and scope.audiences & set(site.audience) else None

    cited = Citation(1, "calculation", "Cálculo", "", "EDAR Norte", explain.quote(made, "es"), "es", identity)
    message = said("¿Cuánto?", direct=True)
    exchange = exchange_of(message, Answer("answered", "es", "x [1]", (cited,)), frozenset({"everyone"}), None, {})
    await world.reviews.keep(exchange)
    desk = BotDesk(world.records, Prompts(world.retriever), lambda: world.company, found)
    view = await desk.open_source(actor(direct=True), exchange.id, 1)
    assert cited.quote in view.text
    assert all(part in view.text for part in ("69 kW × 2190", "contador, 2025", "CalTRACK 2.0"))
    made = replace(made, inputs=(replace(night, value=70.0),))  # there are newer readings
    assert (await desk.open_source(actor(direct=True), exchange.id, 1)).text == cited.quote
    sites = tuple(site.model_copy(update={"audience": ("direccion",)}) for site in world.company.sites)
    world.company = world.company.model_copy(update={"sites": sites})
    with pytest.raises(SourceGoneError):
        await desk.open_source(actor(direct=True), exchange.id, 1)
    assert "EDAR Norte" not in (await world.ask(said("sitio", direct=True, id="2"))).text
    assert "EDAR Norte" in (await world.ask(said("sitio", "U-BOSS", direct=True, id="3"))).text


async def test_what_was_narrowed_since_does_not_open(world: DeskWorld) -> None:
    """The director opened it yesterday; today the source is no longer theirs, and the same press shows nothing."""
    boss = actor("U-BOSS", direct=True)
    reply = await world.ask(said(BOARD, "U-BOSS", direct=True))
    assert CANARY in (await world.desk.open_source(boss, reply.exchange, 1)).text
    world.company = world.company.model_copy(update={"people": ()})
    with pytest.raises(SourceGoneError):
        await world.desk.open_source(boss, reply.exchange, 1)


async def test_a_private_answer_is_shared_only_with_those_who_may_read_it(world: DeskWorld) -> None:
    """The management's answer goes to its own channel and no other; once shared, its readers may open it too."""
    boss = actor("U-BOSS", channel="C-ANY", direct=True)
    reply = await world.ask(said(BOARD, "U-BOSS", direct=True))
    with pytest.raises(NotAllowedError):
        await world.desk.shared(boss, reply.exchange)
    there = replace(boss, channel="C-CONSEJO", conversation="thread")
    assert await world.desk.shared(there, reply.exchange) == replace(reply, question=BOARD)
    reader = actor("eva", channel="C-CONSEJO", conversation="thread")
    assert CANARY in (await world.desk.open_source(reader, reply.exchange, 1)).text
    with pytest.raises(NotAllowedError):
        await world.desk.open_source(actor("eva", channel="C-ANY", conversation="x"), reply.exchange, 1)
    with pytest.raises(NotAllowedError):
        await world.desk.shared(actor("eva", direct=True), reply.exchange)


async def test_what_the_asker_alone_was_told_goes_on_where_it_is_shared(world: DeskWorld) -> None:
    """Nobody else in the channel may open it before; then its readers may, and a follow-up there is understood."""
    asked = said("¿Cuántas soplantes tiene la EDAR Norte?", channel="C-ANY", conversation="C-ANY:@ana", alone=True)
    reply = await world.ask(asked)
    reader = actor("eva", channel="C-ANY", conversation="C-ANY:9.9")
    with pytest.raises(NotAllowedError):
        await world.desk.open_source(reader, reply.exchange, 1)
    shared = await world.desk.shared(actor("ana", channel="C-ANY", conversation="C-ANY:@ana"), reply.exchange)
    assert shared.question == asked.text
    thread = replace(asked, id="s1", conversation="C-ANY:9.9", alone=False, command="share", exchange=reply.exchange)
    assert (await world.ask(thread)).answer.text == reply.answer.text
    assert [turn.text for turn in await world.memory.history(thread.key)] == [asked.text, reply.answer.text]
    assert (await world.desk.open_source(reader, reply.exchange, 1)).quote
    gone = await world.ask(replace(thread, id="s2", exchange="nothing"))
    assert gone.answer.status == "needs_input"


async def test_what_is_set_counts_at_once_in_every_process(world: DeskWorld) -> None:
    """Set through one process, read by the other's next message: site, language, and whether only mentions are answered."""
    other = DeskWorld(world.redis)
    here = actor(channel="C-NEW")
    assert (await other.desk.settings(here)).site is None
    chosen = ChannelSettings("edar-norte", ("everyone",), "en", mention_only=True)
    stored = await world.desk.change_settings(here, chosen)
    assert (stored.site, stored.language, stored.mention_only) == ("edar-norte", "en", True)
    assert await other.desk.settings(here) == stored
    reply = await other.ask(said("182 kWh/h?", channel="C-NEW"))
    assert reply.answer.language == "en"
    kept = await world.reviews.get(reply.exchange)
    assert kept is None or kept.site == "edar-norte"
    assert (await other.desk.settings(actor(channel="C-NEW", tenant="T2"))).site is None


@pytest.mark.parametrize(
    ("user", "channel", "audience", "allowed"),
    [
        ("ana", "C-ANY", ("everyone",), True),
        ("ana", "C-ANY", ("direccion",), False),
        ("ana", "C-ANY", ("everyone", "direccion"), False),
        ("U-BOSS", "C-ANY", ("everyone", "direccion"), True),
        ("ana", "C-CONSEJO", ("everyone",), True),  # narrower is always possible
        ("ana", "C-CONSEJO", ("everyone", "direccion"), True),  # what its readers read already
    ],
)
async def test_nobody_opens_a_channel_wider_than_they_may_read(
    world: DeskWorld, user: str, channel: str, audience: tuple[str, ...], allowed: bool
) -> None:
    """An audience beyond the actor's and the channel's own is refused, and then nothing is changed."""
    who = actor(user, channel=channel)
    before = await world.desk.settings(who)
    if allowed:
        await world.desk.change_settings(who, ChannelSettings(None, audience, None))
        assert (await world.desk.settings(who)).audience == audience
    else:
        with pytest.raises(NotAllowedError):
            await world.desk.change_settings(who, ChannelSettings(None, audience, None))
        assert await world.desk.settings(who) == before
    offered = {name for name, _ in before.audiences}
    assert offered == {"everyone", "direccion"} if user == "U-BOSS" or channel == "C-CONSEJO" else {"everyone"}
    answer = (await world.ask(said(BOARD, channel=channel))).answer
    assert (CANARY in answer.text) is ("direccion" in (await world.desk.settings(who)).audience)


@pytest.mark.parametrize(
    ("channel", "chosen"),
    [
        ("C-ANY", ChannelSettings("nowhere", ("everyone",), None)),
        ("C-ANY", ChannelSettings(None, (), None)),
        ("C-ANY", ChannelSettings(None, ("nobody",), None)),
        ("C-ANY", ChannelSettings(None, ("conversation:x",), None)),
        ("", ChannelSettings(None, ("everyone",), None)),
    ],
)
async def test_what_there_is_not_cannot_be_chosen(world: DeskWorld, channel: str, chosen: ChannelSettings) -> None:
    """A tampered form, and a place without settings."""
    with pytest.raises(InputError) as refused:
        await world.desk.change_settings(actor("U-BOSS", channel=channel), chosen)
    assert refused.value.text_key == "settings.unknown"


async def test_an_audience_that_was_abolished_counts_no_more(world: DeskWorld) -> None:
    """Set for a channel, then removed from advisor.yaml: the channel is everyone's again, not broken."""
    boss = actor("U-BOSS", channel="C-ANY")
    await world.desk.change_settings(boss, ChannelSettings("edar-norte", ("direccion",), None))
    world.company = world.company.model_copy(update={"audiences": {"everyone": ""}, "sites": ()})
    assert (await world.desk.settings(boss)).audience == ("everyone",)
    assert (await world.desk.settings(boss)).site is None


async def test_the_start_page(world: DeskWorld) -> None:
    """Questions that are answered there, the person's own recent ones, the sources they may read; nothing of others."""
    reply = await world.ask(said(BLOWERS, direct=True))
    await world.ask(said(BOARD, "U-BOSS", direct=True, id="2"))
    home = await world.desk.home(actor(direct=True))
    assert home.recent == ((reply.exchange, BLOWERS),)
    assert [one.documents for one in home.sources]
    assert "direccion" not in {one.name for one in home.sources}
    assert 1 <= len(home.prompts) <= 4
    for question in home.prompts:
        assert (await world.ask(said(question, "eva", direct=True, id=question))).answer.status == "answered"
    assert (await world.desk.home(actor("eva", channel="C-ANY"))).recent == ()
    assert (home.language, (await world.desk.home(actor(direct=True, locale="en-GB"))).language) == ("es", "en")
    english = await world.desk.prompts(actor(direct=True, locale="en-GB"))
    assert english
    assert not set(english) & set(home.prompts)
    assert (await world.desk.home(actor(channel="C-PLANTA"))).site == "EDAR Norte"


async def test_an_answer_is_shown_again_to_who_asked(world: DeskWorld) -> None:
    """As it was, wherever they are; to others not, though they read the channel where it stands."""
    reply = await world.ask(said(BLOWERS, channel="C-ANY"))
    again = await world.desk.recall(actor(direct=True, conversation="d"), reply.exchange)
    assert (again.answer, again.question) == (reply.answer, BLOWERS)
    with pytest.raises(NotAllowedError):
        await world.desk.recall(actor("leo", channel="C-ANY"), reply.exchange)
    with pytest.raises(GoneError):
        await world.desk.recall(actor(direct=True), "unknown")


@pytest.mark.parametrize("message", [said(BOARD, "U-BOSS", direct=True), said(BOARD, channel="C-CONSEJO")])
async def test_what_they_may_not_read_any_more_is_not_shown_again(world: DeskWorld, message: IncomingMessage) -> None:
    """A right that was taken away, or what was told in a channel of which nobody knows whether they are in it still."""
    reply = await world.ask(message)
    assert CANARY in reply.text
    them = actor(message.user, direct=True, conversation="home")
    if message.direct:
        assert (await world.desk.recall(them, reply.exchange)).answer == reply.answer
        world.company = world.company.model_copy(update={"people": ()})
    with pytest.raises(SourceGoneError):
        await world.desk.recall(them, reply.exchange)
