"""The one link policy of all channels: only web addresses of the sources that an answer cites may become links."""

from __future__ import annotations

from urllib.parse import urlsplit

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
