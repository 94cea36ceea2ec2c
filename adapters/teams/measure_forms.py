"""The dialogs beneath recommendations: what is decided of a measure, what is assumed otherwise. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

from adapters.teams.cards import Card, card, opens_dialog, said
from adapters.teams.dialogs import shown
from adapters.untrusted import clean
from bot.forms import ASSUMPTIONS, DECISIONS, MeasureForm, assumed, decided, offers, plain_number
from config import texts
from rag.errors import InputError
from rag.models import Answer, Language
from rag.registered import REASON_CHARS

Form = Literal["decide", "assume"]
FORMS: tuple[Form, ...] = ("decide", "assume")
_TITLE_CHARS, _ENTRIES = 90, 40


def buttons(answer: Answer, exchange: str) -> list[Card]:
    """Those that open the dialogs which an answer calls for; none without an exchange."""
    return [
        opens_dialog(texts.text(answer.language, f"measures_form.{form}"), do=form, exchange=exchange)
        for form, offered in zip(FORMS, offers(answer), strict=True)
        if offered and exchange
    ]


def dialog(
    form: Form, held: MeasureForm, exchange: str, language: str, given: Mapping[str, Any], once: str, fault: str = ""
) -> dict[str, Any]:
    """The dialog; with what was `given` and why it could not be taken, where it was sent before.

    Each that is opened has a name of its own, `once`, by which what it says is known if it is sent twice.
    """
    title = texts.text(language, f"measures_form.{form}")
    if form == "decide" and not held.entries:
        return shown(title, card([said(language, "measures_form.none")]))
    fields = _decision(held, language, given) if form == "decide" else _assumptions(held, language, given)
    told = {"type": "TextBlock", "text": fault, "wrap": True, "color": "Attention"}
    body = [said(language, f"measures_form.{form}_intro"), *([told] if fault else []), *fields]
    label = texts.text(language, "measures_form.send" if form == "decide" else "measures_form.calculate")
    data = {"do": form, "exchange": exchange, "language": held.language, "once": once}
    send = {"type": "Action.Submit", "title": label, "data": data}
    return shown(title, card(body, [send]))


def words(form: Form, given: Mapping[str, Any], spoken: Language) -> str:
    """What a dialog that was sent says, in the language of the answer. FieldError if a field cannot be meant so."""
    if form == "assume":
        return assumed(spoken, {name: str(given.get(name) or "") for name in ASSUMPTIONS})
    which, status, reason, day = (str(given.get(name) or "") for name in ("which", "status", "reason", "day"))
    decision = next((one for one in DECISIONS if one == status), None)
    if decision is None or not re.fullmatch(r"R\d{1,7}", which):
        raise InputError("not one of our forms")
    try:
        on = date.fromisoformat(day) if day else None
    except ValueError:
        raise InputError("not one of our forms") from None
    return decided(spoken, which, decision, reason, on)


def _decision(held: MeasureForm, language: str, given: Mapping[str, Any]) -> list[Card]:
    entries = [(one, f"{one} {' '.join(clean(name).split())[:_TITLE_CHARS]}") for one, name, _ in held.entries[:_ENTRIES]]
    statuses = [(one, texts.text(language, f"measures_form.choose_{one}")) for one in DECISIONS]
    reason = _field("reason", "Input.Text", language, given, maxLength=REASON_CHARS, isMultiline=True)
    return [
        _choice("which", entries, language, given),
        _choice("status", statuses, language, given),
        reason,
        _field("day", "Input.Date", language, given),
    ]


def _assumptions(held: MeasureForm, language: str, given: Mapping[str, Any]) -> list[Card]:
    before = {name: plain_number(value, held.language) for name, value in held.values.items()}
    return [_field(name, "Input.Text", language, {**before, **given}, maxLength=20) for name in ASSUMPTIONS]


def _choice(name: str, choices: Sequence[tuple[str, str]], language: str, given: Mapping[str, Any]) -> Card:
    shown_choices = [{"title": title, "value": key} for key, title in choices]
    value = str(given.get(name) or choices[0][0])
    return {**_field(name, "Input.ChoiceSet", language, {}), "choices": shown_choices, "value": value, "style": "compact"}


def _field(name: str, kind: str, language: str, given: Mapping[str, Any], **more: Any) -> Card:
    value = {"value": str(given[name])} if given.get(name) else {}
    return {"type": kind, "id": name, "label": texts.text(language, f"measures_form.{name}"), **value, **more}
