"""What people take back or correct in Slack and Teams, from the platforms' side: files, events out of order, words for others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from tests.app_process import Home, Server, make_home
from tests.fakes import slack_events as says
from tests.fakes.bot_activities import CHANNEL as TEAMS_CHANNEL
from tests.fakes.bot_activities import LUIS as LUIS_IN_TEAMS
from tests.fakes.bot_activities import PERSONAL, changed, channel_message, message
from tests.fakes.bot_connector import FakeConnector
from tests.fakes.faults import FakeServer
from tests.fakes.slack_api import FakeSlack
from tests.fakes.slack_events import ANA, BOT_USER, CHANNEL, LUIS
from tests.scenario.test_channels import ANSWER, QUESTION, deliver, serving, slack, teams, until

pytestmark = pytest.mark.asyncio(loop_scope="module")
PAY = "# Nóminas\n\nEl jefe de turno de la presa cobra 4.812 euros al mes.\n".encode()
PAID = "¿Cuánto cobra el jefe de turno de la presa?"
OTHER, OTHERS = "¿Cada cuánto se limpian los difusores?", "18 meses"
NONE = "nada que responda"


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    """Three documents, indexed."""
    with make_home(indexed=True) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(home: Home) -> AsyncIterator[tuple[Server, FakeSlack, FakeConnector]]:
    """The program with both platforms, up for all that follows."""
    async with FakeSlack() as fake, FakeConnector() as connector, serving(home, **slack(fake), **teams(connector)) as server:
        yield server, fake, connector


@pytest.fixture
def in_slack(home: Home, running: tuple[Server, FakeSlack, FakeConnector]) -> tuple[FakeSlack, str]:
    """Slack, where nothing was said yet, and the program's address."""
    server, fake, _ = running
    home.forget()
    fake.forget()
    return fake, server.url


@pytest.fixture
def in_teams(home: Home, running: tuple[Server, FakeSlack, FakeConnector]) -> tuple[FakeConnector, str]:
    """Teams, where nothing was said yet, and the program's address."""
    server, _, fake = running
    home.forget()
    fake.forget()
    return fake, server.url


class FileHost(FakeServer):
    """Where the files of a personal chat lie."""

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/nominas.md", self._file)]

    async def _file(self, _request: web.Request) -> web.Response:
        return web.Response(body=PAY)


async def post(fake: FakeConnector, url: str, activity: dict[str, Any]) -> None:
    """An activity as the Connector sends it."""
    signed = {"Authorization": f"Bearer {fake.sign()}"}
    async with aiohttp.ClientSession() as http, http.post(f"{url}/api/messages", json=activity, headers=signed) as response:
        assert response.status == 202


def texts(fake: FakeConnector, conversation: str) -> list[str]:
    """What of ours stands in a conversation of Teams."""
    return [one.text for one in fake.shown if one.conversation == conversation]


async def test_a_file_goes_with_its_message_in_slack(in_slack: tuple[FakeSlack, str]) -> None:
    """Dropped in a thread and deleted: who asks there later is answered as if it had never been."""
    fake, url = in_slack
    fake.files = {"nominas.md": PAY}
    file = {"id": "F1", "name": "nominas.md", "mimetype": "text/markdown", "size": len(PAY)}
    file["url_private_download"] = f"{fake.url}/files/nominas.md"
    ts, dropped = says.next_ts(), says.next_ts()
    sent: dict[str, Any] = {"thread_ts": ts, "parent_user_id": ANA, "subtype": "file_share", "files": [file]}

    def said(words: str) -> bool:
        return any(words in one.seen for one in fake.visible(CHANNEL, ts))

    await deliver(url, says.app_mention(QUESTION, ts=ts))
    await until(lambda: said(ANSWER))
    await deliver(url, says.channel_message(PAID, ts=dropped, **sent))
    await until(lambda: said("4.812"))
    await deliver(url, says.message_deleted(ts=dropped, text=PAID, **sent))
    await until(lambda: not said("4.812"))
    await deliver(url, says.channel_message(PAID, user=LUIS, thread_ts=ts, parent_user_id=ANA))
    await until(lambda: said(NONE))
    assert not said("4.812")


async def test_a_file_goes_with_its_message_in_teams(in_teams: tuple[FakeConnector, str]) -> None:
    """The same in a personal chat."""
    fake, url = in_teams
    async with FileHost() as host:
        held = {"downloadUrl": f"{host.url}/nominas.md?tempauth=x", "uniqueId": "1", "fileType": "md"}
        kind = "application/vnd.microsoft.teams.file.download.info"
        sent = message(PAID, fake.service_url, attachments=[{"contentType": kind, "name": "nominas.md", "content": held}])
        await post(fake, url, sent)
        await until(lambda: any("4.812" in one for one in texts(fake, PERSONAL)))
        await post(fake, url, changed(sent, "softDeleteMessage"))
        await until(lambda: not any("4.812" in one for one in texts(fake, PERSONAL)))
        await post(fake, url, message(PAID, fake.service_url))
        await until(lambda: any(NONE in one for one in texts(fake, PERSONAL)))
        assert not any("4.812" in one for one in texts(fake, PERSONAL))


async def test_what_replaces_a_question_may_come_first_in_slack(in_slack: tuple[FakeSlack, str]) -> None:
    """Slack delivers a question again after its deletion, or its edit: the first stays unanswered, the other is answered once."""
    fake, url = in_slack
    gone, edited, last = says.next_ts(), says.next_ts(), says.next_ts()
    mention = f"<@{BOT_USER}> "
    await deliver(url, says.message_deleted(ts=gone, text=mention + QUESTION))
    await deliver(url, says.message_changed(mention + OTHER, ts=edited, before=mention + QUESTION))
    for ts in (gone, edited):
        await deliver(url, says.app_mention(QUESTION, ts=ts), retry=1)
    await deliver(url, says.app_mention(QUESTION, ts=last))
    await until(lambda: all(fake.visible(CHANNEL, ts) for ts in (edited, last)))
    assert fake.visible(CHANNEL, gone) == []
    (reply,) = fake.visible(CHANNEL, edited)
    assert OTHERS in reply.seen


async def test_what_replaces_a_question_may_come_first_in_teams(in_teams: tuple[FakeConnector, str]) -> None:
    """The same; one that is brought back after its deletion is answered."""
    fake, url = in_teams

    def asked(root: str) -> dict[str, Any]:
        return channel_message(f"<at>Asesor</at> {QUESTION}", fake.service_url, root=root)

    gone, edited, back = message(QUESTION, fake.service_url), asked("5002"), asked("5003")
    places = [PERSONAL, *(f"{TEAMS_CHANNEL};messageid={root}" for root in ("5002", "5003"))]
    await post(fake, url, changed(gone, "softDeleteMessage"))
    await post(fake, url, changed(edited, "editMessage", f"<at>Asesor</at> {OTHER}"))
    for one in (gone, edited, back):
        await post(fake, url, one)
    await until(lambda: bool(texts(fake, places[1]) and texts(fake, places[2])))
    await post(fake, url, changed(back, "softDeleteMessage"))
    await until(lambda: "Retirado" in texts(fake, places[2])[0])
    await post(fake, url, changed(back, "undeleteMessage", f"<at>Asesor</at> {QUESTION}", at="2026-11-20T08:09:00.000Z"))
    await until(lambda: ANSWER in texts(fake, places[2])[0])
    assert [len(texts(fake, place)) for place in places] == [0, 1, 1]
    assert OTHERS in texts(fake, places[1])[0]


async def test_a_typo_in_words_for_a_colleague_is_no_question_in_slack(in_slack: tuple[FakeSlack, str]) -> None:
    """Said before the adviser joined the thread and edited afterwards; what was said to it is answered anew when edited."""
    fake, url = in_slack
    root, old, follow = says.next_ts(), says.next_ts(), says.next_ts()
    here: dict[str, Any] = {"thread_ts": root, "parent_user_id": LUIS}
    await deliver(url, says.channel_message("Saltó el diferencial.", user=LUIS, ts=root))
    await deliver(url, says.channel_message("Cuantas soplantes hay, Luis?", ts=old, **here))
    await deliver(url, says.app_mention(OTHER, user=LUIS, thread_ts=root))
    await until(lambda: len(fake.visible(CHANNEL, root)) == 1)
    await deliver(url, says.channel_message("¿y qué se recomienda instalar en las soplantes?", ts=follow, **here))
    await until(lambda: len(fake.visible(CHANNEL, root)) == 2)
    await deliver(url, says.message_changed("¿Cuántas soplantes hay, Luis?", ts=old, before="Cuantas", **here))
    await deliver(url, says.message_changed(QUESTION, ts=follow, before="¿y qué se recomienda?", **here))
    await until(lambda: any(ANSWER in one.seen for one in fake.visible(CHANNEL, root)))
    assert len(fake.visible(CHANNEL, root)) == 2


async def test_a_typo_in_words_for_a_colleague_is_no_question_in_teams(in_teams: tuple[FakeConnector, str]) -> None:
    """The same in a channel's thread."""
    fake, url = in_teams

    def say(words: str, *mentions: Any, who: Any = None) -> dict[str, Any]:
        more = {"from": who} if who else {}
        return channel_message(words, fake.service_url, root="5009", mentions=mentions, **more)

    place = f"{TEAMS_CHANNEL};messageid=5009"
    old, follow = say("Luis, cuantas soplantes hay?"), say("¿y qué se recomienda instalar en las soplantes?")
    joins = {**say(f"<at>Asesor</at> {OTHER}", who=LUIS_IN_TEAMS), "entities": channel_message("", "x")["entities"]}
    await post(fake, url, old)
    await post(fake, url, joins)
    await until(lambda: len(texts(fake, place)) == 1)
    await post(fake, url, follow)
    await until(lambda: len(texts(fake, place)) == 2)
    await post(fake, url, changed(old, "editMessage", "Luis, ¿cuántas soplantes hay?"))
    await post(fake, url, changed(follow, "editMessage", QUESTION))
    await until(lambda: any(ANSWER in one for one in texts(fake, place)))
    assert len(texts(fake, place)) == 2
