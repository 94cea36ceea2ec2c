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
from adapters.slack.client import SlackClient
from adapters.slack.experts import ExpertPresses, why
from adapters.slack.kept import Remembered
from adapters.slack.pace import Pace
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
        self._desk, self._client, self._channel, self._pace = desk, client, channel, pace
        self._people, self._submit = people, submit
        self._asking = Asking(client, pace, people, submit)
        self._experts, self._remembered = ExpertPresses(desk, client, pace, remembered), remembered
        self._sharing = asyncio.Lock()

    async def take(self, body: dict[str, Any]) -> BoltResponse:
        """200, always: what cannot be done is told to who pressed, in their language."""
        if body.get("type") == "view_submission":
            return await self._sent(read(Submission, body))
        press = read(Interaction, body)
        actor, thread = actor_of(press)
        language = await self._people.language(actor.user)
        actor = replace(actor, locale=self._people.locale(actor.user))
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._do(press, press.actions[0], actor, thread, language)
        except (TimeoutError, AdvisorError) as error:
            log.info("press refused action=%s error=%s", press.actions[0].action_id[:20], type(error).__name__)
            self._channel.later(self._tell(press, thread, why(error, language)))
        return _DONE

    async def _tell(self, press: Interaction, thread: str, said: str) -> None:
        """To who pressed alone: beneath the button, or from the Home page in their direct message."""
        if press.container.channel_id:
            await self._client.whisper(press.container.channel_id, press.user.id, told(said), thread=thread)
        else:
            await self._client.post(press.user.id, told(said))

    async def _do(self, press: Interaction, action: Action, actor: Actor, thread: str, language: Language) -> None:
        match action.action_id.partition("-")[0]:
            case "source":
                data = _data(action)
                view = await self._desk.open_source(actor, _text(data, "exchange"), _number(data, "n"))
                await self._client.open_view(press.trigger_id, modals.source(view, language))
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
        where, thread = press.container.channel_id, _thread(actor)
        self._channel.later(self._client.whisper(where, actor.user, told(texts.text(language, "slack.judged")), thread=thread))

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

        Pressed again it finds that message, so nothing stands there twice.
        """
        exchange = _text(_data(action), "exchange")
        name = f"share/{exchange}"
        shared = await self._desk.shared(actor, exchange)
        async with self._sharing:  # two presses at once
            ts = await self._root_of(name, actor, shared.question, press.container.message_ts)
        place = Place(actor.channel, ts, said=ts)
        await self._submit(
            IncomingMessage(
                id=name, platform="slack", tenant=actor.tenant, conversation=place.conversation, user=actor.user,
                text=shared.question, command="share", channel=actor.channel, reply_to=place.to_mapping(), locale=actor.locale,
                received_at=time.time(), exchange=exchange,
            )
        )  # fmt: skip
        self._channel.later(self._client.whisper(actor.channel, actor.user, told(texts.text(language, "slack.shared"))))

    async def _root_of(self, name: str, actor: Actor, question: str, since: str) -> str:
        """The message that a shared answer stands under: one that an earlier press made since the answer came, or a new one."""
        for mark in await self._client.marks(actor.channel, "", since):
            if mark.get("root") == name:
                return str(mark["ts"])
        await self._pace.wait(actor.channel, 1.0)
        return await self._client.post(actor.channel, asked(actor.user, "", question, self._people.default), mark={"root": name})

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
        language = await self._people.language(sent.user.id)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
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
        actor = Actor("slack", sent.team.id, sent.user.id, channel, conversation, not channel)
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
                actor = replace(actor, direct=where.startswith("D"), locale=self._people.locale(actor.user))
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
