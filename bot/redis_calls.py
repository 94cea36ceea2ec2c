"""How we speak to Redis: time limits, one retry, Lua scripts, and one kind of error."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, RedisError

from rag.errors import MemoryStoreError

_LUA = Path(__file__).parent / "lua"
_CALL_SECONDS = 0.95

# One retry, because after a restart of Redis each pooled connection fails once; none on a timeout, which would only double it.
# With redis-py's defaults a frozen server holds a call for more than 20 s (measured with 8.1).
CLIENT_OPTIONS: dict[str, Any] = {
    "decode_responses": True,
    "socket_timeout": 0.5,
    "socket_connect_timeout": 0.5,
    "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
    "max_connections": 50,
    "timeout": 0.9,  # for a free connection of the pool; a burst of messages may have to wait
}


@asynccontextmanager
async def answering() -> AsyncIterator[None]:
    """Around calls to Redis: MemoryStoreError within a second when it does not answer, or not usefully."""
    try:
        async with asyncio.timeout(_CALL_SECONDS):
            yield
    except (RedisError, TimeoutError) as error:
        raise MemoryStoreError(f"Redis: {type(error).__name__}") from error


class Script:
    """A Lua script of bot/lua, sent once and then called by its hash. Runs atomically."""

    def __init__(self, *parts: str, allow_oom: bool = False) -> None:
        """`allow_oom`: it may write although Redis is full, because it frees memory in the end."""
        header = "#!lua flags=allow-oom\n" if allow_oom else "#!lua\n"
        self._text = header + "".join((_LUA / f"{part}.lua").read_text("utf-8") for part in parts)
        self._sha = hashlib.sha1(self._text.encode(), usedforsecurity=False).hexdigest()

    async def run(self, client: Redis, keys: Sequence[str], *args: str | int) -> Any:
        """What the script returns; `keys` must share a hash slot."""
        try:
            return await client.evalsha(self._sha, len(keys), *keys, *args)
        except NoScriptError:
            return await client.eval(self._text, len(keys), *keys, *args)


def digest(*parts: str) -> str:
    """A short name for a key that tells nothing of its parts and has no characters with a meaning to Redis."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
