"""Files that callers of the web send ahead of a question: held for a quarter of an hour, for the sender and the worker."""

from __future__ import annotations

import asyncio
import base64
import secrets
import zlib
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import replace
from typing import cast

from aiohttp import web
from redis.asyncio import Redis

from adapters.http_guard import RefusedError, read_upload
from adapters.web.auth import Gate
from adapters.web.inbound import Caller
from bot.messages import IncomingMessage, SentFile
from bot.redis_calls import answering, digest
from config import limits
from rag.errors import DeliveryError, InputError, MemoryStoreError

_NAME_CHARS = 200


class WebFiles:
    """`POST /v1/files?name=...` takes a file's bytes and gives its id, which `files` of a question then names."""

    def __init__(self, gate: Gate, redis: Redis) -> None:
        self._gate, self._redis = gate, redis

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return [web.post(limits.WEB_UPLOAD_PATH, self._take)]

    async def _take(self, request: web.Request) -> web.Response:
        """Nothing is read of who may not send, or has sent too much."""
        caller = await self._gate.caller(request)
        name = request.query.get("name", "").replace("/", "_").strip()[:_NAME_CHARS]
        if not name:
            raise RefusedError(400, "file_name")
        await self._count(caller)
        data = await read_upload(request, limits.CONVERSATION_FILE_BYTES)
        identity = secrets.token_urlsafe(18)
        key, packed = file_key(caller.tenant, identity), await asyncio.to_thread(_packed, data)
        async with answering(), self._redis.pipeline(transaction=True) as pipe:
            for field, value in (("name", name), ("size", str(len(data))), ("user", caller.user), ("data", packed)):
                pipe.hset(key, field, value)
            pipe.expire(key, limits.WEB_FILE_SECONDS)
            await pipe.execute()
        return web.json_response({"file": identity, "name": name, "size": len(data)}, status=201)

    async def named(self, caller: Caller, message: IncomingMessage) -> IncomingMessage:
        """The message with the names and sizes of its files. RefusedError for one that the caller did not send, or not lately."""
        sent = []
        for one in message.files:
            user, name, size = await self._held(caller.tenant, one.address, "user", "name", "size")
            if user != caller.user or not name or not size:
                raise RefusedError(400, "file_gone")
            sent.append(replace(one, name=name, size=int(size)))
        return replace(message, files=tuple(sent))

    async def data(self, message: IncomingMessage, sent: SentFile) -> bytes:
        """For the channel: the bytes. InputError if they are gone, DeliveryError if they cannot be had now."""
        try:
            user, packed = await self._held(message.tenant, sent.address, "user", "data")
        except MemoryStoreError as error:
            raise DeliveryError(str(error)) from error
        if user != message.user or packed is None:
            raise InputError("it was sent too long ago")
        return await asyncio.to_thread(_unpacked, packed)

    async def _held(self, tenant: str, identity: str, *fields: str) -> list[str | None]:
        """What is kept of a file; None for each field if it is not."""
        async with answering():
            return await cast(Awaitable[list[str | None]], self._redis.hmget(file_key(tenant, identity), list(fields)))

    async def _count(self, caller: Caller) -> None:
        """So many in a while: what is held lies in memory."""
        key = f"web:files:{digest(caller.tenant, caller.user)}"
        async with answering(), self._redis.pipeline(transaction=True) as pipe:
            pipe.incr(key)
            pipe.expire(key, limits.WEB_FILE_SECONDS, nx=True)
            count, _ = await cast(Awaitable[list[int]], pipe.execute())
        if count > limits.WEB_FILES_HELD:
            raise RefusedError(429, "files_many")


def _packed(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data, 1)).decode()


def _unpacked(packed: str) -> bytes:
    return zlib.decompress(base64.b64decode(packed))


def file_key(tenant: str, identity: str) -> str:
    """Where a file is held; of no use to a caller of another tenant."""
    return f"web:file:{digest(tenant, identity)}"


def file_keys(message: IncomingMessage) -> Sequence[str]:
    """Of all files of a message, to be forgotten with it."""
    return [file_key(message.tenant, one.address) for one in message.files]
