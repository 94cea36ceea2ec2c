"""One message in, one reply out: audiences, sites, languages, commands, memory, failures."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.contract import answer_json
from bot.conversation import ConversationManager
from bot.language import spoken
from bot.messages import IncomingMessage
from config.texts import text
from rag.errors import InputError, NotAllowedError, StoreError
from rag.models import Answer, Turn
from tests.answer_corpus import CANARY
from tests.answer_fixtures import ListMemory, Scripted, library, said, unseen, well_cited

BOARD = "¿Qué aprueba el consejo sobre la línea de fangos?"
COOLING = "¿Cuál es la consigna de refrigeración de la oficina central en verano?"


async def reply(message: IncomingMessage, memory: ListMemory | None = None) -> Answer:
    """What is answered, checked."""
    answer = (await library().manager(memory).respond(message, unseen)).answer
    well_cited(answer, library().texts) if answer.citations else None
    return answer


@pytest.mark.parametrize(
    ("message", "sees"),
    [
        (said(BOARD, "U-BOSS", direct=True), True),
        (said(BOARD, "ana", direct=True), False),
        (said(BOARD, "U-BOSS", channel="C-ANY"), False),  # who asks does not matter where others read
        (said(BOARD, "ana", channel="C-CONSEJO"), True),
        (said(BOARD, "U-BOSS", direct=True, platform="teams"), False),
        (said(BOARD, "x", platform="web", grants=("direccion",)), True),
        (said(BOARD, "x", platform="web", grants=("everyone",)), False),
        (said(BOARD, "x", platform="web", grants=("direccion",), audience="everyone"), False),
        (said("recomienda", "ana", direct=True), False),
        (said(f"{CANARY}", "ana", channel="C-ANY"), False),
    ],
)
async def test_the_management_document_shows_only_where_it_may(message: IncomingMessage, sees: bool) -> None:
    """The canary reaches the reply, its citations and its follow-ups only where each reader may see it."""
    whole = json.dumps(answer_json(await reply(message)), ensure_ascii=False)
    quoted = whole.replace(message.text, "") if message.text == CANARY else whole
    assert (CANARY in quoted) is sees


async def test_a_right_that_is_taken_away_is_gone_with_the_next_message() -> None:
    """advisor.yaml as it is when a message comes decides what its asker may read, not as it was at the start."""
    made = library()
    companies = [made.company, made.company.model_copy(update={"people": ()})]
    manager = ConversationManager(
        made.pipeline(), made.recommender(), ListMemory(), made.company, 20.0, now=lambda: companies.pop(0)
    )
    before, after = [await manager.respond(said(BOARD, "U-BOSS", direct=True), unseen) for _ in range(2)]
    assert CANARY in before.text
    assert CANARY not in after.text


async def test_an_audience_beyond_the_askers_is_refused() -> None:
    """Asked for by name, without the right to it: an error that becomes a plain refusal."""
    message = said(BOARD, channel="C-ANY", audience="direccion")
    with pytest.raises(NotAllowedError) as refused:
        await reply(message)
    told = library().manager().failed(message, refused.value, 1).answer
    assert (told.status, told.text) == ("failed", text("es", "error.not_allowed"))


async def test_a_named_site_narrows_and_another_place_may_still_answer() -> None:
    """In the plant's channel a question about the office is first not found there, then found without the site."""
    answer = await reply(said(COOLING, channel="C-PLANTA"))
    assert answer.status == "answered"
    assert "25 °C" in answer.text


async def test_a_site_that_the_caller_chose_is_kept() -> None:
    """A program that asks about one site is never answered from another one's documents."""
    answer = await reply(said(COOLING, site="edar-norte"))
    assert answer.status == "not_found"
    assert "25 °C" not in answer.text
    assert "EDAR Norte" in answer.text.splitlines()[0]
    company_wide = await reply(said("¿Cuánto reducirá la compañía su consumo eléctrico antes de 2030?", site="edar-norte"))
    assert "18 %" in company_wide.text


async def test_a_site_named_before_is_remembered() -> None:
    """The follow-up in the thread is about the site that was named last."""
    memory = ListMemory()
    await reply(said("¿Qué potencia tienen las soplantes de la depuradora?"), memory)
    answer = await reply(said("¿Qué se recomienda para el bombeo?", id="2"), memory)
    assert {citation.title for citation in answer.citations} <= {
        "Auditoría energética 2024 de la EDAR Norte", "Auditoría energética 2019 de la EDAR Norte",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("history", "message", "language"),
    [
        ((), said("How many blowers are there?", channel="C-PLANTA"), "en"),
        ((), said("P-401?", channel="C-PLANTA", locale="en-GB"), "es"),  # the channel's before the client's
        ((), said("P-401?", locale="en-GB"), "en"),
        ((), said("P-401, Head office"), "es"),  # what a facility is called tells no language
        ((), said("P-401?", locale="fr-FR"), "es"),  # the company's
        ((Turn("user", "How many blowers are there?"), Turn("assistant", "Cuatro.")), said("P-401?"), "en"),
        ((Turn("user", "¿Cuántas hay?"), Turn("assistant", "There are four.")), said("P-401?", locale="en-GB"), "es"),
        ((Turn("user", "¿Cuántas hay?"),), said("and at night?"), "en"),
        ((Turn("user", "How many are there?"),), said("¿y de noche?"), "es"),
        ((Turn("user", "How many are there?"),), said("ayuda"), "es"),
        ((Turn("user", "¿Cuántas hay?"),), said("help"), "es"),  # all type it
        ((Turn("user", "¿Cuántas hay?", "ana"), Turn("user", "How many?", "leo")), said("P-401?", user="ana"), "es"),
        ((Turn("user", "How many?", "leo"),), said("P-401?", user="ana", locale="es-ES"), "es"),
        ((Turn("user", "How many are there?", "leo"),), said("P-401?", user="ana"), "en"),
    ],
)
def test_the_reply_is_in_the_askers_language(history: tuple[Turn, ...], message: IncomingMessage, language: str) -> None:
    """The message tells, else what the asker (not the adviser, nor others in the thread) said before, the channel, the client,
    what others said, the company.
    """
    assert spoken(library().company, message, history) == language


async def test_short_follow_ups_keep_the_language_of_the_thread() -> None:
    """A thread in English stays in English through «B-202?»."""
    memory = ListMemory()
    await reply(said("What is the power of the pump B-201?"), memory)
    assert (await reply(said("B-202?", id="2"), memory)).language == "en"


async def test_what_is_said_around_a_question_changes_no_answer() -> None:
    """Greeted, thanked and with a picture it is the same question, also for what follows it."""
    plain, around = ListMemory(), ListMemory()
    alone = await reply(said("¿Cuántas soplantes hay en la EDAR Norte?"), plain)
    asked = "Hola 👋, ¿me puedes decir cuántas soplantes hay en la EDAR Norte? Muchas gracias"
    assert (await reply(said(asked), around)).text == alone.text
    follow_up = [
        await reply(said(words, id="2"), memory) for words, memory in (("¿y de noche?", plain), ("Vale. ¿y de noche?", around))
    ]
    assert follow_up[0].text == follow_up[1].text


@pytest.mark.parametrize("words", ["", "   ", "👋", "hola"])
async def test_a_bare_mention_is_met_with_a_question(words: str) -> None:
    """At the start and within a thread: never an error, never silence."""
    memory = ListMemory()
    assert (await reply(said(words), memory)).status == "needs_input"
    await reply(said("¿Cuántas soplantes hay en la EDAR Norte?", id="2"), memory)
    assert (await reply(said(words, id="3"), memory)).status == "needs_input"


async def test_commands() -> None:
    """Help and the use of `recommend` in the asker's language; forgetting erases the conversation, or all of a person."""
    assert (await reply(said("help", locale="en-GB"))).text == text("en", "help.text")
    assert (await reply(said("ayuda"))).text == text("es", "help.text")
    usage = await reply(said("oro", command="recommend"))
    assert usage.status == "needs_input"
    assert "oro" in usage.text
    assert "EDAR Norte" in usage.text
    memory = ListMemory()
    await reply(said("¿Cuántas soplantes hay en la EDAR Norte?"), memory)
    assert memory.turns
    assert (await reply(said("olvida"), memory)).text == text("es", "forget.conversation")
    assert not memory.turns
    await reply(said("¿Cuántas soplantes hay en la EDAR Norte?"), memory)
    assert (await reply(said("olvídame"), memory)).text == text("es", "forget.user")
    assert not memory.turns


async def test_what_was_said_is_remembered_once_with_its_asker() -> None:
    """Question and answer, in order, under the conversation's key; help is not kept."""
    memory = ListMemory()
    message = said("¿Cuántas soplantes hay en la EDAR Norte?")
    answer = await reply(message, memory)
    told = Turn("assistant", answer.text, "ana", site="edar-norte")
    assert memory.turns == {message.key: [Turn("user", message.text, "ana"), told]}
    await reply(said("ayuda", id="2"), memory)
    assert len(memory.turns[message.key]) == 2


async def test_progress_is_shown_while_a_model_writes() -> None:
    """Each progress is a beginning of the final text."""
    shown: list[str] = []

    async def on_progress(progress: object) -> None:
        shown.append(progress.text)  # type: ignore[attr-defined]  # a Progress

    model = Scripted("La EDAR Norte dispone de cuatro soplantes de 75 kW [1]. Quedan tres soplantes en marcha de noche [1].")
    manager = library().manager(model=model)
    answer = (await manager.respond(said("¿Cuántas soplantes hay en la EDAR Norte?"), on_progress)).answer
    assert shown
    assert all(answer.text.startswith(part) for part in shown)
    assert answer.trace_id


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (TimeoutError(), "error.timeout"),
        (StoreError("LanceDB: secret path"), "error.dependency"),
        (NotAllowedError("audience x"), "error.not_allowed"),
        (RuntimeError("secret"), "error.internal"),
    ],
)
@pytest.mark.parametrize("language", ["es", "en"])
def test_failures_are_told_in_words(error: Exception, key: str, language: str) -> None:
    """The asker's language, a reference, and nothing of the error's own text."""
    question = {"es": "¿Cuántas soplantes hay?", "en": "How many blowers are there?"}[language]
    answer = library().manager().failed(said(question), error, 1).answer
    assert (answer.status, answer.language) == ("failed", language)
    assert answer.text == text(language, key, trace=answer.trace_id, detail="")
    assert "secret" not in answer.text


def test_a_wrong_request_is_explained() -> None:
    """What a person can change is told to them as it is."""
    answer = library().manager().failed(said("¿?"), InputError("falta el sitio"), 1).answer
    assert answer.text == "falta el sitio"


def test_keys_keep_places_apart() -> None:
    """Platform, tenant and conversation each make another key."""
    base = said("x")
    others = [replace(base, platform="teams"), replace(base, tenant="T2"), replace(base, conversation="d")]
    assert len({base.key, *(one.key for one in others)}) == 4
