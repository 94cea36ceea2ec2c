"""What people press in Teams: thumbs, sources, settings, the expert, suggested questions; from the platform's side."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.messages import IncomingMessage, Reply
from rag.models import Answer, Citation
from tests.fakes.bot_activities import ANA, CHANNEL, LUIS, channel_message, group_message, installation, message, press
from tests.fakes.bot_connector import FakeConnector
from tests.fakes.card_schema import actions, faults
from tests.fakes.faults import Fault
from tests.fakes.teams_app import TeamsApp, teams_settings
from tests.fakes.teams_desk import NotingDesk
from tests.security.teams_tokens import bearer

CITED = Citation(1, "passage", "Manual", "https://docs.example/m.pdf", "p. 14", "Tres soplantes quedan en marcha.", "es")
ANSWER = Answer("answered", "es", "Quedan tres soplantes [1].", (CITED,), follow_ups=("¿Cuánto gastan?",))
LOST = Answer("not_found", "es", "No he encontrado nada.")
MARTA = "0e0e0e0e-0000-4000-8000-00000000000e"


@pytest.fixture
async def fake() -> AsyncIterator[FakeConnector]:
    """A stand-in Bot Connector."""
    async with FakeConnector() as running:
        yield running


@pytest.fixture
def desk() -> NotingDesk:
    """A desk that notes what it is asked."""
    return NotingDesk()


@pytest.fixture
async def app(fake: FakeConnector, desk: NotingDesk) -> AsyncIterator[TeamsApp]:
    """The adapter with a desk, served."""
    async with TeamsApp.running(teams_settings(fake), desk) as running:
        yield running


async def answered(app: TeamsApp, fake: FakeConnector, activity: dict[str, Any], reply: Reply) -> IncomingMessage:
    """A question and its reply."""
    assert await app.post(activity, headers=bearer(fake.sign())) == 202
    await app.adapter.channel.post(app.submitted[-1], reply)
    return app.submitted[-1]


async def pressed(app: TeamsApp, fake: FakeConnector, name: str, value: dict[str, Any], **more: Any) -> Any:
    """The answer to a press."""
    return await app.press(press(name, value, fake.service_url, **more), headers=bearer(fake.sign()))


def buttons(fake: FakeConnector) -> list[dict[str, Any]]:
    """The buttons of the cards of the last message, which all keep to the schema."""
    cards = [one["content"] for one in fake.shown[-1].raw.get("attachments", [])]
    assert [faults(card) for card in cards] == [[] for _ in cards]
    return [action for card in cards for action in actions(card)]


@pytest.mark.parametrize("where", [None, channel_message("<at>Asesor</at> ¿por qué?", "x", root="1700")], ids=["chat", "channel"])
@pytest.mark.parametrize(("reaction", "verdict"), [("like", "up"), ("dislike", "down")])
async def test_thumb_counts_at_once_and_its_reason_later(
    app: TeamsApp, fake: FakeConnector, desk: NotingDesk, where: Any, reaction: str, verdict: str
) -> None:
    """A press on a thumb is judged for the exchange of that message, the dialog asks why, and the reason is added."""
    question = {**where, "serviceUrl": fake.service_url} if where else message("¿por qué?", fake.service_url)
    await answered(app, fake, question, Reply(ANSWER, "e1"))
    assert fake.shown[-1].raw["channelData"] == {"feedbackLoop": {"type": "custom"}}
    thumb = {"actionName": "feedback", "actionValue": {"reaction": reaction}}
    dialog = await pressed(app, fake, "message/fetchTask", {"data": thumb}, on=fake.shown[-1].id, where=where)
    assert desk.asked == [("judge", ANA["aadObjectId"], "e1", verdict, "")]
    card = dialog["task"]["value"]["card"]["content"]
    assert (dialog["task"]["type"], faults(card)) == ("continue", [])
    given = {"actionName": "feedback", "actionValue": {"reaction": reaction, "feedback": json.dumps({"reason": "Falta el año"})}}
    assert await pressed(app, fake, "message/submitAction", given, on=fake.shown[-1].id, where=where) == {}
    assert desk.asked[1:] == [("judge", ANA["aadObjectId"], "e1", verdict, "Falta el año")]


async def test_what_is_no_answer_cannot_be_judged(app: TeamsApp, fake: FakeConnector) -> None:
    """Help has no thumbs and no buttons."""
    await answered(app, fake, message("ayuda", fake.service_url), Reply(Answer("answered", "es", "Soy el asesor.")))
    assert "channelData" not in fake.shown[-1].raw
    assert "attachments" not in fake.shown[-1].raw


async def test_button_opens_the_passage_with_its_quote_marked(app: TeamsApp, fake: FakeConnector, desk: NotingDesk) -> None:
    """Each citation has its button, each question too; the dialog shows the passage, its quote marked, and links the source."""
    await answered(app, fake, message("¿por qué?", fake.service_url), Reply(ANSWER, "e1"))
    button, asks = buttons(fake)
    assert asks["data"]["msteams"] == {"type": "messageBack", "text": "¿Cuánto gastan?", "displayText": "¿Cuánto gastan?"}
    assert button["data"] == {"msteams": {"type": "task/fetch"}, "do": "source", "exchange": "e1", "n": 1}
    dialog = await pressed(app, fake, "task/fetch", {"data": button["data"]})
    assert desk.asked == [("open", ANA["aadObjectId"], "e1", "1")]
    card = dialog["task"]["value"]["card"]["content"]
    assert faults(card) == []
    runs = [run for block in card["body"] for run in block["inlines"]]
    assert [run["text"] for run in runs if run.get("highlight")] == ["Tres  soplantes quedan en marcha."]
    assert {"Antes.", "Después.", "p. 14 · 3 mar 2025"} <= {run["text"] for run in runs}
    assert [action["url"] for action in card["actions"]] == ["https://docs.example/manual.pdf"]


async def test_refusal_is_told_to_who_pressed(app: TeamsApp, fake: FakeConnector, desk: NotingDesk) -> None:
    """What is not for someone, not ours or forged ends in a sentence in their language, and asks the desk nothing more."""
    desk.refuses = True
    fetch = {"data": {"do": "source", "exchange": "e1", "n": 1}}
    refused = await pressed(app, fake, "task/fetch", fetch)
    assert refused["task"] == {"type": "message", "value": "Eso queda fuera de lo que puedo enseñar aquí."}
    desk.refuses = False
    forged = [
        {"do": "source"},
        {"do": "source", "exchange": "e1", "n": True},
        {"do": "x"},
        {"do": "source", "exchange": ["e"], "n": 1},
        7,
    ]
    for data in forged:
        told = await pressed(app, fake, "task/fetch", {"data": data}, locale="en-GB")
        assert told["task"] == {"type": "message", "value": "I do not know what to do with that button. Ask me again."}
    assert await pressed(app, fake, "unknown/name", {}) is not None
    assert desk.asked == []


async def test_only_who_installed_changes_a_channels_settings(app: TeamsApp, fake: FakeConnector, desk: NotingDesk) -> None:
    """The word alone offers the form in a channel; it opens for who added the adviser to the team, and for nobody else."""
    where = channel_message("<at>Asesor</at> ajustes", fake.service_url)
    added = {**installation(fake.service_url), **{key: where[key] for key in ("conversation", "channelData")}}
    assert await app.post(added, headers=bearer(fake.sign())) == 202
    assert await app.post(where, headers=bearer(fake.sign())) == 202
    (button,) = buttons(fake)
    dialog = await pressed(app, fake, "task/fetch", {"data": button["data"]}, where=where)
    card = dialog["task"]["value"]["card"]["content"]
    assert faults(card) == []
    assert {one["id"]: one["value"] for one in card["body"][1:]} == {
        "site": "norte", "audience": "everyone", "language": "-", "mention_only": "false",
    }  # fmt: skip
    form = {"data": {"do": "settings", "site": "sur", "audience": "everyone,works", "language": "en", "mention_only": "true"}}
    saved = await pressed(app, fake, "task/submit", form, where=where)
    assert saved["task"]["value"] == "Guardado: vale desde la próxima pregunta."
    assert desk.asked[-1] == ("change", CHANNEL, "sur", "everyone,works", "en", "quiet")
    seen = len(desk.asked)
    for sender in (LUIS, {**ANA, "aadObjectId": "other"}):
        for name, value in (("task/fetch", {"data": button["data"]}), ("task/submit", form)):
            refused = await pressed(app, fake, name, value, where=where, **{"from": sender})
            assert refused["task"]["value"].startswith("Solo puede cambiarlo quien me añadió")
    assert len(desk.asked) == seen


async def test_expert_is_asked_where_the_question_was(app: TeamsApp, fake: FakeConnector, desk: NotingDesk) -> None:
    """In a channel the expert is mentioned in the thread, with the question; who pressed is told."""
    where = channel_message("<at>Asesor</at> ¿caudal?", fake.service_url, root="1700")
    await answered(app, fake, where, Reply(LOST, "e2", "Marta Ruiz"))
    (button,) = buttons(fake)
    assert (button["title"], button["verb"]) == ("Preguntar a Marta Ruiz", "expert")
    told = await pressed(app, fake, "adaptiveCard/action", {"action": button}, where=where)
    assert told["value"] == "He preguntado a Marta Ruiz. Te aviso cuando responda."
    card = fake.shown[-1].raw["attachments"][0]["content"]
    assert faults(card) == []
    assert fake.shown[-1].conversation == f"{CHANNEL};messageid=1700"
    assert card["msteams"]["entities"][0]["mentioned"] == {"id": MARTA, "name": "Marta Ruiz"}
    assert "¿Qué caudal tiene el pozo 3?" in json.dumps(card, ensure_ascii=False)


@pytest.mark.parametrize("reachable", [True, False])
async def test_expert_is_asked_in_a_chat_of_their_own(app: TeamsApp, fake: FakeConnector, reachable: bool) -> None:
    """From a personal chat the question goes to the expert's own chat; if they never added the adviser, that is told."""
    if reachable:
        fake.chats[MARTA] = "a:marta"
    await answered(app, fake, message("¿caudal?", fake.service_url), Reply(LOST, "e2", "Marta Ruiz"))
    told = await pressed(app, fake, "adaptiveCard/action", {"action": buttons(fake)[0]})
    assert ("Te aviso" in told["value"], "No puedo escribir" in told["value"]) == (reachable, not reachable)
    assert [one.conversation for one in fake.shown[1:]] == (["a:marta"] if reachable else [])


@pytest.mark.parametrize("first", ["taken", "refused"])
async def test_an_expert_is_asked_once(app: TeamsApp, fake: FakeConnector, desk: NotingDesk, first: str) -> None:
    """However many press the button; what Teams refused is not taken for asked."""
    where = channel_message("<at>Asesor</at> ¿caudal?", fake.service_url, root="1700")
    await answered(app, fake, where, Reply(LOST, "e2", "Marta Ruiz"))
    (button,) = buttons(fake)
    if first == "refused":
        fake.faults.plan(Fault(status=429), path="/activities")
    told = [(await pressed(app, fake, "adaptiveCard/action", {"action": button}, where=where))["value"] for _ in range(3)]
    assert [one.startswith("He preguntado") for one in told] == [first == "taken", first == "refused", False]
    assert told[2].startswith("Ya se lo he preguntado")
    assert sum(one[0] == "expert_not_asked" for one in desk.asked) == (first == "refused")
    assert len(fake.shown) == 2


async def test_suggested_question_is_a_button_where_others_read(app: TeamsApp, fake: FakeConnector) -> None:
    """Outside personal chats a follow-up is a card's button; its press comes back as a question without a mention."""
    where = group_message("<at>Asesor</at> ¿por qué?", fake.service_url)
    await answered(app, fake, where, Reply(ANSWER))
    (button,) = buttons(fake)
    back = button["data"]["msteams"]
    assert (back["type"], back["text"]) == ("messageBack", "¿Cuánto gastan?")
    said = group_message(back["text"], fake.service_url, mentions=(), value={}, replyToId=fake.shown[-1].id)
    assert await app.post(said, headers=bearer(fake.sign())) == 202
    assert app.submitted[-1].text == "¿Cuánto gastan?"


async def test_unsigned_press_asks_nothing(app: TeamsApp, fake: FakeConnector, desk: NotingDesk) -> None:
    """An invoke is believed like any other activity: only with a good token."""
    forged = press("task/fetch", {"data": {"do": "source", "exchange": "e1", "n": 1}}, fake.service_url)
    assert await app.post(forged) == 401
    assert await app.post(forged, headers=bearer(fake.sign(aud="other"))) in {401, 403}
    assert desk.asked == []
