"""Calls to Slack's Web API through the SDK; their failures as DeliveryError. Decides nothing else. Retries are the worker's."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.download import downloaded
from adapters.slack.away import GuardedWebClient
from adapters.slack.marks import begun_id, begun_mark
from adapters.slack.render import SlackMessage
from rag.errors import DeliveryError, InputError
from rag.models import Picture

RETRY_AFTER_CAP = 60.0
_HOOKS = ("https://hooks.slack.com/", "https://hooks.slack-gov.com/")
_FILES = ("https://files.slack.com/", "https://files.slack-gov.com/")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_LATER = frozenset({"ratelimited", "rate_limited", "request_timeout"})
_BROKEN = frozenset({"internal_error", "fatal_error", "service_unavailable", "team_added_to_org"})
ENDED = frozenset({"message_not_in_streaming_state", "message_not_found"})
"""What Slack says of a stream that is none any more: it ends them itself after minutes (slackapi/python-slack-sdk issue 1859)."""
_BAD_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
_READ_LIMIT = 15
"""Apps that are sold outside the Marketplace get no more messages a call (Slack changelog, 2025-05-29)."""

sdk_log = logging.getLogger("adapters.slack.sdk")
sdk_log.setLevel(logging.INFO)  # at DEBUG the SDK writes whole messages


class RefusedCallError(DeliveryError):
    """Slack said no; `code` is its word for why."""

    def __init__(self, code: str, *, retryable: bool = False, retry_after: float | None = None) -> None:
        super().__init__(f"Slack says {code}", retryable=retryable, retry_after=retry_after)
        self.code = code


class UnsureError(DeliveryError):
    """No clear answer: what was asked may have been done."""


class SlackClient:
    """One workspace's API. `start` before any call."""

    def __init__(self, token: SecretStr, api_url: str, *, timeout: float = 10.0) -> None:
        self._token, self._timeout = token, timeout
        self.url = api_url if api_url.endswith("/") else f"{api_url}/"
        self._session: aiohttp.ClientSession | None = None
        self._web: AsyncWebClient | None = None

    async def start(self) -> None:
        """Open the pool of connections."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._timeout, connect=self._timeout / 2))
        self._web = self.web(self._token.get_secret_value(), self._session)

    async def stop(self) -> None:
        """Close the pool. Safe to call twice."""
        if self._session is not None:
            await self._session.close()

    def web(self, token: str | None = None, session: aiohttp.ClientSession | None = None) -> AsyncWebClient:
        """The SDK's client on our address, without its retries."""
        web = GuardedWebClient(token=token, base_url=self.url, session=session, retry_handlers=[], logger=sdk_log)
        web.timeout = round(self._timeout)
        if urlsplit(self.url).hostname in _LOOPBACK:
            web.proxy = None  # the SDK takes one from the environment
        return web

    async def who(self) -> tuple[str, frozenset[str]]:
        """The workspace's id and the scopes that the token has."""
        answer = await _ask(self._api.auth_test())
        scopes = next((value for name, value in (answer.headers or {}).items() if name.lower() == "x-oauth-scopes"), "")
        return str(answer.get("team_id", "")), frozenset(filter(None, (scope.strip() for scope in str(scopes).split(","))))

    async def post(self, channel: str, said: SlackMessage, *, thread: str = "", mark: Mapping[str, Any] | None = None) -> str:
        """Post a message, in a thread if given; its ts. `mark` goes along unseen, for `marks` to find."""
        return (await self.place(channel, said, thread=thread, mark=mark))[1]

    async def place(
        self, channel: str, said: SlackMessage, *, thread: str = "", mark: Mapping[str, Any] | None = None
    ) -> tuple[str, str]:
        """As `post`; the channel, too, which is another than was named where a person was named."""
        metadata = {"event_type": "advisor_message", "event_payload": dict(mark)} if mark else None
        common: dict[str, Any] = {"channel": channel, "thread_ts": thread or None, "metadata": metadata}
        common |= {"unfurl_links": False, "unfurl_media": False}
        try:
            answer = await _ask(self._api.chat_postMessage(text=said.notification, blocks=list(said.blocks), **common))
        except RefusedCallError as error:
            if error.code not in _BAD_BLOCKS:
                raise
            sdk_log.error("blocks refused (%s): posted as text", error.code)
            answer = await _ask(self._api.chat_postMessage(text=said.text, **common))
        return str(answer.get("channel") or channel), str(answer.get("ts", ""))

    async def show(self, channel: str, thread: str, pictures: Sequence[Picture]) -> tuple[str, ...]:
        """Upload pictures to a channel, or to a thread in it, with their words for who does not see them; the files' ids."""
        files = [
            {"content": one.png, "filename": f"{one.name}.png", "title": one.title[:250], "alt_txt": one.alt[:1000]}
            for one in pictures
        ]
        try:
            made = await _ask(self._api.files_upload_v2(channel=channel, thread_ts=thread or None, file_uploads=files))
        except SlackRequestError as error:
            raise UnsureError(f"upload: {type(error).__name__}") from None
        return tuple(str(one.get("id", "")) for one in made.get("files") or [])

    async def unshow(self, file: str) -> None:
        """Delete a picture of ours, wherever it is shown."""
        await _ask(self._api.files_delete(file=file))

    async def update(self, channel: str, ts: str, said: SlackMessage, *, mark: Mapping[str, Any] | None = None) -> None:
        """Put another text in a message of ours."""
        metadata = {"event_type": "advisor_message", "event_payload": dict(mark)} if mark else None
        given: dict[str, Any] = {"channel": channel, "ts": ts, "metadata": metadata, "text": said.notification}
        try:
            await _ask(self._api.chat_update(blocks=list(said.blocks), **given))
        except RefusedCallError as error:
            if error.code not in _BAD_BLOCKS:
                raise
            sdk_log.error("blocks refused (%s): updated as text", error.code)
            await _ask(self._api.chat_update(blocks=[], **given))

    async def begin(self, channel: str, thread: str, blocks: Sequence[dict[str, Any]], mark: Mapping[str, Any]) -> str:
        """Begin a stream in a thread of a direct message; its ts. It takes no metadata: the first block's id tells the mark."""
        first, *more = blocks
        chunks = [{"type": "blocks", "blocks": [{**first, "block_id": begun_id(mark)}, *more]}]
        return str((await _ask(self._api.chat_startStream(channel=channel, thread_ts=thread, chunks=chunks))).get("ts", ""))

    async def add(self, channel: str, ts: str, blocks: Sequence[dict[str, Any]]) -> None:
        """More blocks at the end of a stream."""
        chunks = [{"type": "blocks", "blocks": list(blocks)}]
        await _ask(self._api.chat_appendStream(channel=channel, ts=ts, chunks=chunks))

    async def end(self, channel: str, ts: str) -> None:
        """End a stream, so that it can be changed like any message. One that Slack has ended already is no error."""
        try:
            await _ask(self._api.chat_stopStream(channel=channel, ts=ts))
        except RefusedCallError as error:
            if error.code not in ENDED:
                raise

    async def whisper(self, channel: str, user: str, said: SlackMessage, *, thread: str = "") -> None:
        """A message in a channel that one person alone sees."""
        given: dict[str, Any] = {"channel": channel, "user": user, "thread_ts": thread or None}
        await _ask(self._api.chat_postEphemeral(text=said.notification, blocks=list(said.blocks), **given))

    async def open_view(self, trigger: str, view: Mapping[str, Any]) -> None:
        """Open a form for who pressed a button less than three seconds ago."""
        await _ask(self._api.views_open(trigger_id=trigger, view=dict(view)))

    async def publish(self, user: str, view: Mapping[str, Any]) -> None:
        """A person's Home page."""
        await _ask(self._api.views_publish(user_id=user, view=dict(view)))

    async def manages(self, channel: str, user: str) -> bool:
        """Whether a person created the channel or administers the workspace."""
        answer = await _ask(self._api.conversations_info(channel=channel))
        if (answer.get("channel") or {}).get("creator") == user:
            return True
        person = (await _ask(self._api.users_info(user=user))).get("user") or {}
        return person.get("is_admin") is True or person.get("is_owner") is True

    async def respond(self, hook: str, said: SlackMessage) -> None:
        """Answer a command at its response_url; only the asker sees it."""
        if not (hook.startswith(_HOOKS) or hook.startswith(self._origin)):
            raise DeliveryError("response_url on a foreign host", retryable=False)
        webhook = AsyncWebhookClient(hook, session=self._session, retry_handlers=[], logger=sdk_log)
        webhook.proxy = self._api.proxy
        try:
            answer = await webhook.send_dict(
                {
                    "response_type": "ephemeral",
                    "replace_original": False,  # where a button asked on, the answer above it stays
                    "text": said.notification,
                    "blocks": list(said.blocks),
                }  # nothing is unfurled there
            )
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise UnsureError(f"response_url: {type(error).__name__}") from None
        if answer.status_code != 200:
            raise _refused(answer.status_code, answer.headers, "response_url")

    async def file(self, address: str) -> tuple[bytes, str]:
        """A file that someone sent, with its content type. The token goes to Slack's own hosts alone: InputError for others."""
        if not (address.startswith(_FILES) or address.startswith(self._origin)):
            raise InputError("its address is not one of Slack's file hosts")
        return await downloaded(address, {"Authorization": f"Bearer {self._token.get_secret_value()}"})

    async def remove(self, channel: str, ts: str) -> None:
        """Delete a message of ours."""
        await _ask(self._api.chat_delete(channel=channel, ts=ts))

    async def react(self, channel: str, ts: str, name: str) -> bool:
        """Add a reaction; False if it stood there already."""
        try:
            await _ask(self._api.reactions_add(channel=channel, timestamp=ts, name=name))
        except RefusedCallError as error:
            if error.code != "already_reacted":
                raise
            return False
        return True

    async def unreact(self, channel: str, ts: str, name: str) -> None:
        """Take a reaction away."""
        await _ask(self._api.reactions_remove(channel=channel, timestamp=ts, name=name))

    async def status(self, channel: str, thread: str, said: str) -> None:
        """What the assistant is doing, until it posts."""
        await _ask(self._api.assistant_threads_setStatus(channel_id=channel, thread_ts=thread, status=said))

    async def prompts(self, channel: str, thread: str, prompts: Sequence[Mapping[str, str]]) -> None:
        """Suggest questions, at most four: in a thread of the assistant's or, without one, in a direct message."""
        chosen = {"channel_id": channel, "prompts": [dict(prompt) for prompt in prompts]}
        if thread:  # Slack drops the call in silence if a newer app names a thread (setSuggestedPrompts page, seen 2026)
            chosen["thread_ts"] = thread
        await _ask(self._api.api_call("assistant.threads.setSuggestedPrompts", json=chosen))

    async def marks(self, channel: str, thread: str, since: str) -> list[Mapping[str, Any]]:
        """What `post` sent along with our messages in a thread (or channel) since a message, and the `ts` of each. One call."""
        given: dict[str, Any] = {"channel": channel, "oldest": since, "limit": _READ_LIMIT, "include_all_metadata": True}
        web = self._api
        answer = await _ask(web.conversations_replies(ts=thread, **given) if thread else web.conversations_history(**given))
        found: list[Mapping[str, Any]] = []
        for message in answer.get("messages") or []:
            metadata, blocks, ts = message.get("metadata") or {}, message.get("blocks") or [], str(message.get("ts", ""))
            if metadata.get("event_type") == "advisor_message" and isinstance(metadata.get("event_payload"), dict):
                found.append({**metadata["event_payload"], "ts": ts})
            elif blocks and message.get("bot_id") and (mark := begun_mark(str(blocks[0].get("block_id", "")))):
                found.append({**mark, "ts": ts})
        return found

    async def locale(self, user: str) -> str:
        """The language of a person's Slack, as "es-ES"."""
        answer = await _ask(self._api.users_info(user=user, include_locale=True))
        return str((answer.get("user") or {}).get("locale") or "")

    @property
    def _api(self) -> AsyncWebClient:
        assert self._web is not None, "started before any call"  # noqa: S101 - tells the type checker
        return self._web

    @property
    def _origin(self) -> str:
        """Where a stand-in's response_urls are; Slack's own are elsewhere."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}/"


async def _ask(call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """A call's answer. RefusedCallError: surely not done. UnsureError: perhaps done."""
    try:
        return await call
    except SlackApiError as error:
        response: Any = error.response
        if not isinstance(response, AsyncSlackResponse):  # a body that is no JSON: the SDK hands over the bare response
            raise _refused(response.status, response.headers, "no JSON") from None
        data = response.data if isinstance(response.data, dict) else {}
        raise _refused(response.status_code, response.headers, str(data.get("error", ""))) from None
    except (aiohttp.ClientError, TimeoutError, ValueError, AttributeError) as error:
        # the last two: the SDK on an answer that is no JSON object
        raise UnsureError(f"Slack did not answer: {type(error).__name__}") from None


def _refused(status: int, headers: Mapping[str, str], code: str) -> DeliveryError:
    if status == 429 or code in _LATER:
        named = {name.lower(): value for name, value in headers.items()}
        wait = seconds_to_wait(named.get("retry-after", ""), datetime.now(UTC))
        return RefusedCallError(code or "429", retryable=True, retry_after=wait)
    if status >= 500 or code in _BROKEN or (status == 200 and not code):
        return UnsureError(f"Slack answered {status} {code}".strip())
    return RefusedCallError(code or str(status))


def seconds_to_wait(value: str, now: datetime) -> float | None:
    """A Retry-After header, seconds or a date, between 0 and the cap; None if it says nothing usable."""
    if re.fullmatch(r"\s*\d{1,9}(\.\d*)?\s*", value, re.ASCII):
        return min(float(value), RETRY_AFTER_CAP)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), RETRY_AFTER_CAP)
