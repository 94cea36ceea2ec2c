"""Whether a request really comes from the Bot Connector, and whether its token covers the activity that it carries.

Ours, on PyJWT: the SDK's own check accepts tokens of any issuer, without expiry, for another channel or another service URL,
and answers 500 to others (tests/security/teams_tokens.py has the list; docs/teams.md the figures).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import jwt

from adapters.teams.hosts import service_url_allowed
from adapters.teams.keys import SigningKeys
from rag.errors import NotAllowedError

ISSUER = "https://api.botframework.com"
LEEWAY_SECONDS = 300
"""Bot Connector authentication page, seen 2025: industry-standard clock skew of 5 minutes."""
CHANNEL = "msteams"


class RefusedError(NotAllowedError):
    """A request that is not to be believed. `status` is what it is answered with; the message is for the log alone."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Caller:
    """What a verified token vouches for: the service URL to answer on, and the channels of its key."""

    service_url: str
    channels: frozenset[str]


async def authenticate(authorization: str, keys: SigningKeys, app_id: str) -> Caller:
    """Verify the token of an Authorization header. RefusedError 401; DependencyError when no key can be had."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token or not token.isascii() or any(char.isspace() for char in token):
        raise RefusedError(401, "no bearer token")
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise RefusedError(401, "not a token") from None
    kid = header.get("kid")
    if header.get("alg") != "RS256" or not isinstance(kid, str):
        raise RefusedError(401, "wrong algorithm or no key id")
    key = await keys.find(kid)
    if key is None:
        raise RefusedError(401, "unknown key")
    try:
        claims = jwt.decode(
            token,
            key.key,
            algorithms=["RS256"],
            audience=app_id,
            issuer=ISSUER,
            leeway=LEEWAY_SECONDS,
            options={"require": ["exp", "iss", "aud", "serviceurl"], "strict_aud": True},
        )
    except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise RefusedError(401, f"token refused: {type(error).__name__}") from None
    if not isinstance(claims["serviceurl"], str):
        raise RefusedError(401, "serviceurl claim is not text")
    return Caller(claims["serviceurl"], key.channels)


def check_covers(caller: Caller, *, channel_id: str, service_url: str, hosts: Iterable[str]) -> None:
    """Whether the token was given for this activity. RefusedError 403."""
    if channel_id != CHANNEL or channel_id not in caller.channels:
        raise RefusedError(403, "key not endorsed for the channel")
    if not service_url or service_url != caller.service_url:
        raise RefusedError(403, "service URL is not the token's")
    if not service_url_allowed(service_url, hosts):
        raise RefusedError(403, "service URL on an unlisted host")
