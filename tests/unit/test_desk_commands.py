"""What can be set and seen in words or by a command's name: the conversation's site and language, the sources, forgetting."""

from __future__ import annotations

from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bot.commands import Request, parse
from bot.messages import IncomingMessage
from bot.ports import SourceAge
from bot.records import age
from bot.told import sources_text
from config.texts import text
from rag.models import Answer
from tests.answer_fixtures import library, said
from tests.desk_world import DeskWorld

NIGHT = "¿Cuál es el consumo base nocturno?"


@pytest.mark.parametrize(
    ("words", "request_"),
    [
        ("sitio edar-norte", Request("site", value="edar-norte")),
        ("Sitio: EDAR Norte", Request("site", value="edar-norte")),
        ("site la depuradora", Request("site", value="edar-norte")),
        ("/site Head office", Request("site", value="oficina")),
        ("instalación la oficina", Request("site", value="oficina")),
        ("sitio", Request("site")),
        ("sitio todas", Request("site", value="")),
        ("site all", Request("site", value="")),
        ("/sitio marte", Request("site", unknown="marte")),
        ("fuentes", Request("sources")),
        ("/sources", Request("sources")),
        ("idioma inglés", Request("language", value="en")),
        ("language Spanish", Request("language", value="es")),
        ("idioma automático", Request("language", value="auto")),
        ("idioma", Request("language")),
        ("/idioma klingon", Request("language", unknown="klingon")),
    ],
)
def test_commands_in_words(words: str, request_: Request) -> None:
    """In both languages, with and without a slash."""
    assert parse(said(words), library().company) == request_


@pytest.mark.parametrize(
    "question",
    [
        "sitio donde gasta más la EDAR Norte",
        "site energy use at night?",
        "language of the manual?",
        "fuentes de consumo de la depuradora",
        "instalación de variadores en la EDAR Norte",
        "idioma del manual de la oficina",
    ],
)
def test_a_question_that_begins_like_a_command(question: str) -> None:
    """Is a question."""
    assert parse(said(question), library().company).name == "ask"


@pytest.mark.parametrize(
    ("message", "request_"),
    [
        (said("edar-norte", command="site"), Request("site", value="edar-norte")),
        (said("", command="site"), Request("site")),
        (said("marte", command="site"), Request("site", unknown="marte")),
        (said("*", command="site"), Request("site", value="")),
        (said("EN", command="language"), Request("language", value="en")),
        (said("lo que sea", command="sources"), Request("sources")),
        (said("lo que sea", command="retract"), Request("retract")),
    ],
)
def test_commands_by_name(message: IncomingMessage, request_: Request) -> None:
    """What a platform's own command brings needs no words."""
    assert parse(message, library().company) == request_


async def answers(world: DeskWorld, *words: str) -> list[Answer]:
    """What is said to each, one after the other, in one conversation."""
    return [(await world.ask(said(one, id=f"m{n}-{one}", direct=True))).answer for n, one in enumerate(words)]


async def test_the_site_is_set_shown_and_cleared(redis: Redis) -> None:
    """Set once, it counts for what names none, in each process; another that is named counts until the site is set again."""
    world, other = DeskWorld(redis), DeskWorld(redis)
    set_, shown = await answers(world, "sitio edar-norte", "sitio")
    assert set_.text == text("es", "settings.site_set", site="EDAR Norte")
    assert "EDAR Norte" in shown.text.splitlines()[0]
    reply = await other.ask(said(NIGHT, direct=True))
    kept = await world.reviews.get(reply.exchange)
    assert kept is not None
    assert kept.site == "edar-norte"
    named = await other.ask(said("¿Y la consigna de la oficina?", id="2", direct=True))
    follow = await other.ask(said("¿Y los grifos, cuánto gastan?", id="3", direct=True))
    sites = [one.site if (one := await world.reviews.get(reply.exchange)) else None for reply in (named, follow)]
    assert sites == ["oficina", "oficina"]
    (cleared,) = await answers(world, "sitio todas")
    assert cleared.text == text("es", "settings.site_cleared")
    anywhere = await other.ask(said("¿Qué presión tiene la red?", id="4", direct=True))
    last = await world.reviews.get(anywhere.exchange)
    assert last is not None
    assert last.site is None


async def test_a_channels_site_can_be_left(redis: Redis) -> None:
    """In the plant's channel «sitio todas» holds for that conversation, and for no other."""
    world = DeskWorld(redis)
    here = said("sitio todas", channel="C-PLANTA")
    await world.ask(here)
    for conversation, site in (("c", None), ("d", "edar-norte")):
        question = replace(here, id=conversation, conversation=conversation, text=NIGHT)
        kept = await world.reviews.get((await world.ask(question)).exchange)
        assert kept is not None
        assert kept.site == site


async def test_the_language_is_set_and_freed(redis: Redis) -> None:
    """Fixed, it is answered in whatever the question is in; automatic, in the question's."""
    world = DeskWorld(redis)
    fixed, english, _, spanish, unknown = await answers(world, "idioma inglés", NIGHT, "language auto", NIGHT, "/idioma klingon")
    assert (fixed.language, english.language, spanish.language) == ("en", "en", "es")
    assert fixed.text == text("en", "settings.language_is_en")
    assert (unknown.status, "klingon" in unknown.text) == ("needs_input", True)


async def test_forgetting_forgets_what_was_set(redis: Redis) -> None:
    """A forgotten conversation has no site, no language and no exchanges."""
    world = DeskWorld(redis)
    await answers(world, "sitio edar-norte", "idioma inglés")
    reply = await world.ask(said(NIGHT, direct=True))
    await answers(world, "forget")
    assert await world.reviews.get(reply.exchange) is None
    assert (await world.records.choices.conversation(said("").key)).site == ""


async def test_forgetting_a_person_forgets_their_other_conversations(redis: Redis) -> None:
    """By a slash command, too; what others said stays."""
    world = DeskWorld(redis)
    mine = await world.ask(said(NIGHT, id="1", direct=True))
    theirs = await world.ask(said(NIGHT, id="2", user="leo", conversation="leo"))
    await world.ask(said("me", id="3", command="forget_me", direct=True, conversation="elsewhere"))
    assert await world.reviews.get(mine.exchange) is None
    assert await world.reviews.get(theirs.exchange) is not None


async def test_courtesy_gets_a_word_and_changes_nothing(redis: Redis) -> None:
    """Nothing is searched for or remembered; what follows is about what was asked before, in its language."""
    world = DeskWorld(redis)
    await world.ask(said(NIGHT, id="1"))
    before = await world.memory.history(said("").key)
    for number, words in enumerate(("¡Gracias!", "jajajaja", "👍", ":tada:", "ok, perfecto")):
        reply = await world.ask(said(words, id=f"c{number}"))
        assert (reply.text, reply.exchange) == (text("es", "courtesy.nod"), "")
    assert (await world.ask(said("Hello!", id="h"))).text == text("en", "courtesy.greeting")
    assert await world.memory.history(said("").key) == before


async def test_the_sources_of_a_place(redis: Redis) -> None:
    """Those that may be read there, with their size and age, and no other."""
    world = DeskWorld(redis)
    (here,) = await answers(world, "fuentes")
    assert "planta" in here.text
    assert "direccion" not in here.text
    assert text("es", "desk.just_now") in here.text
    boss = (await world.ask(said("sources", "U-BOSS", direct=True))).answer
    assert "direccion" in boss.text


def test_ages_in_words() -> None:
    """Hours, then days; never read; one document."""
    assert [age(0, hours * 3600 + 5) for hours in (0, 1, 5, 47, 49)] == [
        ("desk.just_now", 0), ("desk.hours_one", 1), ("desk.hours", 5), ("desk.hours", 47), ("desk.days", 2),
    ]  # fmt: skip
    told = sources_text((SourceAge("a", 1, 0.0), SourceAge("b", 2, 1.0)), "en")
    assert "1 document; not read yet" in told
    assert "2 documents; read" in told
    assert sources_text((), "es") == text("es", "desk.sources_none")


async def test_where_nothing_is_kept_nothing_can_be_set() -> None:
    """A single question from the command line says so, and still gives help."""
    for words in ("sitio edar-norte", "idioma inglés", "fuentes"):
        reply = await library().manager().respond(said(words), _unseen)
        assert reply.text == text("es", "desk.not_kept")


async def _unseen(_: object) -> None:
    """Nobody watches."""
