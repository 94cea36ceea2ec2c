"""What people press and send in Slack. Asks the desk, which checks who may see what; a refusal is told to who pressed."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import replace
from typing import Any, Literal

from slack_bolt import BoltResponse

from adapters.registry import Submit
from adapters.slack import modals
from adapters.slack.asking import Asking, Said
from adapters.slack.buttons import ASSUME, DECIDE, SETTINGS
from adapters.slack.channel import SlackChannel
from adapters.slack.client import RefusedCallError, SlackClient
from adapters.slack.experts import ExpertPresses, why
from adapters.slack.kept import Remembered
from adapters.slack.once import Once
from adapters.slack.pace import Pace, patiently
from adapters.slack.payload import Action, Interaction, Submission, read
from adapters.slack.people import People
from adapters.slack.place import Place
from adapters.slack.render import asked, told
from bot.forms import FieldError
from bot.messages import Actor, IncomingMessage
from bot.ports import Desk
from bot.redis_calls import digest
from config import texts
from rag.errors import AdvisorError, InputError, NotAllowedError
from rag.models import Language

log = logging.getLogger(__name__)
AGAIN_SECONDS = 600
"""So long the same button asks once for the same person."""
ANSWER_SECONDS = 2.5
"""Slack waits three seconds for the answer to a press, and as long opens a form for it (interactivity page, seen 2026-11)."""
_DONE = BoltResponse(status=200, body="")
_FIRST = {SETTINGS: "site", DECIDE: "which", ASSUME: "price"}
"""The field beneath which it is told that a form cannot be taken."""


class NotManagerError(NotAllowedError):
    """Only who created a channel, or administers the workspace, may set what the adviser does there."""

    text_key = "slack.not_manager"


class Presses:
    """Answers interactions that have been verified."""

    def __init__(
        self,
        desk: Desk,
        client: SlackClient,
        channel: SlackChannel,
        pace: Pace,
        people: People,
        submit: Submit,
        remembered: Remembered,
    ) -> None:
        self._desk, self._client, self._channel = desk, client, channel
        self._people, self._submit = people, submit
        self._once = Once(client, pace, remembered.kept)
        self._asking = Asking(people, submit, self._once, channel.later)
        self._experts, self._remembered = ExpertPresses(desk, client, self._once, remembered), remembered

    async def take(self, body: dict[str, Any]) -> BoltResponse:
        """200, always: what cannot be done is told to who pressed, in their language."""
        if body.get("type") == "view_submission":
            return await self._sent(read(Submission, body))
        press, until = read(Interaction, body), asyncio.get_running_loop().time() + ANSWER_SECONDS
        actor, thread = actor_of(press)
        language = await self._people.language(actor.user)
        actor = replace(actor, locale=self._people.known(actor.user))
        try:
            async with asyncio.timeout_at(until):
                await self._do(press, press.actions[0], actor, thread, language)
        except (TimeoutError, AdvisorError) as error:
            log.info("press refused action=%s error=%s", press.actions[0].action_id[:20], type(error).__name__)
            self._channel.later(self._tell(press, thread, why(error, language)))
        return _DONE

    async def _tell(self, press: Interaction, thread: str, words: str) -> None:
        """To who pressed alone: where they pressed, or at the press's own address; from the Home page in their direct message."""
        channel, user, said = press.container.channel_id, press.user.id, told(words)
        if not channel:
            await patiently(lambda: self._client.post(user, said))
            return
        try:
            await self._client.whisper(channel, user, said, thread=thread)
        except RefusedCallError:
            if not press.response_url:
                raise
            await self._client.respond(press.response_url, said)

    async def _do(self, press: Interaction, action: Action, actor: Actor, thread: str, language: Language) -> None:
        match action.action_id.partition("-")[0]:
            case "source":
                data = _data(action)
                view = await self._desk.open_source(actor, _text(data, "exchange"), _number(data, "n"))
                await self._client.open_view(press.trigger_id, modals.source(view, language))
            case "recall":
                kept = await self._desk.recall(actor, _text(_data(action), "exchange"))
                await self._client.open_view(press.trigger_id, modals.recalled(kept, language))
            case "follow":
                await self._ask(press, action, actor, thread)
            case "judge":
                await self._judge(press, action, actor, language)
            case "expert":
                await self._experts.hand_over(actor, _text(_data(action), "exchange"), thread, press.container.channel_id)
            case "keep":
                exchange = _text(_data(action), "exchange")
                self._channel.later(self._experts.keep(actor, exchange, thread, press.container.channel_id, language))
            case "which":
                await self._experts.choose(actor, _text(_data(action), "exchange"))
            case "share":
                await self._share(press, action, actor, language)
            case "settings":
                await self.open_settings(press.trigger_id, actor, language)
            case "decide" | "assume":
                await self._open_form(press, action, actor, thread, language)
            case _:
                raise InputError("not one of our buttons")

    async def _judge(self, press: Interaction, action: Action, actor: Actor, language: Language) -> None:
        """A thumb counts at once, also if the form that asks why is closed."""
        data = _data(action)
        exchange, verdict = _text(data, "exchange"), _text(data, "verdict")
        await self._desk.judge(actor, exchange, _verdict(verdict))
        if verdict == "down":
            await self._client.open_view(press.trigger_id, modals.reason(_metadata(actor, exchange), language))
            return
        self._channel.later(self._tell(press, _thread(actor), texts.text(language, "slack.judged")))

    async def _ask(self, press: Interaction, action: Action, actor: Actor, thread: str) -> None:
        """A question of a button, asked by who pressed it."""
        question = (action.value or "").strip()
        if not question:
            raise InputError("no question")
        box = press.container
        hook = press.response_url if box.is_ephemeral else ""
        name = f"press/{digest(box.channel_id, box.message_ts, question, actor.tenant, actor.user)}"
        async with self._remembered.once(name, AGAIN_SECONDS) as first:  # a press repeated asks nothing more
            if first:
                await self._asking.say(Said(question, actor, thread, box.channel_id, name, hook))

    async def _open_form(self, press: Interaction, action: Action, actor: Actor, thread: str, language: Language) -> None:
        """The form in which something is decided, or assumed otherwise; it remembers where its button stood."""
        exchange = _text(_data(action), "exchange")
        form, box = await self._desk.measures(actor, exchange), press.container
        hook = press.response_url if box.is_ephemeral else ""
        place = {"thread": thread, "where": box.channel_id, "hook": hook, "language": form.language}
        made = modals.decide if action.action_id == DECIDE else modals.assume
        await self._client.open_view(press.trigger_id, made(form, _metadata(actor, exchange, **place), language))

    async def _share(self, press: Interaction, action: Action, actor: Actor, language: Language) -> None:
        """The answer for all who read the channel: the question first, as a message of its own, and the answer in its thread.

        Pressed again it means that message, so nothing stands there twice.
        """
        exchange = _text(_data(action), "exchange")
        name = f"share/{exchange}"
        shared = await self._desk.shared(actor, exchange)
        asks = asked(actor.user, "", shared.question, self._people.default)
        _, ts = await self._once.place(name, actor.channel, asks)
        place = Place(actor.channel, ts, said=ts)
        await self._submit(
            IncomingMessage(
                id=name, platform="slack", tenant=actor.tenant, conversation=place.conversation, user=actor.user,
                text=shared.question, command="share", channel=actor.channel, reply_to=place.to_mapping(), locale=actor.locale,
                received_at=time.time(), exchange=exchange,
            )
        )  # fmt: skip
        self._channel.later(self._tell(press, "", texts.text(language, "slack.shared")))

    async def open_settings(self, trigger: str, actor: Actor, language: Language) -> None:
        """The form of a channel's settings, for who manages the channel. NotManagerError for others."""
        await self._check_manager(actor)
        now = await self._desk.settings(actor)
        await self._client.open_view(trigger, modals.settings(now, _metadata(actor, ""), language))

    async def _check_manager(self, actor: Actor) -> None:
        if not actor.channel or not await self._client.manages(actor.channel, actor.user):
            raise NotManagerError("neither made the channel nor administers the workspace")

    async def _sent(self, sent: Submission) -> BoltResponse:
        """A form: closed if all is well; else it says why not, beneath its first field."""
        until = asyncio.get_running_loop().time() + ANSWER_SECONDS
        language = await self._people.language(sent.user.id)
        try:
            async with asyncio.timeout_at(until):
                await self._keep(sent)
        except FieldError as error:
            return BoltResponse(status=200, body={"response_action": "errors", "errors": {error.field: str(error)}})
        except (TimeoutError, AdvisorError) as error:
            log.info("form refused name=%s error=%s", sent.view.callback_id[:20], type(error).__name__)
            field = _FIRST.get(sent.view.callback_id, "reason")
            return BoltResponse(status=200, body={"response_action": "errors", "errors": {field: why(error, language)}})
        return _DONE

    async def _keep(self, sent: Submission) -> None:
        data = _json(sent.view.private_metadata)
        channel, conversation = str(data.get("channel") or ""), str(data.get("conversation") or "")
        actor = Actor("slack", sent.workspace, sent.user.id, channel, conversation, not channel)
        match sent.view.callback_id:
            case "reason":
                if reason := modals.written(sent.view.state):
                    await self._desk.judge(actor, _text(data, "exchange"), "down", reason)
            case "settings":
                await self._check_manager(actor)
                await self._desk.change_settings(actor, modals.chosen(sent.view.state))
            case "decide" | "assume" as form:
                words = modals.said(form, sent.view.state, "en" if data.get("language") == "en" else "es")
                thread, where, hook = (str(data.get(name) or "") for name in ("thread", "where", "hook"))
                actor = replace(actor, direct=where.startswith("D"), locale=self._people.known(actor.user))
                await self._asking.say(Said(words, actor, thread, where, f"form/{sent.view.id}", hook, _text(data, "exchange")))
            case _:
                raise InputError("not one of our forms")


def actor_of(press: Interaction) -> tuple[Actor, str]:
    """Who pressed, and the thread to answer in; a direct message has none unless it is in one."""
    box = press.container
    if box.is_ephemeral:
        alone = Place(box.channel_id, asker=press.user.id)
        return Actor("slack", press.team.id, press.user.id, box.channel_id, alone.conversation), ""
    direct = not box.channel_id or box.channel_id.startswith("D")
    thread = box.thread_ts or ("" if direct else box.message_ts)
    place = Place(box.channel_id, thread)
    channel = "" if direct else box.channel_id
    return Actor("slack", press.team.id, press.user.id, channel, place.conversation, direct), thread


def _thread(actor: Actor) -> str:
    found = actor.conversation.partition(":")[2]
    return "" if found.startswith("@") else found


def _metadata(actor: Actor, exchange: str, **more: str) -> str:
    return json.dumps({"exchange": exchange, "channel": actor.channel, "conversation": actor.conversation, **more})


def _data(action: Action) -> dict[str, Any]:
    return _json(action.value or "")


def _json(raw: str) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InputError("not what our buttons tell")
    return found


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value:
        raise InputError(f"no {name}")
    return value


def _number(data: dict[str, Any], name: str) -> int:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise InputError(f"no {name}")
    return value


def _verdict(given: str) -> Literal["up", "down"]:
    if given not in {"up", "down"}:
        raise InputError("neither up nor down")
    return "up" if given == "up" else "down"
