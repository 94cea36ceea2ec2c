"""The one link policy of all channels: only web addresses of the sources that an answer cites may become links."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from adapters.untrusted import unlinked
from bot.ports import SourceView
from rag.models import Citation


def linkable(uri: str) -> str | None:
    """The address itself if a reader may be sent there: http(s), a host, no user info, no control or space characters."""
    if any(ord(char) <= 0x20 or char in '<>|"\\`' or 0x7F <= ord(char) <= 0x9F for char in uri):
        return None
    try:
        parts = urlsplit(uri)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc:
        return None
    return uri


def citation_link(citation: Citation) -> str | None:
    """Where a citation's title may link to: its source's own web address, if it has one."""
    return linkable(citation.uri)


def unlinked_view(view: SourceView, *, removed: str) -> SourceView:
    """A passage without addresses, before a form cuts it: what is left of one that was cut would not be known as an address."""

    def bare(said: str) -> str:
        return unlinked(said, removed=removed)

    return replace(view, before=bare(view.before), text=bare(view.text), quote=bare(view.quote), after=bare(view.after))
