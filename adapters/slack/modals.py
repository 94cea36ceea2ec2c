"""Forms and pages: a source's passage, what is wrong with an answer, a channel's settings, the Home page. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from adapters.links import linkable, unlinked_view
from adapters.slack.buttons import asks_again, questions, recent, settings_button
from adapters.slack.markup import escape, link, plain
from adapters.slack.render import render
from adapters.untrusted import clean, units
from bot.forms import ASSUMPTIONS, DECISIONS, MeasureForm, assumed, decided, plain_number
from bot.messages import Reply
from bot.ports import ChannelSettings, Home, SourceView
from config import texts
from config.limits import REVIEW_REASON_CHARS
from rag.errors import InputError
from rag.models import Language
from rag.registered import REASON_CHARS

View = dict[str, Any]
PASSAGE_CHARS, AROUND_CHARS = 2800, 1200
OPTIONS, OPTION_CHARS, OPTION_VALUE_CHARS = 100, 75, 150
"""Of a menu, of one option's text and of its value (Block Kit reference, seen 2026-11)."""
RECALLED_BLOCKS = 90
"""Of an answer that is shown again: a form takes a hundred blocks (views reference, seen 2026-11)."""
_NONE = "-"
"""The choice of no site, or of the asker's language."""


def source(view: SourceView, language: str) -> View:
    """A passage with its neighbours, its quote in bold; the document's address where a reader may be sent there."""
    removed = texts.text(language, "slack.link_removed")
    view = unlinked_view(view, removed=removed)
    where = [plain(view.locator[:200], removed=removed), texts.day(view.date, language) if view.date else ""]
    if view.language and view.language != language and view.language in texts.LANGUAGES:
        where.append(texts.text(language, f"answer.language_{view.language}"))
    title = plain(view.title[:300], removed=removed) or texts.text(language, "slack.untitled", n=view.n)
    head = "\n".join(filter(None, (title, " · ".join(filter(None, where)))))
    blocks = [_section(head)]
    if view.before.strip():
        blocks.append(_rich([(f"…{view.before[-AROUND_CHARS:]}" if len(view.before) > AROUND_CHARS else view.before, "italic")]))
    blocks.append(_rich(_marked(view)))
    if view.after.strip():
        blocks.append(_rich([(f"{view.after[:AROUND_CHARS]}…" if len(view.after) > AROUND_CHARS else view.after, "italic")]))
    address = linkable(view.uri)
    if address and units(escape(address)) < 2000:
        blocks.append(_section(link(texts.text(language, "slack.open_document"), address)))
    return _modal(texts.text(language, "slack.source_title", n=view.n), blocks, language)


def _marked(view: SourceView) -> list[tuple[str, str]]:
    """The passage around its quote, the quote bold; a passage too long is cut around it."""
    pattern = r"\s+".join(re.escape(word) for word in view.quote.split())
    found = re.search(pattern, view.text) if pattern else None
    if found is None:
        return [(view.text[:PASSAGE_CHARS], "")]
    room = max(0, PASSAGE_CHARS - len(found.group())) // 2
    before, after = view.text[: found.start()], view.text[found.end() :]
    before = before if len(before) <= room else f"…{before[len(before) - room :]}"
    after = after if len(after) <= room else f"{after[:room]}…"
    return [(before, ""), (found.group(), "bold"), (after, "")]


def _rich(parts: list[tuple[str, str]]) -> dict[str, Any]:
    """Text that is only text: nothing in it is markup."""
    made = [{"type": "text", "text": words, **({"style": {style: True}} if style else {})} for words, style in parts if words]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": made or [{"type": "text", "text": " "}]}]}


def reason(metadata: str, language: str) -> View:
    """Asks what is wrong with an answer that was judged already."""
    box = {"type": "plain_text_input", "action_id": "reason", "multiline": True, "max_length": min(REVIEW_REASON_CHARS, 3000)}
    block = {
        "type": "input",
        "block_id": "reason",
        "optional": True,
        "label": _plain(texts.text(language, "slack.reason")),
        "hint": _plain(texts.text(language, "slack.reason_hint")),
        "element": box,
    }
    return _modal(texts.text(language, "slack.judged"), [block], language, form="reason", send="slack.send", metadata=metadata)


def settings(now: ChannelSettings, metadata: str, language: str) -> View:
    """A channel's site, audiences and language, to choose from what the person may choose."""
    sites = [(_NONE, texts.text(language, "slack.site_none")), *now.sites]
    languages = [(_NONE, texts.text(language, "slack.language_asker"))]
    languages += [(one, texts.text(language, f"answer.language_{one}")) for one in texts.LANGUAGES]
    quiet = [("yes", texts.text(language, "slack.mention_only"))]
    blocks = [
        _section(texts.text(language, "slack.settings_intro")),
        _menu("site", "static_select", sites, (now.site or _NONE,), language),
        _menu("language", "static_select", languages, (now.language or _NONE,), language),
        _menu("mention_only", "checkboxes", quiet, ("yes",) if now.mention_only else (), language),
    ]
    audiences = _menu("audience", "multi_static_select", now.audiences, now.audience, language)
    if audiences["element"]["options"]:  # Slack refuses a menu of nothing
        blocks.insert(2, audiences)
    return _modal(texts.text(language, "slack.settings"), blocks, language, form="settings", send="slack.save", metadata=metadata)


def _menu(name: str, kind: str, choices: Any, picked: tuple[str, ...], language: str) -> dict[str, Any]:
    element = _select(name, choices, picked, kind)
    label = _plain(texts.text(language, f"slack.set_{name}"))
    return {"type": "input", "block_id": name, "optional": kind == "checkboxes", "label": label, "element": element}


def _select(name: str, choices: Any, picked: tuple[str, ...], kind: str = "static_select") -> dict[str, Any]:
    options = [
        {"text": _plain(title, OPTION_CHARS), "value": key} for key, title in choices if 0 < units(key) <= OPTION_VALUE_CHARS
    ][:OPTIONS]
    chosen = [one for one in options if one["value"] in picked]
    initial = {"initial_option": chosen[0]} if kind == "static_select" else {"initial_options": chosen}
    return {"type": kind, "action_id": name, "options": options, **(initial if chosen else {})}


def decide(form: MeasureForm, metadata: str, language: str) -> View:
    """Which measure, what becomes of it, why or when; only what it says if none is in the register."""
    title = texts.text(language, "measures_form.decide")
    if not form.entries:
        return _modal(title, [_section(texts.text(language, "measures_form.none"))], language)
    entries = [(one, f"{one} {name}") for one, name, _ in form.entries]
    statuses = [(one, texts.text(language, f"measures_form.choose_{one}")) for one in DECISIONS]
    blocks = [
        _section(texts.text(language, "measures_form.decide_intro")),
        _field("which", language, _select("which", entries, (entries[0][0],))),
        _field("status", language, _select("status", statuses, (statuses[0][0],))),
        _field(
            "reason", language, {"type": "plain_text_input", "action_id": "reason", "max_length": REASON_CHARS}, optional=True
        ),
        _field("day", language, {"type": "datepicker", "action_id": "day"}, optional=True),
    ]
    return _modal(title, blocks, language, form="decide", send="measures_form.send", metadata=metadata)


def assume(form: MeasureForm, metadata: str, language: str) -> View:
    """A field for each value that may be assumed otherwise, with what was set before."""
    blocks = [_section(texts.text(language, "measures_form.assume_intro"))]
    for name in ASSUMPTIONS:
        box: dict[str, Any] = {"type": "plain_text_input", "action_id": name, "max_length": 20}
        if name in form.values:
            box["initial_value"] = plain_number(form.values[name], form.language)
        blocks.append(_field(name, language, box, optional=True))
    title = texts.text(language, "measures_form.assume")
    return _modal(title, blocks, language, form="assume", send="measures_form.calculate", metadata=metadata)


def said(callback: str, state: dict[str, Any], spoken: Language) -> str:
    """What the forms of `decide` and `assume` say, in the language of the answer. FieldError names the field that is wrong."""
    if callback == "assume":
        return assumed(spoken, {name: str(_element(state, name).get("value") or "") for name in ASSUMPTIONS})
    which, status = (next(iter(_values(state, name)), "") for name in ("which", "status"))
    decision = next((one for one in DECISIONS if one == status), None)
    if decision is None or not re.fullmatch(r"R\d{1,7}", which):
        raise InputError("not one of our forms")
    day = _element(state, "day").get("selected_date")
    return decided(spoken, which, decision, written(state), date.fromisoformat(day) if isinstance(day, str) and day else None)


def _field(name: str, language: str, element: dict[str, Any], *, optional: bool = False) -> dict[str, Any]:
    label = _plain(texts.text(language, f"measures_form.{name}"))
    return {"type": "input", "block_id": name, "optional": optional, "label": label, "element": element}


def chosen(state: dict[str, Any]) -> ChannelSettings:
    """What was chosen in the form of `settings`; whether it may be is the desk's to check."""
    site, language = _values(state, "site"), _values(state, "language")
    picked: Any = next((one for one in language if one in texts.LANGUAGES), None)
    return ChannelSettings(
        next((one for one in site if one != _NONE), None),
        _values(state, "audience"),
        picked,
        bool(_values(state, "mention_only")),
    )


def written(state: dict[str, Any]) -> str:
    """What was written in the form of `reason`."""
    value = _element(state, "reason").get("value")
    return value.strip() if isinstance(value, str) else ""


def _element(state: dict[str, Any], name: str) -> dict[str, Any]:
    values = state.get("values")
    block = values.get(name) if isinstance(values, dict) else None
    element = block.get(name) if isinstance(block, dict) else None
    return element if isinstance(element, dict) else {}


def _values(state: dict[str, Any], name: str) -> tuple[str, ...]:
    element = _element(state, name)
    options = element.get("selected_options") or [element.get("selected_option")]
    return tuple(str(one.get("value") or "") for one in options if isinstance(one, dict))


def home(page: Home, language: str, now: datetime) -> View:
    """The Home page: the site, questions to begin with, what was asked before, the sources and their age."""
    removed = texts.text(language, "slack.link_removed")
    blocks = [_section(texts.text(language, "slack.home"))]
    if page.site:
        blocks.append(_section(texts.text(language, "slack.home_site", site=plain(page.site[:200], removed=removed))))
    for key, made in (("slack.home_prompts", questions(page.prompts)), ("slack.home_recent", recent(page.recent))):
        if made:
            blocks += [_section(texts.text(language, key)), {"type": "actions", "elements": made[:25]}]
    if page.sources:
        blocks.append(_section(texts.text(language, "slack.home_sources")))
    for one in page.sources[:50]:
        read = texts.day(datetime.fromtimestamp(one.read_at, UTC).date(), language) if one.read_at else "–"
        said = texts.text(
            language, "slack.home_source", name=plain(one.name[:200], removed=removed), count=one.documents, read=read
        )
        blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": said, "verbatim": True}]})
    return {"type": "home", "blocks": blocks}


def recalled(kept: Reply, language: str) -> View:
    """A question that was asked before, and what was answered then; it can be asked again."""
    removed = texts.text(language, "slack.link_removed")
    answer = [block for message in render(kept.answer) for block in message.blocks]
    blocks = [_section(f"*{plain(kept.question[:PASSAGE_CHARS], removed=removed)}*"), *answer[:RECALLED_BLOCKS]]
    if len(answer) > RECALLED_BLOCKS:
        blocks.append(_section(texts.text(language, "slack.cut")))
    if again := asks_again(kept.question, language):
        blocks.append({"type": "actions", "elements": again})
    return _modal(texts.text(language, "slack.recalled"), blocks, language)


def offers_settings(language: str) -> dict[str, Any]:
    """A row with the button that opens a channel's settings."""
    return {"type": "actions", "elements": [settings_button(language)]}


def _section(said: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": said, "verbatim": True}}


def _plain(said: str, most: int = OPTION_CHARS) -> dict[str, Any]:
    words = " ".join(clean(said).split()) or "–"
    while units(words) > most:
        words = f"{words[: min(most, len(words) - 2)].rstrip()}…" if len(words) > most else f"{words[:-2]}…"
    return {"type": "plain_text", "text": words, "emoji": False}


def _modal(title: str, blocks: list[Any], language: str, *, form: str = "", send: str = "", metadata: str = "") -> View:
    view: View = {"type": "modal", "title": _plain(title, 24), "blocks": blocks}
    view["close"] = _plain(texts.text(language, "slack.close"), 24)
    if form:
        view |= {"callback_id": form, "private_metadata": metadata, "submit": _plain(texts.text(language, send), 24)}
    return view
