"""What a conversation is about: a facility that was sent or spoken of, the same question of another, and vague messages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.choices import ConversationChoice
from bot.commands import Request
from bot.messages import IncomingMessage
from bot.thread import Subject, subject
from bot.told import Case
from config.texts import text
from rag.models import Answer, Language, Turn
from tests.answer_fixtures import ListMemory, library, said, unseen, well_cited

PLANT, OFFICE = "edar-norte", "oficina"


async def talk(*words: str | IncomingMessage, memory: ListMemory | None = None) -> Answer:
    """The answer to the last of these messages of one conversation, checked."""
    manager = library().manager(memory or ListMemory())
    for n, one in enumerate(words):
        message = one if isinstance(one, IncomingMessage) else said(one, id=str(n))
        answer = (await manager.respond(message, unseen)).answer
    well_cited(answer, library().texts) if answer.citations else None
    return answer


def sites(answer: Answer) -> set[str]:
    """The facilities whose documents are cited."""
    return {one.site for one in answer.citations if one.site}


COOLING = "What is the cooling setpoint in summer?"


async def test_a_site_that_was_sent_holds_for_the_thread() -> None:
    """As if it had been sent with each message, until another is sent or named; other places' documents answer nothing."""
    sent = said("¿Qué potencia tienen las soplantes?", site=PLANT)
    answer = await talk(sent, said(COOLING, id="2"))
    assert "25 °C" not in answer.text
    assert sites(answer) <= {PLANT}
    answer = await talk(sent, said(COOLING, id="2", site=OFFICE))
    assert "25 °C" in answer.text
    answer = await talk(
        sent,
        said("What is the cooling setpoint of the head office?", id="2"),
        said("and how many litres do the taps use?", id="3"),
    )
    assert (answer.status, sites(answer)) == ("answered", {OFFICE})


async def test_a_site_that_was_sent_with_recommendations_holds_too() -> None:
    """What is recommended next is recommended for it."""
    memory = ListMemory()
    first = await talk(said("energy", command="recommend", site=OFFICE), memory=memory)
    assert {one.site for one in first.recommendations} == {OFFICE}
    again = await talk(said("recommend", id="2"), memory=memory)
    assert {one.site for one in again.recommendations} <= {OFFICE}


async def test_what_leans_stays_where_the_last_answer_was() -> None:
    """Though no facility was named: «¿y cada cuánto?» after an answer from the plant's manual is of the plant."""
    memory = ListMemory()
    assert sites(await talk("What is the cooling setpoint in summer?", memory=memory)) == {OFFICE}
    assert memory.turns[said("").key][-1].site == OFFICE
    answer = await talk(said("and how much would they save in a year?", id="2"), memory=memory)
    assert sites(answer) <= {OFFICE}


async def test_the_same_question_of_another_facility() -> None:
    """Its name takes the place of the first one's, in this follow-up and in the next that leans on it."""
    memory = ListMemory()
    await talk("¿Cuántas soplantes de 75 kW hay en la EDAR Norte?", memory=memory)
    await talk(said("¿y la oficina?", id="2"), memory=memory)
    asked = memory.turns[said("").key]
    assert asked[2].whole == "¿Cuántas soplantes de 75 kW hay en la Head office?"
    assert asked[3].site in {OFFICE, ""}
    await talk(said("¿y la depuradora?", id="3"), memory=memory)
    assert memory.turns[said("").key][4].whole == "¿Cuántas soplantes de 75 kW hay en la EDAR Norte?"


async def test_what_a_follow_up_names_must_stand_in_its_answer() -> None:
    """A month or year that no document tells of is not answered with another's; one that a document has is."""
    known = await talk("¿Cuánto fue el consumo anual del bombeo de cabecera en 2024?", said("¿y en 2018?", id="2"))
    assert known.status == "answered"
    assert "355.000" in known.text
    assert "310.000" not in known.text
    unknown = await talk("¿Cuánto fue el consumo anual del bombeo de cabecera en 2024?", said("¿y en mayo?", id="2"))
    assert unknown.status == "not_found"


async def test_a_comparison_is_of_no_facility_alone() -> None:
    """Two that are named are not narrowed to the one that was sent before, nor is what leans on them."""
    case = Case(said(""), library().company, ConversationChoice(), Request("ask", "¿Y la oficina o la EDAR Norte?"), "es")
    before = [Turn("user", "¿Qué potencia hay?", site=PLANT), Turn("assistant", "75 kW [1].", site=PLANT)]
    assert subject(case, before).site is None
    compared = [*before, Turn("user", case.request.text, site=PLANT), Turn("assistant", "75 kW [1].", site=PLANT)]
    leaning = replace(case, request=Request("ask", "¿y de noche?"))
    assert (subject(leaning, compared).site, subject(leaning, before).site) == (None, PLANT)


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("¿Qué hago?", "es"), ("ayuda con la luz", "es"), ("energía", "es"), ("¿es buena nuestra tarifa?", "es"),
        ("Is our tariff good?", "en"), ("I need help with the bill, please", "en"), ("what do you think?", "en"),
    ],
)  # fmt: skip
async def test_a_message_that_names_nothing_is_met_with_one_question(words: str, language: Language) -> None:
    """Which facility, and what of it: with requests that can be pressed, each of which the adviser understands."""
    answer = await talk(words)
    assert (answer.status, answer.language) == ("needs_input", language)
    assert answer.text == text(language, "vague.which", sites="EDAR Norte, Head office")
    assert len(answer.follow_ups) == 2
    for offered in answer.follow_ups:
        assert (await talk(offered)).status in {"answered", "not_found"}
        assert (await talk(offered)).recommendations or "no recomiendan" in (await talk(offered)).text


@pytest.mark.parametrize(
    "words", ["¿Cuánta energía gastamos?", "What is the taps' flow?", "¿qué tarifa tenemos?", "soplantes", "presión de la red"]
)
async def test_what_can_be_searched_for_is(words: str) -> None:
    """A thing, or a question with its question word, is no vague message, however short."""
    assert (await talk(words)).status != "needs_input"


async def test_the_answer_to_the_question_back_is_understood() -> None:
    """A facility alone, after «energía» alone: energy for it. Without that question, what is wanted of it is asked."""
    answer = await talk("energía", said("la oficina", id="2"))
    assert {one.site for one in answer.recommendations} == {OFFICE}
    assert {one.kind for one in answer.recommendations} == {"energy"}
    alone = await talk("la oficina")
    assert (alone.status, alone.text) == ("needs_input", text("es", "vague.of_site", site="Head office"))
    assert alone.follow_ups[0] == text("es", "vague.recommend", kind=text("es", "vague.kind.energy"), site="Head office")


async def test_in_the_middle_of_a_conversation_a_short_question_leans() -> None:
    """«¿qué hago?» after an answer is a follow-up to it."""
    assert (
        await talk("¿Qué potencia tienen las soplantes de la EDAR Norte?", said("¿y qué hago?", id="2"))
    ).status != "needs_input"


@pytest.mark.parametrize(("listed", "expected"), [(OFFICE, OFFICE), ("", PLANT)])
def test_what_was_quoted_since_recommendations_moves_nothing(listed: str, expected: str) -> None:
    """A follow-up that names no facility stays with that of the list; with a list of all of them, where the last answer was."""
    history = [
        Turn("user", "recomienda"),
        Turn("assistant", "...", site=listed, recommended="x"),
        Turn("user", "¿y si el led cuesta 30.000 €?"),
        Turn("assistant", "...", site=PLANT),
    ]
    message = said("¿y con un interés del 9 %?")
    case = Case(message, library().company, ConversationChoice(), Request("ask", message.text), "es")
    assert subject(case, history).site == expected


def test_what_may_be_a_follow_up_stays_with_the_facility_that_is_spoken_of() -> None:
    """What other facilities' documents say is no answer to it; a question that names its own is free of the one before."""
    before = [Turn("user", "¿Cuánto gasta la EDAR Norte?", site=""), Turn("assistant", "75 kW [1].", site=PLANT)]

    def asked(text: str, site: str | None = None) -> Subject:
        return subject(Case(said(text), library().company, ConversationChoice(), Request("ask", text, site=site), "es"), before)

    assert (asked("¿qué dice la norma?").site, asked("¿qué dice la norma?").stays) == (PLANT, True)
    assert asked("¿y la oficina?", OFFICE).site == OFFICE
    assert asked("¿cuántos empleados tiene la empresa?") == Subject()
