"""Messages of Teams that people change after sending them, and files that come with them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from adapters.teams.files import FileFetcher
from bot.messages import Reply, SentFile
from bot.ports import BringsFiles
from rag.errors import DeliveryError, InputError
from rag.models import Answer
from tests.fakes.bot_activities import changed, channel_message, message
from tests.fakes.bot_connector import FakeConnector
from tests.fakes.faults import FakeServer, Fault
from tests.fakes.teams_app import TeamsApp, say, teams_settings
from tests.security.teams_tokens import bearer

FIRST, SECOND = Answer("answered", "es", "Uno."), Answer("answered", "es", "Dos.")
GONE = Answer("answered", "es", "Retirado.")


@pytest.fixture
async def fake() -> AsyncIterator[FakeConnector]:
    """A stand-in Bot Connector."""
    async with FakeConnector() as running:
        yield running


@pytest.fixture
async def app(fake: FakeConnector) -> AsyncIterator[TeamsApp]:
    """The adapter, served."""
    async with TeamsApp.running(teams_settings(fake)) as running:
        yield running


async def test_edit_changes_the_answer_in_place(app: TeamsApp, fake: FakeConnector) -> None:
    """An edited question replaces itself and its answer: one message remains, changed; a redelivered edit has the same id."""
    original = message("¿uno?", fake.service_url)
    first = await say(app, fake, original)
    await app.adapter.channel.post(first, Reply(FIRST))
    edit = changed(original, "editMessage", "¿dos?")
    second = await say(app, fake, edit)
    assert (second.text, second.replaces, second.said) == ("¿dos?", first.said, first.said)
    assert second.id not in {first.id, (await say(app, fake, {**edit, "timestamp": "2026-11-20T08:09:00Z"})).id}
    assert second.id == (await say(app, fake, edit)).id
    await app.adapter.channel.post(second, Reply(SECOND))
    assert [(one.text, one.edited) for one in fake.shown] == [("Dos.", True)]


async def test_shorter_answer_leaves_nothing_of_the_longer(app: TeamsApp, fake: FakeConnector) -> None:
    """An answer of several messages that becomes one: the others are taken back."""
    original = message("¿uno?", fake.service_url)
    first = await say(app, fake, original)
    await app.adapter.channel.post(first, Reply(Answer("answered", "es", "agua " * 6000)))
    assert len(fake.shown) > 2
    await app.adapter.channel.post(await say(app, fake, changed(original, "editMessage", "¿dos?")), Reply(SECOND))
    assert [one.text for one in fake.shown] == ["Dos."]


async def test_answer_that_somebody_deleted_is_posted_anew(app: TeamsApp, fake: FakeConnector) -> None:
    """If the earlier answer is there no more, the new one is posted as a message of its own."""
    original = message("¿uno?", fake.service_url)
    await app.adapter.channel.post(await say(app, fake, original), Reply(FIRST))
    fake.shown.clear()
    await app.adapter.channel.post(await say(app, fake, changed(original, "editMessage", "¿dos?")), Reply(SECOND))
    assert [(one.text, one.edited) for one in fake.shown] == [("Dos.", False)]


async def test_deleted_question_takes_its_answer_with_it(app: TeamsApp, fake: FakeConnector) -> None:
    """A deleted message is a withdrawal: its answer becomes the remark that it is gone; one never answered leaves nothing."""
    original = message("¿uno?", fake.service_url)
    await app.adapter.channel.post(await say(app, fake, original), Reply(FIRST))
    gone = await say(app, fake, changed(original, "softDeleteMessage"))
    assert (gone.command, gone.replaces, gone.text) == ("retract", original["id"], "")
    await app.adapter.channel.post(gone, Reply(GONE))
    assert [one.text for one in fake.shown] == ["Retirado."]
    never = await say(app, fake, changed(message("¿otra?", fake.service_url), "softDeleteMessage"))
    await app.adapter.channel.post(never, Reply(GONE))
    assert len(fake.shown) == 1


async def test_message_brought_back_is_a_new_question(app: TeamsApp, fake: FakeConnector) -> None:
    """Undoing a deletion asks again, and the answer takes the place of the remark that it is gone."""
    original = message("¿uno?", fake.service_url)
    first = await say(app, fake, original)
    back = await say(app, fake, changed(original, "undeleteMessage", "¿uno?"))
    assert (back.command, back.text, back.replaces) == ("ask", "¿uno?", first.said)
    assert back.id != first.id


async def test_changes_in_unknown_threads_are_dropped(app: TeamsApp, fake: FakeConnector) -> None:
    """Edits and deletions in threads where the adviser takes no part are not stored."""
    other = channel_message("hola a todos", fake.service_url, mentions=())
    for activity in (changed(other, "editMessage", "hola"), changed(other, "softDeleteMessage")):
        assert await app.post(activity, headers=bearer(fake.sign())) == 202
    assert app.submitted == []


class FileHost(FakeServer):
    """Where files of a personal chat lie: an address with a query, no token (files page, seen 2026-11)."""

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/personal/{name}", self._file), web.get("/moved", self._moved)]

    async def _file(self, request: web.Request) -> web.Response:
        return web.Response(body=b"a;b\n1;2\n" if request.match_info["name"] == "caudales.csv" else b"x" * 3000)

    async def _moved(self, _request: web.Request) -> web.Response:
        raise web.HTTPFound("http://127.0.0.1:1/")


@pytest.fixture
async def host() -> AsyncIterator[FileHost]:
    """A stand-in file host."""
    async with FileHost() as running:
        yield running


async def test_file_of_a_personal_chat_is_brought(app: TeamsApp, fake: FakeConnector, host: FileHost) -> None:
    """A sent file is named with the message and fetched through the channel, without our token."""
    sent = {
        "contentType": "application/vnd.microsoft.teams.file.download.info",
        "name": "caudales.csv",
        "content": {"downloadUrl": f"{host.url}/personal/caudales.csv?tempauth=x", "uniqueId": "1", "fileType": "csv"},
    }
    asked = await say(app, fake, message("¿qué dice?", fake.service_url, attachments=[sent]))
    assert [(one.name, one.media_type) for one in asked.files] == [("caudales.csv", "text/csv")]
    channel = app.adapter.channel
    assert isinstance(channel, BringsFiles)
    assert await channel.file(asked, asked.files[0]) == b"a;b\n1;2\n"
    assert "Authorization" not in host.requests[0].headers
    await channel.post(asked, Reply(FIRST))
    assert fake.shown[0].text == "Uno."


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/f", "http://contoso.sharepoint.com/f", "https://contoso.sharepoint.com@evil.example/f",
     "https://sharepoint.com.evil.example/f", "https://evilsharepoint.com/f", "file:///etc/passwd", "",
     "https://169.254.169.254/latest", "https://a\\@contoso.sharepoint.com/f"],
)  # fmt: skip
async def test_files_elsewhere_are_not_fetched(address: str) -> None:
    """Only Microsoft's file hosts are asked, by https."""
    with pytest.raises(InputError):
        await FileFetcher(("sharepoint.com",)).fetch(SentFile("f", address=address))


async def test_large_moved_and_missing_files(host: FileHost) -> None:
    """A file over the limit, one that redirects and one that is gone are refused; a host that fails may be asked again."""
    fetcher = FileFetcher(("127.0.0.1",), limit=2000, timeout=0.5)
    for path in ("personal/big.bin", "moved", "nothing"):
        with pytest.raises(InputError):
            await fetcher.fetch(SentFile("f", address=f"{host.url}/{path}"))
    for fault in (Fault(status=503), Fault(hang=True), Fault(cut=True)):
        host.faults.plan(fault, times=2)  # a cut connection is tried again at once
        with pytest.raises(DeliveryError) as caught:
            await fetcher.fetch(SentFile("f", address=f"{host.url}/personal/caudales.csv"))
        assert caught.value.retryable
        host.faults.clear()


async def test_thanks_that_become_a_question_are_asked(app: TeamsApp, fake: FakeConnector) -> None:
    """Left alone in a thread, then edited: a new message, where it is followed; Teams does not tell what stood there before."""
    first = await say(app, fake, channel_message("<at>Asesor</at> ¿uno?", fake.service_url))
    app.known.add(first.key)
    root = first.said
    thanks = channel_message("gracias", fake.service_url, root=root, mentions=())
    assert await app.post(thanks, headers=bearer(fake.sign())) == 202
    assert len(app.submitted) == 1
    asked = await say(app, fake, changed(thanks, "editMessage", "gracias, ¿y dos?"))
    assert (asked.text, asked.said, asked.replaces) == ("gracias, ¿y dos?", thanks["id"], "")
