"""The stand-in Slack against Slack's own SDK: what drifts from it fails here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from tests.fakes import slack_events as says
from tests.fakes.slack_api import APP_TOKEN, BOT_TOKEN, FakeSlack
from tests.fakes.slack_events import ANA, CHANNEL, DM, LUIS, TEAM

ROOT = "1795000000.900000"


@pytest.fixture
async def fake() -> AsyncIterator[FakeSlack]:
    """A stand-in Slack."""
    async with FakeSlack() as running:
        yield running


@pytest.fixture
def client(fake: FakeSlack) -> AsyncWebClient:
    """The SDK's client, pointed at the stand-in, impatient."""
    return AsyncWebClient(token=BOT_TOKEN, base_url=fake.base_url, timeout=2)


def section(text: str) -> dict[str, Any]:
    """A section of mrkdwn."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def markdown(text: str) -> dict[str, Any]:
    """A block of Markdown."""
    return {"type": "markdown", "text": text}


async def error_of(call: Any) -> str:
    """The name of the error with which Slack refuses."""
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_token_is_needed_and_known(fake: FakeSlack, client: AsyncWebClient) -> None:
    """The app's token tells who it is; none, a wrong one and one of the wrong kind are refused by name."""
    who = await client.auth_test()
    assert (who["team_id"], who["user_id"]) == (TEAM, says.BOT_USER)
    assert await error_of(client.auth_test(token="xoxb-other")) == "invalid_auth"
    assert await error_of(AsyncWebClient(base_url=fake.base_url).auth_test()) == "not_authed"
    assert await error_of(client.auth_test(token=APP_TOKEN)) == "not_allowed_token_type"
    assert await error_of(client.api_call("chat.unheardOf")) == "unknown_method"


async def test_thread_shows_what_a_person_saw(fake: FakeSlack, client: AsyncWebClient) -> None:
    """Posts, updates and deletions leave in the thread what a person would see, with metadata and unfurl flags kept."""
    meta = {"event_type": "answer", "event_payload": {"id": "Ev1"}}
    first = await client.chat_postMessage(
        channel=CHANNEL, thread_ts=ROOT, text="Pensando", metadata=meta, unfurl_links=False, unfurl_media=False
    )
    second = await client.chat_postMessage(channel=CHANNEL, thread_ts=ROOT, text="b", blocks=[section("Dos")])
    await client.chat_postMessage(channel=CHANNEL, text="fuera del hilo")
    await client.chat_update(channel=CHANNEL, ts=first["ts"], text="Uno", blocks=[markdown("Uno [1]")])
    assert [post.seen for post in fake.visible(CHANNEL, ROOT)] == ["Uno [1]", "Dos"]
    await client.chat_delete(channel=CHANNEL, ts=second["ts"])
    (left,) = fake.visible(CHANNEL, ROOT)
    assert (left.metadata, left.unfurl_links, left.unfurl_media, left.edited) == (meta, False, False, True)
    assert [post.deleted for post in fake.posts] == [False, True, False]
    assert fake.calls("chat.postMessage") == 3
    assert fake.sent("chat.update")[0].sent["ts"] == first["ts"]


async def test_text_alone_does_not_change_blocks(fake: FakeSlack, client: AsyncWebClient) -> None:
    """An update that brings only a text leaves the old blocks to be read; an empty list removes them."""
    posted = await client.chat_postMessage(channel=CHANNEL, text="x", blocks=[section("viejo")])
    await client.chat_update(channel=CHANNEL, ts=posted["ts"], text="nuevo")
    assert fake.visible(CHANNEL)[0].seen == "viejo"
    await client.chat_update(channel=CHANNEL, ts=posted["ts"], text="nuevo", blocks=[])
    assert fake.visible(CHANNEL)[0].seen == "nuevo"


async def test_ephemeral_is_seen_by_one(fake: FakeSlack, client: AsyncWebClient) -> None:
    """An ephemeral message is seen by its user only and cannot be updated."""
    made = await client.chat_postEphemeral(channel=CHANNEL, user=ANA, text="solo tú")
    assert [post.seen for post in fake.visible(CHANNEL, user=ANA)] == ["solo tú"]
    assert fake.visible(CHANNEL, user=LUIS) == []
    assert await error_of(client.chat_update(channel=CHANNEL, ts=made["message_ts"], text="x")) == "message_not_found"


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ({"text": "x" * 40_000}, ""),
        ({"text": "x" * 40_001}, "msg_too_long"),
        ({"blocks": [section("x" * 3_000)]}, ""),
        ({"blocks": [section("x" * 3_001)]}, "invalid_blocks"),
        ({"blocks": [section("")]}, "invalid_blocks"),
        ({"blocks": [{"type": "divider"}] * 50}, ""),
        ({"blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"blocks": [{"type": "marquee"}]}, "invalid_blocks"),
        ({"blocks": [{**section("a"), "block_id": "1"}, {**section("b"), "block_id": "1"}]}, "invalid_blocks"),
        ({"blocks": "nada"}, "invalid_blocks_format"),
        ({"blocks": [markdown("x" * 12_000)]}, ""),
        ({"blocks": [markdown("x" * 12_001)]}, "msg_too_long"),
        ({"blocks": [markdown("# a\n\nb\n\n" * 25)]}, ""),
        ({"blocks": [markdown("# a\n\nb\n\n" * 26)]}, "invalid_blocks"),
        ({"blocks": [markdown("```\n# a\n\nb\n\n```\n" * 26)]}, ""),
        ({"blocks": [markdown("- a\n- b\n\n- c\n  d\n" * 60)]}, ""),
        ({"blocks": [section("x" * 2_605)] * 5}, ""),
        ({"blocks": [section("x" * 2_606)] * 5}, "msg_blocks_too_long"),
        ({"markdown_text": "x" * 12_000}, ""),
        ({"markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"markdown_text": "x", "text": "y"}, "markdown_text_conflict"),
        ({"text": ""}, "no_text"),
        ({"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
        ({"text": "x", "thread_ts": "ayer"}, "invalid_thread_ts"),
        ({"text": "x", "channel": "C9999"}, "channel_not_found"),
        ({"text": "x", "channel": ""}, "invalid_arguments"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*text.*:UserWarning")  # the SDK asks for a text beside blocks
async def test_limits_of_a_message(fake: FakeSlack, client: AsyncWebClient, message: dict[str, Any], error: str) -> None:
    """A message at each limit is shown; one beyond it is refused with Slack's name for it, and not shown."""
    call = client.chat_postMessage(**{"channel": CHANNEL, **message})
    if error:
        assert await error_of(call) == error
    else:
        await call
    assert len(fake.posts) == (not error)


async def test_refusal_says_where(client: AsyncWebClient) -> None:
    """A refusal of blocks names the place and the rule, as Slack does in response_metadata."""
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=CHANNEL, text="x", blocks=[section("a"), section("x" * 3_001)])
    assert caught.value.response["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]"
    ]


async def test_update_limits(fake: FakeSlack, client: AsyncWebClient) -> None:
    """An update takes 4,000 characters of text, and only on the app's own message."""
    posted = await client.chat_postMessage(channel=CHANNEL, text="a")
    await client.chat_update(channel=CHANNEL, ts=posted["ts"], text="x" * 4_000)
    assert await error_of(client.chat_update(channel=CHANNEL, ts=posted["ts"], text="x" * 4_001)) == "msg_too_long"
    heard = says.channel_message("hola")
    fake.room.hear(heard)
    assert await error_of(client.chat_update(channel=CHANNEL, ts=heard["event"]["ts"], text="x")) == "cant_update_message"


async def test_stream_by_the_sdks_helper(fake: FakeSlack, client: AsyncWebClient) -> None:
    """The SDK's chat_stream writes a message in pieces and ends it with blocks; after that nothing can be added."""
    stream = await client.chat_stream(
        channel=CHANNEL, thread_ts=ROOT, recipient_team_id=TEAM, recipient_user_id=ANA, buffer_size=4
    )
    await stream.append(markdown_text="El caudal ")
    await stream.append(markdown_text="baja un 12 %.")
    (growing,) = fake.visible(CHANNEL, ROOT)
    assert growing.streaming
    assert await error_of(client.chat_update(channel=CHANNEL, ts=growing.ts, text="otro")) == "streaming_state_conflict"
    await stream.stop(blocks=[section("Fuentes")])
    (post,) = fake.visible(CHANNEL, ROOT)
    assert (post.seen, post.streaming) == ("El caudal baja un 12 %.\nFuentes", False)
    late = client.chat_appendStream(channel=CHANNEL, ts=post.ts, markdown_text="más")
    assert await error_of(late) == "message_not_in_streaming_state"


@pytest.mark.parametrize(
    "block",
    [
        {"type": "sektion", "text": {"type": "mrkdwn", "text": "x"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "x", "bold": True}},
        {"type": "section", "texto": "x"},
        {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "x"}, "colour": "red"}]},
    ],
)
async def test_what_slacks_own_types_do_not_know_is_refused(client: AsyncWebClient, block: dict[str, Any]) -> None:
    """An unknown block, or a property that the SDK's models have not, in a message as in a form."""
    assert await error_of(client.chat_postMessage(channel=CHANNEL, text="x", blocks=[block])) == "invalid_blocks"
    view = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": [block]}
    assert await error_of(client.views_open(trigger_id="1", view=view)) in {"invalid_blocks", "invalid_arguments"}
    odd = {"type": "home", "blocks": [], "colour": "red"}
    assert await error_of(client.views_publish(user_id=ANA, view=odd)) == "invalid_arguments"


async def test_stream_limits(fake: FakeSlack, client: AsyncWebClient) -> None:
    """Streams want a recipient in channels but not in direct messages, bear 12,000 a call, and Slack may end them."""
    assert await error_of(client.chat_startStream(channel=CHANNEL, thread_ts=ROOT)) == "missing_recipient_team_id"
    lacking = client.chat_startStream(channel=CHANNEL, thread_ts=ROOT, recipient_team_id=TEAM)
    assert await error_of(lacking) == "missing_recipient_user_id"
    started = await client.chat_startStream(channel=DM, thread_ts=ROOT)
    long = client.chat_appendStream(channel=DM, ts=started["ts"], markdown_text="x" * 12_001)
    assert await error_of(long) == "msg_too_long"
    fake.end_streams()
    stopped = client.chat_stopStream(channel=DM, ts=started["ts"])
    assert await error_of(stopped) == "message_not_in_streaming_state"


async def test_people_and_places(fake: FakeSlack, client: AsyncWebClient) -> None:
    """Channels, direct messages and people are described as the SDK's callers expect; unknown ones by Slack's errors."""
    assert (await client.conversations_info(channel="G0001"))["channel"]["is_private"] is True
    assert (await client.conversations_info(channel=DM))["channel"]["user"] == ANA
    assert await error_of(client.conversations_info(channel="C9999")) == "channel_not_found"
    assert (await client.users_info(user=LUIS, include_locale=True))["user"]["locale"] == "en-GB"
    assert "locale" not in (await client.users_info(user=LUIS))["user"]
    assert await error_of(client.users_info(user="U9999")) == "user_not_found"
    assert (await client.conversations_open(users=[ANA]))["channel"]["id"] == DM


async def test_thread_is_read_back(fake: FakeSlack, client: AsyncWebClient) -> None:
    """conversations.replies gives the question and the answer, oldest first, with the app's marks on its own."""
    asked = says.app_mention("¿cuánto gasta?", ts=ROOT)
    fake.room.hear(asked)
    await client.chat_postMessage(channel=CHANNEL, thread_ts=ROOT, text="12 kWh")
    messages = (await client.conversations_replies(channel=CHANNEL, ts=ROOT))["messages"]
    assert [one["user"] for one in messages] == [ANA, says.BOT_USER]
    assert messages[1]["bot_id"] == says.BOT_ID
    assert [post.seen for post in fake.visible(CHANNEL, ROOT)] == ["12 kWh"]
    assert await error_of(client.conversations_replies(channel=CHANNEL, ts="1795000000.999999")) == "thread_not_found"


async def test_assistant_thread(fake: FakeSlack, client: AsyncWebClient) -> None:
    """Status, prompts and title are kept; posting takes the status away; a fifth prompt is refused."""
    await client.assistant_threads_setStatus(channel_id=DM, thread_ts=ROOT, status="busca…")
    await client.chat_postMessage(channel=DM, thread_ts=ROOT, text="ya")
    assert fake.room.statuses == [(DM, ROOT, "busca…"), (DM, ROOT, "")]
    prompt = {"title": "Agua", "message": "¿Cómo ahorro agua?"}
    await client.assistant_threads_setSuggestedPrompts(channel_id=DM, thread_ts=ROOT, prompts=[prompt] * 4)
    assert fake.room.prompts[0]["prompts"] == [prompt] * 4
    many = client.assistant_threads_setSuggestedPrompts(channel_id=DM, thread_ts=ROOT, prompts=[prompt] * 5)
    assert await error_of(many) == "invalid_arguments"
    await client.assistant_threads_setTitle(channel_id=DM, thread_ts=ROOT, title="Agua")
    assert fake.room.titles == {(DM, ROOT): "Agua"}


async def test_reactions_and_views(fake: FakeSlack, client: AsyncWebClient) -> None:
    """A reaction can be set once and removed once; views are kept, and a title of 25 characters is refused."""
    mark = {"channel": CHANNEL, "timestamp": ROOT, "name": "eyes"}
    await client.reactions_add(**mark)
    assert await error_of(client.reactions_add(**mark)) == "already_reacted"
    await client.reactions_remove(**mark)
    assert await error_of(client.reactions_remove(**mark)) == "no_reaction"
    modal = {"type": "modal", "title": {"type": "plain_text", "text": "Opinión"}, "blocks": [section("¿Qué falló?")]}
    await client.views_open(trigger_id="1.T.x", view=modal)
    await client.views_publish(user_id=ANA, view={"type": "home", "blocks": [section("Hola")]})
    assert [view["type"] for view in fake.room.views] == ["modal", "home"]
    long = {**modal, "title": {"type": "plain_text", "text": "x" * 25}}
    assert await error_of(client.views_open(trigger_id="1.T.x", view=long)) == "invalid_arguments"


async def test_response_url(fake: FakeSlack, client: AsyncWebClient) -> None:
    """The SDK's webhook client answers for one, for all, in place of the message with the button; five times, not six."""
    hook = AsyncWebhookClient(fake.response_url(CHANNEL, ANA))
    assert (await hook.send(text="solo tú")).status_code == 200
    await hook.send(text="todos", response_type="in_channel")
    assert [(post.seen, post.ephemeral) for post in fake.visible(CHANNEL, user=ANA)] == [("solo tú", ANA), ("todos", "")]
    assert (await hook.send(blocks=[section("x" * 3_001)])).status_code == 400
    for _ in range(3):
        assert (await hook.send(text="más")).status_code == 200
    assert (await hook.send(text="seis")).status_code == 404
    button = await client.chat_postMessage(channel=CHANNEL, text="¿Útil?")
    pressed = AsyncWebhookClient(fake.response_url(CHANNEL, ANA, message_ts=button["ts"]))
    await pressed.send(text="Gracias", replace_original=True)
    assert fake.visible(CHANNEL)[-1].seen == "Gracias"
    await pressed.send(delete_original=True)
    assert [post.seen for post in fake.visible(CHANNEL)] == ["todos"]
    fake.hooks.expire()
    assert (await pressed.send(text="tarde")).status_code == 404


@pytest.mark.parametrize(("change", "error"), [({"archived": True}, "is_archived"), ({"member": False}, "not_in_channel")])
async def test_closed_channels(fake: FakeSlack, client: AsyncWebClient, change: dict[str, Any], error: str) -> None:
    """Nothing can be posted in an archived channel or in one that the app is not in."""
    fake.room.places[CHANNEL] = replace(fake.room.places[CHANNEL], **change)
    assert await error_of(client.chat_postMessage(channel=CHANNEL, text="hola")) == error
    assert fake.posts == []
