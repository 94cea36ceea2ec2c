"""The web's pure parts: events on the wire, which progress is kept, the passage view, the interface's document."""

from __future__ import annotations

import json
from datetime import date

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.openapi import OPENAPI
from adapters.web.render import Event, answer_event, frame, latest, passage_view, progress_event, timed_out
from adapters.web.schemas import SCHEMAS
from bot.contract import answer_json
from bot.messages import Progress, Reply
from rag.models import Answer, Citation, Document, Locator, Passage

DOCUMENT = Document("d", "manuals", "file:///srv/manual.pdf", "Manual", frozenset({"everyone"}), "es", date(2024, 3, 1))
PASSAGES = [Passage(f"p{n}", DOCUMENT, f"text {n}", Locator(page=n), "es", n) for n in (1, 2, 3)]


@given(st.text())
def test_a_frame_is_one_event_whatever_the_text(text: str) -> None:
    """No text can end the event early or smuggle a second one in: its line breaks are inside the JSON."""
    sent = frame(progress_event(Progress("answer", text.encode("utf-8", "replace").decode()))).decode()
    assert sent.endswith("\n\n")
    lines = sent[:-2].split("\n")
    assert [line.split(": ")[0] for line in lines] == ["event", "data"]
    assert json.loads(lines[1].removeprefix("data: "))["text"] == text.encode("utf-8", "replace").decode()


def test_a_frame_carries_its_place() -> None:
    """The id stands first, so that a reader can go on after it."""
    assert frame(Event("answer", "{}", "5-0")) == b"id: 5-0\nevent: answer\ndata: {}\n\n"


def test_only_the_latest_progress_is_sent() -> None:
    """Progress that a later event replaces is dropped, an answer ends the stream, and nothing follows it."""
    events = [Event(name, str(place)) for place, name in enumerate(["accepted", "progress", "progress", "answer", "answer"])]
    assert [event.data for event in latest(events)] == ["0", "3"]
    assert [event.data for event in latest(events[:3])] == ["0", "2"]
    assert latest([]) == []


def test_a_late_answer_is_an_answer() -> None:
    """What stands in for a missing answer keeps to the contract."""
    said = json.loads(timed_out("en", 35000).data)
    assert (said["status"], said["timings_ms"]["total"]) == ("failed", 35000)
    assert said == answer_json(Answer("failed", "en", said["text"], timings_ms={"total": 35000}))


def test_an_answer_event_is_the_contract() -> None:
    """Accents are sent as they are, dates as ISO."""
    citation = Citation(1, "passage", "Año", "", "p. 1", "«ñ»", "es", "p1", date(2024, 3, 1))
    event = answer_event(Reply(Answer("answered", "es", "Sí [1].", (citation,))))
    assert "«ñ»" in event.data
    assert json.loads(event.data)["citations"][0]["date"] == "2024-03-01"


def test_the_passage_view_marks_the_cited_one_and_links_only_the_web() -> None:
    """Neighbours are told apart, and a file of the server is no link."""
    view = passage_view(PASSAGES, "p2", "es")
    assert [one["cited"] for one in view["passages"]] == [False, True, False]
    assert (view["locator"], view["date"], view["link"]) == ("p. 2", "2024-03-01", None)


def test_the_interface_document_is_whole() -> None:
    """Every reference leads somewhere, every schema is a valid one, and every operation has its own id."""
    text = json.dumps(OPENAPI)
    for name in {piece.split('"')[0] for piece in text.split("#/components/schemas/")[1:]}:
        assert name in SCHEMAS
    for schema in SCHEMAS.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    operations = [operation["operationId"] for path in OPENAPI["paths"].values() for operation in path.values()]
    assert len(operations) == len(set(operations)) == 10
