"""Answers over the real index with a language model behind real HTTP: good, broken, slow, lying and obedient ones."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from config.texts import text
from rag.llm.openai import OpenAIModel
from rag.models import Answer, Language, Scope
from rag.numerals import unsupported
from rag.pipeline import Question
from rag.verify import without_marks
from tests.answer_corpus import CANARY, EVIL
from tests.answer_fixtures import EVERYONE, library, well_cited
from tests.fakes.openai_api import FakeOpenAI

PUMPS = "¿Qué consumo tiene el bombeo de cabecera?"
LAMPS = "¿Qué luminarias tiene el alumbrado exterior?"
FAILED, UNSUPPORTED = text("es", "answer.model_failed"), text("es", "answer.model_unsupported")
KEY = "sk-very-secret-7"


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    """The stand-in, up."""
    async with FakeOpenAI(KEY) as server:
        yield server


async def asked(
    fake: FakeOpenAI, behaviour: str | OpenAIModel, question: str = PUMPS, language: Language = "es", seconds: float = 8.0
) -> tuple[Answer, list[str]]:
    """The answer and what was shown while it was written; truthful and in time, whatever the model does."""
    shown: list[str] = []

    async def on_text(so_far: str) -> None:
        shown.append(so_far)

    model = OpenAIModel(KEY, behaviour, fake.base_url) if isinstance(behaviour, str) else behaviour
    pipeline = library().pipeline(model)
    started = time.monotonic()
    try:
        answer = await pipeline.ask(Question(question, language, Scope(EVERYONE), deadline=started + seconds, on_text=on_text))
    finally:
        if isinstance(behaviour, str):
            await model.close()
    assert time.monotonic() - started < seconds
    truthful(answer)
    assert all(later.startswith(earlier) for earlier, later in pairwise(shown))
    return answer, shown


def truthful(answer: Answer) -> None:
    """Cited as promised, no number that its passages do not hold, no address, nothing out of another audience."""
    texts = library().texts
    well_cited(answer, texts)
    said = without_marks(answer.text)
    evidence = " ".join(f"{texts[one.passage_id]} {one.title} {one.locator}" for one in answer.citations)
    assert unsupported(said, answer.language, evidence, "es") == []
    for forbidden in ("://", "www.", "evil.example", "<script", "hunter2", "9999", CANARY, "\u202e", "\x1b", "\x00"):
        assert forbidden not in answer.text


@pytest.mark.parametrize("behaviour", ["good", "ttft50-itl2"])
async def test_a_good_model_answers_as_it_writes(fake: FakeOpenAI, behaviour: str) -> None:
    """Verified sentences appear one after the other, each showing a longer beginning of the final text."""
    answer, shown = await asked(fake, behaviour)
    assert answer.status == "answered"
    assert "310.000 kWh" in answer.text
    assert shown
    assert shown[-1] == answer.text
    assert FAILED not in answer.notices
    assert UNSUPPORTED not in answer.notices


async def test_the_newest_source_is_told(fake: FakeOpenAI) -> None:
    """Two audits with different dates and figures: the notice names the newer one."""
    answer, _ = await asked(fake, "good")
    newest = max((one for one in answer.citations if one.date), key=lambda one: str(one.date))
    assert "2024" in newest.title
    assert f"[{newest.n}]" in answer.notices[-1]


@pytest.mark.parametrize("kind", [1, 3, 8, 12])
async def test_a_failing_stream_falls_back_to_the_documents(fake: FakeOpenAI, kind: int) -> None:
    """Empty, unreadable, cut or refused: the documents' sentences instead, and one line that says so."""
    answer, _ = await asked(fake, f"garbage-{kind}")
    assert answer.status == "answered"
    assert answer.notices[0] == FAILED
    assert "310.000 kWh" in answer.text


@pytest.mark.parametrize("kind", [4, 5, 6, 7, 9, 10, 11, 13, 14, 15])
async def test_what_is_not_borne_out_is_never_shown(fake: FakeOpenAI, kind: int) -> None:
    """Invented marks and numbers, no marks, another language, marks alone, scripts, control characters, loops, cut text."""
    answer, shown = await asked(fake, f"garbage-{kind}")
    assert shown == []
    assert answer.status == "answered"
    assert answer.notices[0] == UNSUPPORTED
    assert "310.000 kWh" in answer.text


async def test_a_model_that_repeats_itself_for_megabytes_is_stopped(fake: FakeOpenAI) -> None:
    """Two megabytes of one sentence become at most that sentence once, in time."""
    answer, _ = await asked(fake, "garbage-2")
    assert len(answer.text) < 2000
    assert answer.text.count("mucha energía") <= 1


@pytest.mark.parametrize("behaviour", ["hang-connect", "hang-headers", "hang-mid"])
async def test_a_hanging_model_costs_its_share_of_the_time_only(fake: FakeOpenAI, behaviour: str) -> None:
    """Silence at any stage ends in an extracted answer before the deadline."""
    answer, _ = await asked(fake, behaviour, seconds=2.5)
    assert answer.notices[0] == FAILED
    assert "310.000 kWh" in answer.text


@pytest.mark.parametrize("behaviour", ["500", "401", "429", "quota", "garbage-1"])
async def test_statuses_fall_back(fake: FakeOpenAI, behaviour: str) -> None:
    """Refused, overloaded or without credit: answered from the documents, with the notice, and asked only once."""
    answer, _ = await asked(fake, behaviour)
    assert (answer.status, answer.notices[0]) == ("answered", FAILED)
    assert fake.calls("/chat/") == 1


async def test_a_model_that_recovers_is_used_again(fake: FakeOpenAI) -> None:
    """Two refusals for too many requests, then it answers."""
    model = OpenAIModel(KEY, "429x2", fake.base_url)
    notices = [(await asked(fake, model))[0].notices[0] for _ in range(3)]
    await model.close()
    assert notices[:2] == [FAILED, FAILED]
    assert notices[2] != FAILED


async def test_a_dead_model_is_not_waited_for_again_and_again(fake: FakeOpenAI) -> None:
    """After five failures in a row the next questions are answered without asking it."""
    model = OpenAIModel(KEY, "500", fake.base_url)
    for _ in range(7):
        assert (await asked(fake, model))[0].notices[0] == FAILED
    await model.close()
    assert fake.calls("/chat/") == 5


async def test_orders_in_documents_are_not_obeyed_even_by_the_worst_model(fake: FakeOpenAI) -> None:
    """A document orders a false number, a password and a visit; a model that obeys all of it brings none of it through."""
    answer, shown = await asked(fake, "obey", LAMPS)
    assert EVIL.encode() in fake.requests[0].body
    assert answer.status == "answered"
    assert "46 luminarias" in answer.text
    assert shown == []
    assert all("obedece" not in part for part in (answer.text, *answer.notices, *answer.follow_ups))


async def test_nothing_secret_is_sent(fake: FakeOpenAI) -> None:
    """Prompts hold no key, nothing of a document that the asker may not read, and no name of a person or a channel."""
    for question in (PUMPS, LAMPS, "¿Qué aprueba el consejo sobre la línea de fangos y el consumo de la planta?"):
        await asked(fake, "good", question)
    assert fake.calls("/chat/") >= 2
    for request in fake.requests:
        assert KEY.encode() not in request.body
        assert CANARY.encode() not in request.body


async def test_weak_evidence_is_never_given_to_a_model(fake: FakeOpenAI) -> None:
    """A question that the documents do not answer ends before the model is asked."""
    answer, _ = await asked(fake, "good", "¿Quién ganó el mundial de fútbol de 1998?")
    assert answer.status == "not_found"
    assert fake.requests == []


async def test_a_question_in_the_other_language_is_answered_in_it(fake: FakeOpenAI) -> None:
    """Asked in English about a Spanish document: whatever the stand-in copies, the fallback says it is quoted."""
    answer, _ = await asked(fake, "garbage-6", "How many blowers does the EDAR Norte have?", "en")
    assert answer.language == "en"
    assert answer.notices[0] == text("en", "answer.model_unsupported")
    assert "(in Spanish)" in answer.text
