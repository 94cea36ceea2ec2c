"""Which addresses the adviser calls back on: those of the Bot Connector, whatever an activity says. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def host_list(setting: str) -> tuple[str, ...]:
    """TEAMS_SERVICE_HOSTS, comma-separated, as lower-case names."""
    return tuple(filter(None, (part.strip().strip(".").lower() for part in setting.split(","))))


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine, without asking a name server."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def service_url_allowed(url: str, hosts: Iterable[str]) -> bool:
    """Whether replies may be sent there: a listed host or one below it, by https (by http on this machine alone).

    Nothing that two parsers could read differently: no user info, backslash, control or space character.
    """
    return _listed(url, hosts) and not urlsplit(url).query


def file_url_allowed(url: str, hosts: Iterable[str]) -> bool:
    """Whether a file may be fetched there: as for replies, but its address may hold a query."""
    return _listed(url, hosts)


def _listed(url: str, hosts: Iterable[str]) -> bool:
    if any(ord(char) <= 0x20 or ord(char) >= 0x7F or char == "\\" for char in url):
        return False
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc or parts.fragment:
        return False
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        return False
    return any(host == allowed or host.endswith(f".{allowed}") for allowed in hosts)
