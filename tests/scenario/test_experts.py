"""A question that found nothing, handed to an expert: the running program seen from Slack, until the answer is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import yaml

from tests.app_process import Home, make_home
from tests.fakes import slack_events
from tests.fakes.slack_api import FakeSlack
from tests.fakes.slack_events import ANA, CHANNEL, DM, LUIS
from tests.fakes.slack_room import Person, Place, Post
from tests.scenario.test_channels import deliver, serving, slack, until

pytestmark = pytest.mark.asyncio(loop_scope="module")
NOWHERE = "¿Cada cuánto se cambia la cerámica vibrante del extractor?"
ANSWER = "La cerámica vibrante del extractor se cambia cada 14 meses, en la parada de mayo."


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    """A company with an expert, indexed."""
    with make_home(indexed=True) as made:
        file = made.folder / "advisor.yaml"
        company = yaml.safe_load(file.read_text("utf-8"))
        company.setdefault("channels", []).append({"platform": "slack", "id": "C0QUIET", "mention_only": True})
        company["experts"] = [{"audience": "everyone", "name": "Luis Mora", "platform": "slack", "id": LUIS}]
        file.write_text(yaml.safe_dump(company), encoding="utf-8")
        yield made


@dataclass(frozen=True, slots=True)
class Talk:
    """The program and its Slack."""

    fake: FakeSlack
    url: str

    async def says(self, event: dict[str, Any]) -> None:
        """Somebody says something."""
        assert await deliver(self.url, event) == 200

    async def shows(self, words: str, *where: str) -> Post:
        """The latest message of ours in a place that holds these words, when it is there."""

        def found() -> list[Post]:
            return [post for post in self.fake.visible(*where) if words in post.seen]

        await until(lambda: bool(found()))
        return found()[-1]

    async def hears(self, user: str, words: str, *where: str) -> Post:
        """What one person alone is told in a place, when they are."""

        def found() -> list[Post]:
            seen = self.fake.visible(*where, user=user)
            return [post for post in seen if words in post.seen and post.ephemeral]

        await until(lambda: bool(found()))
        return found()[-1]

    async def press(self, post: Post, action: str, user: str) -> None:
        """Somebody presses a button beneath a message."""
        elements = [one for block in post.blocks for one in block.get("elements", [])]
        value = next(one["value"] for one in elements if one.get("action_id") == action)
        pressed = slack_events.block_action(
            action, value, user=user, channel=post.channel, message_ts=post.ts, thread_ts=post.thread_ts
        )
        pressed["container"]["is_ephemeral"] = bool(post.ephemeral)
        body, headers = slack_events.form_request(slack_events.pressed(pressed))
        async with aiohttp.ClientSession() as http, http.post(f"{self.url}/slack/events", data=body, headers=headers) as response:
            assert response.status == 200


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(home: Home) -> AsyncIterator[Talk]:
    """Both up, for all that follows."""
    async with FakeSlack() as fake, serving(home, **slack(fake)) as server:
        fake.room.places["C0QUIET"] = Place("C0QUIET", "quiet")
        yield Talk(fake, server.url)


@pytest.fixture
def talk(home: Home, running: Talk) -> Talk:
    """Both, and nothing was said yet."""
    home.forget()
    running.fake.forget()
    return running


async def test_an_expert_answers_in_the_thread_and_the_answer_is_kept(talk: Talk) -> None:
    """Asked in a channel, answered there by who is named, kept on request, found by the next who asks, with its author."""
    ts = slack_events.next_ts()
    await talk.says(slack_events.app_mention(NOWHERE, ts=ts))
    nothing = await talk.shows("Preguntar a Luis Mora", CHANNEL, ts)
    await talk.press(nothing, "expert", ANA)
    asked = await talk.shows(NOWHERE, CHANNEL, ts)
    assert asked.seen.startswith(f"<@{LUIS}>")
    await talk.says(slack_events.channel_message(ANSWER, user=LUIS, thread_ts=ts))
    await talk.shows("Gracias, Luis Mora", CHANNEL, ts)
    await talk.says(slack_events.channel_message("guardar respuesta", user=LUIS, thread_ts=ts))
    await talk.shows("Guardado", CHANNEL, ts)
    again = slack_events.next_ts()
    await talk.says(slack_events.app_mention(NOWHERE, ts=again, channel="C0002"))
    found = await talk.shows("14 meses", "C0002", again)
    assert "Respuesta de Luis Mora" in found.seen


async def test_who_asked_alone_is_told_where_they_asked(talk: Talk) -> None:
    """The expert is asked in a direct message of their own, and the answer comes to the asker's."""
    other = "¿Qué aceite lleva el reductor del espesador de fangos?"
    await talk.says(slack_events.direct_message(other))
    nothing = await talk.shows("Preguntar a Luis Mora", DM)
    await talk.press(nothing, "expert", ANA)
    asked = await talk.shows(other, "D0LUIS")
    assert asked.seen.startswith(f"<@{LUIS}>")
    await talk.shows("He preguntado a Luis Mora", DM)
    assert not [post for post in talk.fake.visible(DM) if f"<@{LUIS}>" in post.seen]
    await talk.says(slack_events.direct_message("Lleva aceite sintético ISO VG 220.", user=LUIS, channel="D0LUIS"))
    await talk.shows("Gracias, Luis Mora", "D0LUIS")
    told = await talk.shows("ISO VG 220", DM)
    assert "Luis Mora" in told.seen


async def put_to(talk: Talk, question: str, *, channel: str = CHANNEL, ts: str = "") -> Post:
    """A question in a channel that found nothing, put to the expert; the message that asks them."""
    ts = ts or slack_events.next_ts()
    await talk.says(slack_events.app_mention(question, channel=channel, ts=ts))
    await talk.press(await talk.shows("Preguntar a Luis Mora", channel, ts), "expert", ANA)
    return await talk.shows(f"<@{LUIS}>", channel, ts)


async def test_two_askers_are_told_their_own_answers(talk: Talk) -> None:
    """Each question stands in the expert's direct message; answered in its thread, or named where several are open."""
    oil, teeth = "¿Qué grasa lleva el cojinete del tornillo violeta?", "¿Cuántos dientes tiene la corona del puente barredor?"
    talk.fake.room.people["U0EVA"] = Person("U0EVA", "Eva Ríos")
    talk.fake.room.places["D0EVA"] = Place("D0EVA", person="U0EVA")
    for question, user, channel in ((oil, ANA, DM), (teeth, "U0EVA", "D0EVA")):
        await talk.says(slack_events.direct_message(question, user=user, channel=channel))
        await talk.press(await talk.shows("Preguntar a Luis Mora", channel), "expert", user)
        await talk.shows(question, "D0LUIS")
    await talk.says(slack_events.direct_message("Lleva litio.", user=LUIS, channel="D0LUIS"))
    which = await talk.shows("¿A cuál responde eso?", "D0LUIS")
    await talk.press(which, "which-1", LUIS)
    assert "litio" in (await talk.shows("Luis Mora responde", DM)).seen
    await talk.shows(oil, "D0LUIS")
    asked = await talk.shows(f"> {teeth}", "D0LUIS")
    answer = slack_events.direct_message("Tiene 212 dientes.", user=LUIS, channel="D0LUIS", thread_ts=asked.ts)
    await talk.says(answer)
    assert "212" in (await talk.shows("Luis Mora responde", "D0EVA")).seen
    await talk.shows(teeth, "D0LUIS", asked.ts)
    assert not [post for post in talk.fake.visible(DM) if "212" in post.seen]


@pytest.mark.parametrize(
    ("channel", "question", "answer"),
    [
        ("C0002", "¿Qué holgura admite el casquillo granate?", "admite 3 décimas"),
        ("C0QUIET", "¿Cuánto pesa la campana fucsia?", "pesa 41 kilos"),
    ],
)
async def test_an_answer_counts_however_it_is_said(talk: Talk, channel: str, question: str, answer: str) -> None:
    """To the asker by name, also in a channel that wants to be answered only when it mentions the adviser; kept by a button."""
    asked = await put_to(talk, question, channel=channel)
    said = slack_events.channel_message(
        f"<@{ANA}>, {answer}.", user=LUIS, channel=channel, thread_ts=asked.thread_ts, parent_user_id=ANA
    )
    await talk.says(said)
    thanks = await talk.shows("Gracias, Luis Mora", channel, asked.thread_ts)
    await talk.press(thanks, "keep", ANA)
    await talk.hears(ANA, "quien dio la respuesta", channel, asked.thread_ts)
    await talk.press(thanks, "keep", LUIS)
    await talk.hears(LUIS, "Kept", channel, asked.thread_ts)
    again = slack_events.next_ts()
    await talk.says(slack_events.app_mention(question, ts=again, channel=CHANNEL))
    found = await talk.shows(answer, CHANNEL, again)
    assert ANA not in found.seen


async def test_the_expert_corrects_and_takes_back(talk: Talk) -> None:
    """An edit is taken where the first was thanked for; a deletion leaves the question open; pressed again nobody is asked."""
    asked = await put_to(talk, "¿Qué par de apriete llevan las bridas del anillo turquesa?")
    where, more = (CHANNEL, asked.thread_ts), {"thread_ts": asked.thread_ts, "parent_user_id": ANA}
    ts = slack_events.next_ts()
    await talk.says(slack_events.channel_message("Las bridas llevan 90 Nm.", user=LUIS, ts=ts, **more))
    thanks = await talk.shows("Gracias, Luis Mora", *where)
    await talk.says(
        slack_events.message_changed("Las bridas llevan 80 Nm.", user=LUIS, ts=ts, before="Las bridas llevan 90 Nm.", **more)
    )
    assert (await talk.shows("De acuerdo, Luis Mora", *where)).ts == thanks.ts
    await talk.says(slack_events.message_deleted(user=LUIS, ts=ts, text="Las bridas llevan 80 Nm.", **more))
    await until(lambda: not [one for one in talk.fake.visible(*where) if "Luis Mora:" in one.seen])
    await talk.press(await talk.shows("Preguntar a Luis Mora", *where), "expert", ANA)
    await talk.hears(ANA, "Ya se lo he preguntado", *where)
    assert len([one for one in talk.fake.visible(*where) if one.seen.startswith(f"<@{LUIS}>")]) == 1
    await talk.says(slack_events.channel_message("Las bridas llevan 70 Nm.", user=LUIS, **more))
    await talk.shows("Gracias, Luis Mora", *where)


async def test_a_deleted_question_is_taken_from_the_expert(talk: Talk) -> None:
    """It stands in their direct message no more; if they answer all the same they are told why it is not needed."""
    ts, question = slack_events.next_ts(), "¿Cuántas boquillas tiene el colector ámbar?"
    await talk.says(slack_events.direct_message(question, ts=ts))
    await talk.press(await talk.shows("Preguntar a Luis Mora", DM), "expert", ANA)
    await talk.shows(question, "D0LUIS")
    await talk.says(slack_events.message_deleted(ts=ts, channel=DM, kind="im", text=question))
    await until(lambda: not [one for one in talk.fake.visible("D0LUIS") if question in one.seen])
    await talk.says(slack_events.direct_message("Tiene doce.", user=LUIS, channel="D0LUIS"))
    await talk.shows("ha retirado la pregunta", "D0LUIS")
    assert not [one for one in talk.fake.visible(DM) if "doce" in one.seen]


async def test_asked_by_a_command_the_answer_comes_to_the_asker(talk: Talk) -> None:
    """/ask offers the expert, who is asked alone; the answer comes to the asker's direct message, where it stays."""
    question, channel = "¿Qué espesor tiene la chapa del decantador malva?", "C0002"
    hook = talk.fake.response_url(channel, ANA)
    body, headers = slack_events.form_request(
        slack_events.slash_command(question, command="/ask", channel=channel, response_url=hook)
    )
    async with aiohttp.ClientSession() as http, http.post(f"{talk.url}/slack/events", data=body, headers=headers) as response:
        assert response.status == 200
    await talk.press(await talk.hears(ANA, "Preguntar a Luis Mora", channel), "expert", ANA)
    await talk.shows(question, "D0LUIS")
    await talk.hears(ANA, "He preguntado a Luis Mora", channel)
    assert not [one for one in talk.fake.visible(channel) if LUIS in one.seen]
    await talk.says(slack_events.direct_message("Tiene 8 mm.", user=LUIS, channel="D0LUIS"))
    assert "8 mm" in (await talk.shows("Luis Mora responde", DM)).seen
