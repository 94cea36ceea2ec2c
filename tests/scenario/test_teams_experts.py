"""A question that found nothing, handed to an expert: the running program seen from Teams."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import yaml

from tests.app_process import Home, make_home
from tests.fakes.bot_activities import ANA, LUIS, changed, channel_message, group_message, message, press
from tests.fakes.bot_connector import FakeConnector, Shown
from tests.scenario.test_channels import serving, teams, until

pytestmark = pytest.mark.asyncio(loop_scope="module")
LUIS_CHAT = "a:1luisChat"


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    """A company with an expert, indexed."""
    with make_home(indexed=True) as made:
        file = made.folder / "advisor.yaml"
        company = yaml.safe_load(file.read_text("utf-8"))
        company["experts"] = [
            {"audience": "everyone", "name": "Luis Mora", "platform": "teams", "id": LUIS["aadObjectId"]},
        ]
        file.write_text(yaml.safe_dump(company), encoding="utf-8")
        yield made


@dataclass(frozen=True, slots=True)
class Talk:
    """The program and its Teams."""

    fake: FakeConnector
    url: str

    async def says(self, activity: dict[str, Any]) -> dict[str, Any]:
        """Somebody says or presses something; the body of the answer."""
        signed = {"Authorization": f"Bearer {self.fake.sign()}"}
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{self.url}/api/messages", json=activity, headers=signed) as answer,
        ):
            assert answer.status in {200, 202}
            made: dict[str, Any] = json.loads(await answer.text() or "{}")
            return made

    async def shows(self, words: str, conversation: str) -> Shown:
        """The latest message of ours in a conversation that holds these words, in its text or its cards."""

        def found() -> list[Shown]:
            here = [one for one in self.fake.shown if one.conversation == conversation]
            return [one for one in here if words in one.text or words in json.dumps(one.raw, ensure_ascii=False)]

        await until(lambda: bool(found()))
        return found()[-1]

    async def press(self, shown: Shown, verb: str, who: dict[str, Any], where: Any = None, n: int = 0) -> str:
        """Somebody presses a card's button; what they are told."""
        cards = [one["content"] for one in shown.raw["attachments"]]
        actions = [one for card in cards for block in card["body"] for one in block.get("actions", [])]
        data = [one["data"] for one in actions if one.get("verb") == verb][n]
        value = {"action": {"type": "Action.Execute", "verb": verb, "data": data}}
        told = await self.says(press("adaptiveCard/action", value, self.fake.service_url, where=where, **{"from": who}))
        return str(told["value"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(home: Home) -> AsyncIterator[Talk]:
    """Both up, for all that follows."""
    async with FakeConnector() as fake, serving(home, **teams(fake)) as server:
        yield Talk(fake, server.url)


@pytest.fixture
def talk(home: Home, running: Talk) -> Talk:
    """Both, and nothing was said yet; the expert has added the adviser."""
    home.forget()
    running.fake.forget()
    running.fake.chats[str(LUIS["aadObjectId"])] = LUIS_CHAT
    return running


def in_chat(activity: dict[str, Any], chat: str) -> dict[str, Any]:
    """The same in another personal chat."""
    return {**activity, "conversation": {**activity["conversation"], "id": chat}}


@pytest.mark.parametrize("kind", ["group", "channel"])
async def test_an_answer_counts_however_it_is_said(talk: Talk, kind: str) -> None:
    """In a group chat or a thread, without a mention or to the asker by name; corrected by an edit, kept by a button."""
    question, first, second = {
        "group": ("¿Qué holgura admite el casquillo granate?", "Admite 3 décimas.", "admite 4 décimas."),
        "channel": ("¿Cuánto pesa la campana fucsia?", "Pesa 41 kilos.", "pesa 42 kilos."),
    }[kind]
    url = talk.fake.service_url

    def say(words: str, *mentions: dict[str, Any], who: Any = ANA) -> dict[str, Any]:
        if kind == "group":
            return group_message(words, url, mentions=mentions, **{"from": who})
        return channel_message(words, url, root="1700", mentions=mentions, **{"from": who})

    asked = {**say(f"<at>Asesor</at> {question}"), "entities": group_message("", url)["entities"]}
    where = asked["conversation"]["id"]
    await talk.says(asked)
    nothing = await talk.shows("Preguntar a Luis Mora", where)
    assert "He preguntado" in await talk.press(nothing, "expert", ANA, asked)
    assert "Ya se lo he preguntado" in await talk.press(nothing, "expert", ANA, asked)
    await talk.shows(f"<at>{LUIS['name']}</at>", where)
    answer = say(first, who=LUIS)
    await talk.says(answer)
    thanks = await talk.shows("Gracias, Luis Mora", where)
    corrected = changed(answer, "editMessage", f"<at>{ANA['name']}</at>, {second}")
    corrected["entities"] = [{"type": "mention", "mentioned": ANA, "text": f"<at>{ANA['name']}</at>"}]
    await talk.says(corrected)
    again = await talk.shows("De acuerdo, Luis Mora", where)
    assert (again.id, again.edited) == (thanks.id, True)
    assert "quien dio la respuesta" in await talk.press(again, "keep", ANA, asked)
    told = await talk.press(again, "keep", LUIS, asked)
    assert "Guardado" in told or "te aviso" in told
    if "te aviso" in told:
        await talk.shows("Guardado", where)
    await talk.says(message(question, url))
    found = await talk.shows(second.rstrip("."), message("", url)["conversation"]["id"])
    assert first not in found.text


async def test_two_askers_are_told_their_own_answers(talk: Talk) -> None:
    """A personal chat has no threads: the expert is asked which question it is, and says so by a button."""
    oil, teeth, url = "¿Qué grasa lleva el cojinete violeta?", "¿Cuántos dientes tiene la corona malva?", talk.fake.service_url
    for question, chat in ((oil, "a:one"), (teeth, "a:two")):
        asked = in_chat(message(question, url), chat)
        await talk.says(asked)
        nothing = await talk.shows("Preguntar a Luis Mora", chat)
        await talk.press(nothing, "expert", ANA, asked)
        await talk.shows(question, LUIS_CHAT)
    answer = in_chat(message("Tiene 212.", url, **{"from": LUIS}), LUIS_CHAT)
    await talk.says(answer)
    which = await talk.shows("¿A cuál responde eso?", LUIS_CHAT)
    assert "apunto" in await talk.press(which, "which", LUIS, answer, n=1)
    await talk.shows(f"Gracias, Luis Mora: lo tomo como respuesta a «{teeth}»", LUIS_CHAT)
    assert "212" in (await talk.shows("Luis Mora responde", "a:two")).text
    assert not [one for one in talk.fake.shown if one.conversation == "a:one" and "212" in one.text]
    await talk.says(in_chat(message("Litio.", url, **{"from": LUIS}), LUIS_CHAT))  # now one alone is open
    assert "Litio" in (await talk.shows("Luis Mora responde", "a:one")).text


async def test_a_deleted_question_is_taken_from_the_expert(talk: Talk) -> None:
    """The card is no more, and an answer that comes all the same is thanked for."""
    question, url = "¿Cuántas boquillas tiene el colector ámbar?", talk.fake.service_url
    asked = in_chat(message(question, url), "a:three")
    await talk.says(asked)
    await talk.press(await talk.shows("Preguntar a Luis Mora", "a:three"), "expert", ANA, asked)
    await talk.shows(question, LUIS_CHAT)
    await talk.says(changed(asked, "softDeleteMessage"))

    def stands() -> bool:
        return any(
            one.conversation == LUIS_CHAT and question in json.dumps(one.raw, ensure_ascii=False) for one in talk.fake.shown
        )

    await until(lambda: not stands())
    await talk.says(in_chat(message("Tiene doce.", url, **{"from": LUIS}), LUIS_CHAT))
    await talk.shows("ha retirado la pregunta", LUIS_CHAT)
