"""Who may draw on what: from where a message was said, and by whom, to the Scope of its search. Pure."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from bot.messages import Actor, IncomingMessage
from config.company import AD_HOC, CONVERSATION, EVERYONE, ChannelConfig, CompanyConfig, SiteConfig, SourceConfig
from rag.errors import NotAllowedError
from rag.models import Document, Scope

KEPT_ANSWERS = "expert-answers"
"""The built-in source of what experts answered; each document's audience is its question's."""
DROPPED_FILES = "conversation"
"""The built-in source of files that were sent in a conversation; each document's audience is that conversation alone."""

Where = IncomingMessage | Actor


def channel_settings(company: CompanyConfig, where: Where) -> ChannelConfig | None:
    """What is set for the channel, if anything."""
    return next((one for one in company.channels if one.platform == where.platform and one.id == where.channel), None)


def own(company: CompanyConfig, where: Where) -> frozenset[str]:
    """What the person may read by themselves, wherever they are."""
    people = (one.audience for one in company.people if one.platform == where.platform and one.id == where.user)
    return frozenset({EVERYONE, *where.grants, *(name for audience in people for name in audience)})


def audiences(company: CompanyConfig, where: Where) -> frozenset[str]:
    """What the place of the answer may show: in a channel what each of its readers may see, whoever asks there.

    Where only the asker reads (a direct message, an API token), what they may read. NotAllowedError if the message asks for
    an audience beyond that.
    """
    if where.direct or where.grants:
        readable = own(company, where)
    else:
        settings = channel_settings(company, where)
        readable = frozenset(settings.audience) if settings else frozenset({EVERYONE})
    asked = where.audience if isinstance(where, IncomingMessage) else None
    if asked is None:
        return readable
    if asked not in readable:
        raise NotAllowedError(f"audience {asked}")
    return frozenset({EVERYONE, asked}) & readable


def sites(company: CompanyConfig, may: frozenset[str]) -> tuple[SiteConfig, ...]:
    """The sites whose names may be told to a reader of `may`."""
    return tuple(one for one in company.sites if may & set(one.audience))


def conversation_audience(conversation: str) -> str:
    """The audience of one conversation, by the digest of its key."""
    return f"{CONVERSATION}{conversation}"


def scope(company: CompanyConfig, where: Where, site: str | None) -> Scope:
    """The scope of a search for this message."""
    return Scope(audiences(company, where), site)


def readers(company: CompanyConfig, document: Document) -> frozenset[str]:
    """The audiences that may read a document now, whatever its label in the index; none if its source is not configured.

    One that was indexed from a path or an address on the command line keeps its own, but never more than those of the
    configured folder that it lies in. What an expert answered keeps the audience of its question as long as there is one;
    a file sent in a conversation is that conversation's.
    """
    if document.source == KEPT_ANSWERS:
        return document.audience & {EVERYONE, *company.audiences}
    if document.source == DROPPED_FILES:
        return frozenset(name for name in document.audience if name.startswith(CONVERSATION))
    source = next((one for one in company.sources if one.name == document.source), None)
    if source is not None:
        return frozenset(source.audience)
    if not document.source.startswith(AD_HOC):
        return frozenset()
    around = source_around(company, document.uri)
    return document.audience if around is None else document.audience & frozenset(around.audience)


def source_around(company: CompanyConfig, uri: str) -> SourceConfig | None:
    """The configured folder that a path lies in; the innermost if there are several."""
    if "://" in uri:
        return None
    here = _real(uri)
    folders = [one for one in company.sources if one.connector == "folder" and "path" in one.options]
    around = [one for one in folders if here.is_relative_to(_real(str(one.options["path"])))]
    return max(around, key=lambda one: len(_real(str(one.options["path"])).parts), default=None)


@lru_cache(4096)
def _real(path: str) -> Path:
    """Without links. Remembered, because each hit of a search asks."""
    return Path(path).resolve()
