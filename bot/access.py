"""Who may draw on what: from where a message was said, and by whom, to the Scope of its search. Pure."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from bot.messages import IncomingMessage
from config.company import AD_HOC, EVERYONE, ChannelConfig, CompanyConfig, SourceConfig
from rag.errors import NotAllowedError
from rag.models import Document, Scope


def channel_settings(company: CompanyConfig, message: IncomingMessage) -> ChannelConfig | None:
    """What advisor.yaml says of the message's channel, if anything."""
    return next((one for one in company.channels if one.platform == message.platform and one.id == message.channel), None)


def audiences(company: CompanyConfig, message: IncomingMessage) -> frozenset[str]:
    """What the place of the answer may show: in a channel what each of its readers may see, whoever asks there.

    Where only the asker reads (a direct message, an API token), what they may read. NotAllowedError if the message asks for
    an audience beyond that.
    """
    if message.direct or message.grants:
        people = (one.audience for one in company.people if one.platform == message.platform and one.id == message.user)
        readable = frozenset({EVERYONE, *message.grants, *(name for audience in people for name in audience)})
    else:
        settings = channel_settings(company, message)
        readable = frozenset(settings.audience) if settings else frozenset({EVERYONE})
    if message.audience is None:
        return readable
    if message.audience not in readable:
        raise NotAllowedError(f"audience {message.audience}")
    return frozenset({EVERYONE, message.audience}) & readable


def scope(company: CompanyConfig, message: IncomingMessage, site: str | None) -> Scope:
    """The scope of a search for this message."""
    return Scope(audiences(company, message), site)


def readers(company: CompanyConfig, document: Document) -> frozenset[str]:
    """The audiences that may read a document now, whatever its label in the index; none if its source is not configured.

    One that was indexed from a path or an address on the command line keeps its own, but never more than those of the
    configured folder that it lies in.
    """
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
