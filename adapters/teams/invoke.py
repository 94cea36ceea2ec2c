"""What people press in Teams: each press gets its answer in the response itself. Asks the desk, which checks who may see what."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from dataclasses import replace
from typing import Any, Literal

from microsoft_agents.activity import Activity as Outgoing

from adapters.registry import Submit
from adapters.teams import dialogs, measure_forms
from adapters.teams.client import ConnectorSender
from adapters.teams.envelope import addressed
from adapters.teams.experts import ExpertPresses
from adapters.teams.inbound import Activity, language_of, place_of, to_actor, to_message
from adapters.teams.kept import Remembered
from adapters.teams.render import settings_offer
from adapters.teams.start import start_page
from adapters.teams.words import asks_settings, word_language
from bot.forms import FieldError
from bot.messages import Actor
from bot.ports import Desk
from bot.redis_calls import digest
from config import texts
from rag.errors import AdvisorError, DependencyError, InputError, NotAllowedError

log = logging.getLogger(__name__)

ANSWER_SECONDS = 4.5
"""Teams waits about five seconds for the answer to a press (bot pages, seen 2026-11)."""
HOME_SECONDS = 10.0
"""A message is waited for longer, about fifteen seconds (bot pages, seen 2026-11)."""
Verdict = Literal["up", "down"]
_ONCE_CHARS = 200


class Presses:
    """Answers invoke activities that have been verified."""

    def __init__(self, desk: Desk, sender: ConnectorSender, remembered: Remembered, tenant: str, submit: Submit) -> None:
        self._desk, self._sender, self._remembered, self._tenant = desk, sender, remembered, tenant
        self._submit, self._experts = submit, ExpertPresses(desk, sender, remembered, tenant)

    async def answer(self, activity: Activity) -> dict[str, Any]:
        """The body of the response. What cannot be done is told to who pressed, in their language."""
        language = language_of(activity.locale or "")
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._answer(activity, to_actor(activity, tenant=self._tenant), language)
        except TimeoutError:
            sentence = texts.text(language, DependencyError.text_key)
        except AdvisorError as error:
            log.info("press refused name=%s error=%s", activity.name, type(error).__name__)
            key = "teams.not_understood" if error.text_key == InputError.text_key else error.text_key
            sentence = texts.text(language, key)
        if activity.name == "adaptiveCard/action":
            return _message(sentence)
        return dialogs.told(sentence) if activity.name != "message/submitAction" else {}

    async def stop(self) -> None:
        """Finish what goes on in the background. Safe to call twice."""
        await self._experts.stop()

    async def page(self, activity: Activity) -> None:
        """Post what a word alone asks for, settings or the start page, or why it cannot be had. DeliveryError if Teams refuses.

        In the language of the word, unless another is set there.
        """
        language, place = word_language(activity), place_of(activity, tenant=self._tenant)
        if asks_settings(activity):
            await self._sender.send(place, settings_offer(place, language))
            return
        try:
            async with asyncio.timeout(HOME_SECONDS):
                page = await self._desk.home(replace(to_actor(activity, tenant=self._tenant), locale=language))
            messages = start_page(page, place, page.language)
        except (TimeoutError, AdvisorError) as error:
            log.info("start page refused error=%s", type(error).__name__)
            key = error.text_key if isinstance(error, AdvisorError) else DependencyError.text_key
            messages = [addressed(Outgoing(type="message", locale=language, text=texts.text(language, key)), place)]
        for message in messages:
            await self._sender.send(place, message)

    async def _answer(self, activity: Activity, actor: Actor, language: str) -> dict[str, Any]:
        value = _dict(activity.value)
        data = _dict(value.get("data"))
        asked = data.get("do")
        match activity.name, asked:
            case "message/fetchTask", _:
                return await self._judge(activity, actor, {**value, **data}, language)
            case "message/submitAction", _:
                return await self._reason(activity, actor, value)
            case "task/fetch", "source":
                view = await self._desk.open_source(actor, _text(data, "exchange"), _number(data, "n"))
                return dialogs.source(view, language)
            case "task/fetch", "settings":
                await self._check_manager(activity, actor)
                return dialogs.settings(await self._desk.settings(actor), language)
            case "task/submit", "settings":
                await self._check_manager(activity, actor)
                await self._desk.change_settings(actor, dialogs.chosen(data))
                return dialogs.told(texts.text(language, "teams.settings_saved"))
            case (("task/fetch" | "task/submit"), ("decide" | "assume" as form)):
                return await self._measures(activity, actor, form, data, language)
            case "adaptiveCard/action", _:
                return await self._execute(activity, actor, value, language)
        raise InputError("not one of our buttons")

    async def _measures(
        self, activity: Activity, actor: Actor, form: measure_forms.Form, data: dict[str, Any], language: str
    ) -> dict[str, Any]:
        """A dialog beneath recommendations; what it says when it is sent goes the way of what is typed."""
        exchange = _text(data, "exchange")
        held = await self._desk.measures(actor, exchange)
        if activity.name == "task/fetch":
            return measure_forms.dialog(form, held, exchange, language, {}, secrets.token_hex(8))
        once = str(data.get("once") or activity.id)[:_ONCE_CHARS]
        try:
            words = measure_forms.words(form, data, held.language)
        except FieldError as error:
            return measure_forms.dialog(form, held, exchange, language, data, once, str(error))
        said = to_message(activity, tenant=self._tenant, received_at=time.time())
        name = f"{said.conversation}/form/{digest(actor.user, once, words)}"
        await self._submit(replace(said, id=name, text=words, said="", exchange=exchange))
        return dialogs.told(texts.text(language, "measures_form.sent", said=words))

    async def _judge(self, activity: Activity, actor: Actor, data: dict[str, Any], language: str) -> dict[str, Any]:
        """A thumb: it counts at once, also if the dialog that asks why is closed."""
        verdict = _verdict(data.get("actionValue"))
        await self._desk.judge(actor, await self._exchange(activity, actor), verdict)
        return dialogs.reason(verdict, language)

    async def _reason(self, activity: Activity, actor: Actor, value: dict[str, Any]) -> dict[str, Any]:
        given = value.get("actionValue")
        verdict, reason = _verdict(given), _reason(_dict(given))
        if reason:
            await self._desk.judge(actor, await self._exchange(activity, actor), verdict, reason)
        return {}

    async def _exchange(self, activity: Activity, actor: Actor) -> str:
        """The exchange of the message that was judged; the desk says that it is gone if we do not know it."""
        return await self._remembered.exchange(actor.tenant, actor.conversation, activity.reply_to_id or "")

    async def _check_manager(self, activity: Activity, actor: Actor) -> None:
        """NotAllowedError unless they added the adviser: who owns a team is nothing that the Connector tells."""
        installer = await self._remembered.installer(actor.tenant, activity.group) if activity.group else ""
        if not actor.user or installer != actor.user:
            raise NotManagerError("not who added the adviser")

    async def _execute(self, activity: Activity, actor: Actor, value: dict[str, Any], language: str) -> dict[str, Any]:
        action = _dict(value.get("action"))
        data = _dict(action.get("data"))
        verb, exchange = str(action.get("verb") or ""), _text(data, "exchange")
        return _message(await self._experts.do(verb, activity, actor, exchange, language))


class NotManagerError(NotAllowedError):
    """Only who added the adviser to a team may set what it does there."""

    text_key = "teams.not_manager"


def _message(sentence: str) -> dict[str, Any]:
    """The answer to an Action.Execute: a sentence that only who pressed sees."""
    return {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": sentence}


def _verdict(given: Any) -> Verdict:
    reaction = given.get("reaction") if isinstance(given, dict) else None
    if reaction not in {"like", "dislike"}:
        raise InputError("neither like nor dislike")
    return "up" if reaction == "like" else "down"


def _reason(given: dict[str, Any]) -> str:
    """What was written in the form: our own box, or that of Teams' default form; a dictionary or its JSON."""
    feedback = given.get("feedback")
    if isinstance(feedback, str):
        try:
            feedback = json.loads(feedback)
        except ValueError:
            return feedback.strip()
    if not isinstance(feedback, dict):
        return ""
    return str(feedback.get("reason") or feedback.get("feedbackText") or "").strip()


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value:
        raise InputError(f"no {name}")
    return value


def _number(data: dict[str, Any], name: str) -> int:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).isascii() or not str(value).isdigit():
        raise InputError(f"no {name}")
    return int(str(value)[:6])
