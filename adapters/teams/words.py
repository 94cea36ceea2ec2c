"""Words that alone ask for a page of ours, the channel's settings or the start page, and their language. Pure."""

from __future__ import annotations

from adapters.teams.inbound import Activity, language_of, plain_text
from rag.models import Language

_WORDS: dict[str, Language] = {"ajustes": "es", "inicio": "es", "settings": "en", "home": "en"}


def asks_settings(activity: Activity) -> bool:
    """Whether someone asks, where others read too, for the channel's settings: the word alone."""
    return activity.kind != "personal" and _word(activity) in {"ajustes", "settings"}


def asks_home(activity: Activity) -> bool:
    """Whether someone asks, where they read alone, for the start page: the word alone."""
    return activity.kind == "personal" and _word(activity) in {"inicio", "home"}


def word_language(activity: Activity) -> Language:
    """The language of such a word."""
    return _WORDS.get(_word(activity)) or language_of(activity.locale or "")


def _word(activity: Activity) -> str:
    return plain_text(activity).lower().strip(" ./!") if activity.type == "message" else ""
