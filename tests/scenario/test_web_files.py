"""Files on the web: sent ahead of a question, held for their sender alone, and fetched by the worker."""

from __future__ import annotations

import io
from typing import Any

import aiohttp
import pytest

from adapters.web.files import file_key
from bot.ports import BringsFiles
from config import limits
from rag.errors import InputError
from tests.scenario.web_world import world

BYTES = {"Content-Type": "application/octet-stream"}
TABLE = b"inicio;kWh\n2025-01-01 00:00;3\n"


async def sent(http: aiohttp.ClientSession, name: str = "consumo.csv", data: bytes = TABLE, **more: Any) -> tuple[int, Any]:
    """Send a file; (status, what came back)."""
    async with http.post("/v1/files", params={"name": name}, data=io.BytesIO(data), headers={**BYTES, **more}) as response:
        return response.status, await response.json()


async def asked(http: aiohttp.ClientSession, body: dict[str, Any], **headers: str) -> tuple[int, Any]:
    """Ask; (status, what came back)."""
    async with http.post("/v1/ask", json=body, headers=headers) as response:
        return response.status, await response.json()


async def test_a_file_goes_with_its_question() -> None:
    """By its id; name and size are those it was sent with, and the worker has its bytes. The question may be empty."""
    async with world() as w, aiohttp.ClientSession(w.base) as http:
        status, told = await sent(http, "mis/lecturas.csv")
        assert (status, told["name"], told["size"]) == (201, "mis_lecturas.csv", len(TABLE))
        assert (await asked(http, {"question": "", "thread": "t", "files": [told["file"]]}))[0] == 200
        message, channel = w.submitted[0], w.adapter.channel
        assert isinstance(channel, BringsFiles)
        assert [(one.name, one.size) for one in message.files] == [("mis_lecturas.csv", len(TABLE))]
        assert await channel.file(message, message.files[0]) == TABLE
        held = file_key("local", told["file"])
        assert 0 < await w.redis.ttl(held) <= limits.WEB_FILE_SECONDS
        async with http.post("/chat/command", json={"command": "forget", "thread": "t"}) as response:
            assert response.status == 200
        assert not await w.redis.exists(held)
        with pytest.raises(InputError):
            await channel.file(message, message.files[0])


async def test_another_cannot_name_it() -> None:
    """Neither another token's caller nor whoever makes an id up; and nobody without a token sends anything."""
    async with world(tokens="uno,dos") as w, aiohttp.ClientSession(w.base) as http:
        one, two = ({"Authorization": f"Bearer {name}"} for name in ("uno", "dos"))
        _, told = await sent(http, **one)
        for caller, name in ((two, told["file"]), (one, "x" * 24)):
            status, said = await asked(http, {"question": "q", "files": [name]}, **caller)
            assert (status, said["error"]["code"]) == (400, "file_gone")
        assert (await sent(http))[0] == 401
        assert w.submitted == []


@pytest.mark.parametrize(
    ("name", "data", "headers", "status", "code"),
    [
        ("", TABLE, {}, 400, "file_name"),
        ("a.csv", TABLE, {"Content-Type": "text/plain"}, 415, "upload_type"),
        ("a.csv", bytes(limits.CONVERSATION_FILE_BYTES + 1), {}, 413, "too_large"),
        ("a.csv", TABLE, {"Origin": "https://evil.example"}, 403, "origin"),
    ],
)
async def test_what_is_not_taken(name: str, data: bytes, headers: dict[str, str], status: int, code: str) -> None:
    """Each with its reason; nothing is held of it."""
    async with world() as w, aiohttp.ClientSession(w.base) as http:
        given, said = await sent(http, name, data, **headers)
        assert (given, said["error"]["code"]) == (status, code)
        assert not [one async for one in w.redis.scan_iter("web:file:*")]


async def test_a_body_without_length_is_cut_at_the_limit() -> None:
    """In chunks as it comes, so that its length is nobody's word."""

    async def endless() -> Any:
        while True:
            yield bytes(1 << 20)

    async with world() as w, aiohttp.ClientSession(w.base) as http:
        try:
            async with http.post("/v1/files", params={"name": "a"}, data=endless(), headers=BYTES) as response:
                assert response.status == 413
        except aiohttp.ClientConnectionError:
            pass  # the connection is closed under whoever goes on sending
        assert not [one async for one in w.redis.scan_iter("web:file:*")]


async def test_questions_name_files_rightly() -> None:
    """Five at most, as a list of ids; and a caller sends so many in a quarter of an hour."""
    async with world() as w, aiohttp.ClientSession(w.base) as http:
        for files, code in ((["a"] * 6, "files_most"), ("a", "wrong_value"), ([1], "wrong_value"), ([""], "wrong_value")):
            status, said = await asked(http, {"question": "q", "files": files})
            assert (status, said["error"]["code"]) == (400, code)
        ends = [await sent(http) for _ in range(limits.WEB_FILES_HELD + 1)]
        assert [status for status, _ in ends] == [201] * limits.WEB_FILES_HELD + [429]
        assert w.submitted == []
