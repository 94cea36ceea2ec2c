"""The stand-in Bot Connector against Microsoft's own SDK: what drifts from it fails here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msal
import pytest
import requests
from aiohttp import web
from aiohttp.test_utils import TestServer
from microsoft_agents.activity import (
    Activity,
    AIEntity,
    ClientCitation,
    ClientCitationAppearance,
    ConversationReference,
)
from microsoft_agents.hosting.aiohttp import CloudAdapter, jwt_authorization_middleware, start_agent_process
from microsoft_agents.hosting.core import ActivityHandler, AgentAuthConfiguration, ConnectionManager, TurnContext
from microsoft_agents.hosting.core.authorization import AnonymousTokenProvider
from microsoft_agents.hosting.core.authorization.jwt import jwt_token_validator
from microsoft_agents.hosting.core.connector import ConnectorClient

from adapters.registry import Adapter
from adapters.teams import TeamsAdapter
from adapters.teams.inbound import read
from tests.fakes.bot_activities import channel_message, group_message, installation, members_added, message
from tests.fakes.bot_connector import APP_ID, ISSUER, PASSWORD, SCOPE, TENANT, FakeConnector
from tests.fakes.faults import Fault
from tests.fakes.teams_app import teams_settings
from tests.security.teams_tokens import bearer


@pytest.fixture
async def fake() -> AsyncIterator[FakeConnector]:
    """A stand-in Bot Connector."""
    async with FakeConnector() as running:
        yield running


async def token_for(fake: FakeConnector) -> str:
    """A token as the platform gives it to the bot."""
    form = {"grant_type": "client_credentials", "client_id": APP_ID, "client_secret": PASSWORD, "scope": SCOPE}
    async with aiohttp.ClientSession() as session, session.post(f"{fake.url}/{TENANT}/oauth2/v2.0/token", data=form) as response:
        return str((await response.json())["access_token"])


class Tokens(AnonymousTokenProvider):
    """The SDK's port for tokens, over the stand-in: MSAL itself insists on https."""

    def __init__(self, fake: FakeConnector) -> None:
        super().__init__()
        self._fake = fake

    async def get_access_token(self, resource_url: str, scopes: list[str], force_refresh: bool = False) -> str:
        """A token of the stand-in."""
        return await token_for(self._fake)


class Echo(ActivityHandler):
    """Says what it heard, with a citation."""

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        """Reply in the turn."""
        look = ClientCitationAppearance(at_type="DigitalDocument", name="Manual", abstract="Cita")
        claim = ClientCitation(at_type="Claim", position=1, appearance=look)
        entity = AIEntity(
            type="https://schema.org/Message", at_type="Message", at_context="https://schema.org", id="",
            additional_type=["AIGeneratedContent"], citation=[claim],
        )  # fmt: skip
        await turn_context.send_activity(Activity(type="message", text=f"{turn_context.activity.text} [1]", entities=[entity]))


@pytest.mark.filterwarnings("ignore::aiohttp.web.NotAppKeyWarning")  # the SDK looks its configuration up by a plain name
async def test_sdk_accepts_a_signed_activity_and_replies(fake: FakeConnector, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's own server takes what the stand-in signs, refuses no token at all, and its reply is shown with its citation."""
    monkeypatch.setitem(jwt_token_validator.BOTFRAMEWORK_JWKS_URIS, ISSUER, f"{fake.url}/v1/.well-known/keys")
    configuration = AgentAuthConfiguration(client_id=APP_ID, client_secret=PASSWORD, tenant_id=TENANT)
    adapter = CloudAdapter(connection_manager=ConnectionManager(lambda _c: Tokens(fake), {"SERVICE_CONNECTION": configuration}))

    async def receive(request: web.Request) -> web.Response:
        return await start_agent_process(request, Echo(), adapter) or web.Response(status=202)

    app = web.Application(middlewares=[jwt_authorization_middleware])
    app["agent_configuration"] = configuration
    app.router.add_post("/api/messages", receive)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        for headers, wanted in ((bearer(fake.sign()), 202), ({}, 401)):
            sent = message("hola", fake.service_url)
            async with session.post(server.make_url("/api/messages"), json=sent, headers=headers) as response:
                assert response.status == wanted
    (shown,) = fake.shown
    assert (shown.text, shown.ai_label, len(shown.citations)) == ("hola [1]", True, 1)


async def test_sdk_client_posts_updates_and_deletes(fake: FakeConnector) -> None:
    """The SDK's client and the stand-in agree on the routes, ids and errors of messages."""
    token = await token_for(fake)
    async with aiohttp.ClientSession(base_url=fake.service_url) as session:
        conversations = ConnectorClient(fake.service_url, token, session=session).conversations
        first = await conversations.send_to_conversation("a:1", Activity(type="message", text="uno"))
        reply = await conversations.reply_to_activity("a:1", "m1", Activity(type="message", text="dos"))
        await conversations.update_activity("a:1", first.id, Activity(type="message", text="uno bis"))
        assert [(shown.text, shown.reply_to, shown.edited) for shown in fake.shown] == [
            ("uno bis", "", True),
            ("dos", "m1", False),
        ]
        await conversations.delete_activity("a:1", reply.id)
        assert [shown.text for shown in fake.shown] == ["uno bis"]
        await conversations.send_to_conversation("a:1", Activity(type="typing"))
        assert fake.typing == ["a:1"]
        for text, status in (("a" * 20_000, 413), ("x", 429)):
            if status == 429:
                fake.faults.plan(Fault(status=429, headers={"Retry-After": "3"}), path="/activities")
            with pytest.raises(aiohttp.ClientResponseError) as caught:
                await conversations.send_to_conversation("a:1", Activity(type="message", text=text))
            assert caught.value.status == status
        assert caught.value.headers is not None
        assert caught.value.headers["Retry-After"] == "3"
        fake.revoke_tokens()
        with pytest.raises(aiohttp.ClientResponseError) as caught:
            await conversations.send_to_conversation("a:1", Activity(type="message", text="x"))
        assert caught.value.status == 401


@pytest.mark.parametrize("family", ["not_allowed", "cancelled", "time"])
async def test_streams_are_refused_by_family(fake: FakeConnector, family: str) -> None:
    """A stream update meets 403 in each of the ways that the platform ends a stream; an ordinary message passes."""
    fake.stream_refusal = family
    entity = {"type": "streaminfo", "streamType": "informative", "streamSequence": 1}
    async with aiohttp.ClientSession(base_url=fake.service_url) as session:
        conversations = ConnectorClient(fake.service_url, await token_for(fake), session=session).conversations
        update = Activity.model_validate({"type": "typing", "text": "Buscando", "entities": [entity]})
        with pytest.raises(aiohttp.ClientResponseError) as caught:
            await conversations.send_to_conversation("a:1", update)
        assert (caught.value.status, "ContentStreamNotAllowed" in caught.value.message) == (403, True)
        assert (await conversations.send_to_conversation("a:1", Activity(type="message", text="uno"))).id


@pytest.mark.parametrize(("name", "abstract", "count"), [("", "b", 1), ("a" * 81, "b", 1), ("a", "b" * 161, 1), ("a", "b", 21)])
async def test_faulty_citations_are_refused(fake: FakeConnector, name: str, abstract: str, count: int) -> None:
    """The platform's limits on citations are the stand-in's too."""
    look = ClientCitationAppearance(at_type="DigitalDocument", name=name, abstract=abstract)
    claims = [ClientCitation(at_type="Claim", position=n + 1, appearance=look) for n in range(count)]
    made = Activity(
        type="message", text="x", entities=[AIEntity(at_type="Message", at_context="https://schema.org", citation=claims)]
    )
    async with aiohttp.ClientSession(base_url=fake.service_url) as session:
        conversations = ConnectorClient(fake.service_url, await token_for(fake), session=session).conversations
        with pytest.raises(aiohttp.ClientResponseError) as caught:
            await conversations.send_to_conversation("a:1", made)
        assert caught.value.status == 400


def test_sdk_model_reads_every_activity() -> None:
    """The SDK's model accepts each kind of activity that the stand-in builds, and reads the same ids and text as ours."""
    built = [
        message("hola", "https://x/"),
        channel_message("<at>Asesor</at> hola", "https://x/"),
        group_message("<at>Asesor</at> hola", "https://x/"),
        installation("https://x/"),
        members_added("https://x/"),
    ]
    for raw in built:
        theirs, ours = Activity.model_validate(raw), read(raw)
        assert isinstance(theirs.get_conversation_reference(), ConversationReference)
        assert theirs.from_property is not None
        assert ours.sender is not None
        assert (theirs.id, theirs.conversation.id, theirs.from_property.id, theirs.text) == (
            ours.id, ours.conversation.id, ours.sender.id, ours.text,
        )  # fmt: skip


class PlainHttp(requests.Session):
    """MSAL speaks https only: the same calls to the stand-in, without encryption."""

    def __init__(self, fake: FakeConnector) -> None:
        super().__init__()
        self._fake = fake

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        """Swap the address."""
        answered = super().request(method, str(url).replace("https://login.example", self._fake.url), *args, **kwargs)
        answered._content = answered.content.replace(self._fake.url.encode(), b"https://login.example")
        return answered


@pytest.mark.parametrize(("secret", "given"), [(PASSWORD, True), ("wrong", False)])
async def test_msal_takes_the_token_service_for_one(fake: FakeConnector, secret: str, given: bool) -> None:
    """Microsoft's own library finds the token endpoint and gets, or is refused, a token."""
    with PlainHttp(fake) as http:
        application = await asyncio.to_thread(
            lambda: msal.ConfidentialClientApplication(
                APP_ID, client_credential=secret, authority=f"https://login.example/{TENANT}",
                instance_discovery=False, http_client=http,
            )
        )  # fmt: skip
        answered = await asyncio.to_thread(application.acquire_token_for_client, [SCOPE])
    assert ("access_token" in answered) is given


async def test_adapter_is_one(fake: FakeConnector) -> None:
    """The adapter is what the composition root expects of one."""
    settings = teams_settings(fake)

    async def submit(_message: object) -> bool:
        return True

    adapter: Adapter = TeamsAdapter(settings, submit, submit)
    assert adapter.channel.platform == "teams"
