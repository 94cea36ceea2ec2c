"""The cards of dialogs: a source's passage, what is wrong with an answer, a channel's settings. Pure."""

from __future__ import annotations

import re
from typing import Any, Literal

from adapters.links import linkable, unlinked_view
from adapters.teams.cards import Card, attachment, card, card_bytes, rich, run, said
from adapters.untrusted import clean
from bot.ports import ChannelSettings, Handover, SourceView
from config import texts
from config.limits import REVIEW_REASON_CHARS

PASSAGE_CHARS = 4000
AROUND_CHARS = 1200
CHOICE_CHARS, CHOICES_BYTES = 100, 11 * 1024
"""Of one choice and of all those of a menu: two menus and their form stay below the 28 KB of a message."""
_NONE = "-"
"""The choice of no site, or of the asker's language: an empty value would mean that nothing was chosen."""


def shown(title: str, content: Card) -> dict[str, Any]:
    """The response that opens (or goes on with) a dialog."""
    return {
        "task": {"type": "continue", "value": {"title": title, "width": "large", "height": "medium", "card": attachment(content)}}
    }


def told(sentence: str) -> dict[str, Any]:
    """The response that closes a dialog with a sentence."""
    return {"task": {"type": "message", "value": sentence}}


def source(view: SourceView, language: str) -> dict[str, Any]:
    """A passage with its neighbours; what is cited stands out. Its address is a button where a reader may be sent there."""
    view = unlinked_view(view, removed=texts.text(language, "teams.link_removed"))
    where = [view.locator, texts.day(view.date, language) if view.date else ""]
    if view.language and view.language != language and view.language in texts.LANGUAGES:
        where.append(texts.text(language, f"answer.language_{view.language}"))
    body = [
        rich(run(view.title, language, limit=300, weight="Bolder", size="Medium")),
        rich(run(" · ".join(filter(None, where)), language, isSubtle=True), spacing="None"),
    ]
    if view.before.strip():
        body.append(rich(run(_end(view.before), language, limit=AROUND_CHARS, isSubtle=True)))
    body.append(rich(*(run(text, language, limit=PASSAGE_CHARS, **look) for text, look in _marked(view)), separator=True))
    if view.after.strip():
        body.append(rich(run(view.after, language, limit=AROUND_CHARS, isSubtle=True), separator=True))
    address = linkable(view.uri)
    open_it = {"type": "Action.OpenUrl", "title": texts.text(language, "teams.open_document"), "url": address}
    return shown(
        texts.text(language, "teams.source_title", n=view.n), card(body, [open_it] if address and len(address) < 2048 else [])
    )


def _end(text: str) -> str:
    """The end of what stands before a passage."""
    return text if len(text) < AROUND_CHARS else f"…{text[-AROUND_CHARS + 2 :]}"


def _marked(view: SourceView) -> list[tuple[str, Card]]:
    """The passage around its quote, the quote marked; a passage too long is cut around it."""
    pattern = r"\s+".join(re.escape(word) for word in view.quote.split())
    found = re.search(pattern, view.text) if pattern else None
    if found is None:
        return [(view.text, {})]
    room = max(0, PASSAGE_CHARS - len(found.group()))
    before, after = view.text[: found.start()], view.text[found.end() :]
    if len(before) > room // 2:
        before = f"…{before[len(before) - room // 2 :]}"
    after = after if len(after) <= room - room // 2 else f"{after[: room - room // 2]}…"
    return [(before, {}), (found.group(), {"highlight": True, "weight": "Bolder"}), (after, {})]


def reason(verdict: Literal["up", "down"], language: str) -> dict[str, Any]:
    """What Teams shows after a thumb was pressed: it may be said why."""
    box = {
        "type": "Input.Text",
        "id": "reason",
        "isMultiline": True,
        "maxLength": REVIEW_REASON_CHARS,
        "label": texts.text(language, f"teams.reason_{verdict}"),
        "placeholder": texts.text(language, "teams.reason_hint"),
    }
    send = {"type": "Action.Submit", "title": texts.text(language, "teams.send"), "data": {"do": "judge"}}
    return shown(texts.text(language, "teams.judged"), card([box], [send]))


def settings(now: ChannelSettings, language: str) -> dict[str, Any]:
    """A channel's site, audiences, language and whether it wants to be mentioned, to choose from what the person may choose."""
    sites = [(_NONE, texts.text(language, "teams.site_none")), *now.sites]
    languages = [(_NONE, texts.text(language, "teams.language_asker"))]
    languages += [(one, texts.text(language, f"answer.language_{one}")) for one in texts.LANGUAGES]
    body = [
        said(language, "teams.settings_intro"),
        _choices("site", language, sites, now.site or _NONE),
        _choices("language", language, languages, now.language or _NONE),
    ]
    if now.audiences:
        body.insert(2, _choices("audience", language, now.audiences, ",".join(now.audience), isMultiSelect=True))
    quiet = texts.text(language, "teams.mention_only")
    body.append(
        {"type": "Input.Toggle", "id": "mention_only", "title": quiet, "value": str(now.mention_only).lower(), "wrap": True}
    )
    save = {"type": "Action.Submit", "title": texts.text(language, "teams.save"), "data": {"do": "settings"}}
    return shown(texts.text(language, "teams.settings"), card(body, [save]))


def _choices(name: str, language: str, choices: Any, value: str, **more: Any) -> Card:
    shown = [{"title": " ".join(clean(title).split())[:CHOICE_CHARS] or key, "value": key} for key, title in choices]
    while card_bytes(card([{"choices": shown}])) > CHOICES_BYTES:
        shown.pop()
    return {
        "type": "Input.ChoiceSet",
        "id": name,
        "label": texts.text(language, f"teams.set_{name}"),
        "choices": shown,
        "value": value,
        "style": "expanded" if more else "compact",
        **more,
    }


def chosen(values: dict[str, Any]) -> ChannelSettings:
    """What was chosen in the form of `settings`; whether it may be is the desk's to check."""
    picked = {name: str(values.get(name) or "") for name in ("site", "audience", "language")}
    site = picked["site"] if picked["site"] not in {"", _NONE} else None
    language: Any = picked["language"] if picked["language"] in texts.LANGUAGES else None
    quiet = str(values.get("mention_only") or "").lower() == "true"
    return ChannelSettings(site, tuple(filter(None, picked["audience"].split(","))), language, mention_only=quiet)


def asks_expert(handover: Handover, asker: str, *, mention: bool, group: bool = False) -> Card:
    """The question, put to an expert: mentioned where it was asked, or in their own chat. Of a `group` chat we are only told what
    mentions us.
    """
    language, name = handover.language, " ".join(handover.name.split())[:80]
    name = re.sub(r"[<>&*_\[\]()`\\]", "", name)
    called = f"<at>{name}</at>" if mention else name
    how = "teams.expert_how_group" if group else "teams.expert_how_here" if mention else "teams.expert_how"
    body = [
        said(language, "teams.expert_asked", name=called),
        rich(run(handover.question, language, limit=1000, italic=True)),
        said(language, how, look={"isSubtle": True, "size": "Small"}),
    ]
    if asker and not mention:
        body.insert(1, rich(run(asker, language, limit=80, isSubtle=True)))
    entity = {"type": "mention", "text": called, "mentioned": {"id": handover.expert, "name": name}}
    return card(body, msteams={"entities": [entity]}) if mention else card(body)
