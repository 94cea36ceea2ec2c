"""The /v1 interface over real HTTP: ask, stream, resume, recommend, time out, forget."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import jsonschema

from adapters.web.schemas import SCHEMAS
from bot.contract import answer_json
from bot.messages import IncomingMessage, Progress, Reply
from tests.scenario.web_world import ANSWER, RECOMMENDED, World, answer, until, world

SSE = {"Accept": "text/event-stream"}


def events(body: str) -> list[tuple[str, str, Any]]:
    """(id, event, data) of each event in a stream."""
    found = []
    for block in body.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if line and not line.startswith(":"))
        if "event" in fields:
            found.append((fields.get("id", ""), fields["event"], json.loads(fields["data"])))
    return found


def check(instance: Any, name: str) -> None:
    """Hold a real response to the published schema."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": SCHEMAS}}
    jsonschema.Draft202012Validator(schema).validate(instance)


async def never(_world: World, _message: IncomingMessage) -> None:
    """A worker that says nothing."""


async def test_ask_answers_as_json() -> None:
    """A question goes through the inbox and comes back as the contract's JSON, with the message as the contract says."""
    async with world() as w, aiohttp.ClientSession(w.base) as http:
        body = {"question": " ¿Por qué? ", "thread": "obra 7", "site": "edar-norte"}
        async with http.post("/v1/ask", json=body, headers={"Accept-Language": "es-ES,en;q=0.5"}) as response:
            assert response.status == 200
            said = await response.json()
    assert said == answer_json(ANSWER)
    check(said, "Answer")
    message = w.submitted[0]
    assert (message.platform, message.tenant, message.conversation, message.text) == ("web", "local", "obra 7", "¿Por qué?")
    assert (message.site, message.locale, message.grants, message.direct) == ("edar-norte", "es-ES", ("everyone",), True)


async def test_ask_streams_progress_then_the_answer() -> None:
    """An event stream grows the text, ends with the whole answer, and each event can be resumed from."""
    async with world() as w, aiohttp.ClientSession(w.base) as http:
        async with http.post("/v1/ask", json={"question": "q"}, headers=SSE) as response:
            assert response.headers["Content-Type"].startswith("text/event-stream")
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            found = events(await response.text())
            location = response.headers["Location"]
        assert [name for _, name, _ in found[:-1]] == ["progress"] * (len(found) - 1)
        texts = [data["text"] for _, name, data in found if name == "progress"]
        assert texts == sorted(texts, key=len)
        assert ANSWER.text.startswith(texts[-1])
        assert found[-1][1:] == ("answer", answer_json(ANSWER))
        for _, name, data in found:
            check(data, name.capitalize())

        async with http.get(location, headers={**SSE, "Last-Event-ID": found[-2][0]}) as response:
            assert events(await response.text()) == found[-1:]
        async with http.get(location) as response:
            assert await response.json() == answer_json(ANSWER)


async def test_progress_arrives_while_the_answer_is_being_made() -> None:
    """The first words are on the wire before the worker has finished."""
    finish = asyncio.Event()

    async def slow(made: World, message: IncomingMessage) -> None:
        from_worker = made.adapter.channel
        await from_worker.progress(message, Progress("answer", "Primeras palabras"))
        await finish.wait()
        await from_worker.post(message, Reply(ANSWER))

    async with (
        world(script=slow) as w,
        aiohttp.ClientSession(w.base) as http,
        http.post("/v1/ask", json={"question": "q"}, headers=SSE) as response,
    ):
        async with asyncio.timeout(3):
            read = b""
            while b"Primeras palabras" not in read:
                read += await response.content.readany()
        assert b"event: answer" not in read
        finish.set()
        assert b"event: answer" in await response.content.read()


async def test_recommend() -> None:
    """Recommendations come in the contract's shape, unknown values as null."""
    async with world() as w, aiohttp.ClientSession(w.base) as http:
        async with http.post("/v1/recommend", json={"kind": "energy", "site": "edar-norte"}) as response:
            said = await response.json()
        async with http.post("/v1/recommend", json={}) as response:
            assert response.status == 200
    assert said == answer_json(RECOMMENDED)
    check(said, "Answer")
    assert said["recommendations"][0]["npv_eur"] is None
    assert [(m.command, m.text) for m in w.submitted] == [("recommend", "energy"), ("recommend", "")]


async def test_no_answer_in_time_is_a_failed_answer() -> None:
    """A worker that never answers gives status failed with a reason, as JSON and as a stream, not a hanging request."""
    async with world(script=never, deadline=1.5) as w, aiohttp.ClientSession(w.base) as http:
        w.adapter._waiting._seconds = 0.4  # the margin alone is longer than a test should take
        async with http.post("/v1/ask", json={"question": "q"}, headers={"Accept-Language": "en"}) as response:
            said = await response.json()
        async with http.post("/v1/ask", json={"question": "q"}, headers=SSE) as response:
            streamed = events(await response.text())
    check(said, "Answer")
    assert (said["status"], said["language"]) == ("failed", "en")
    assert "in time" in said["text"]
    assert [(name, data["status"]) for _, name, data in streamed] == [("answer", "failed")]


async def test_store_down_is_a_503_and_nothing_is_submitted() -> None:
    """When the inbox cannot store, the caller is told at once and may try again."""
    async with world() as w, aiohttp.ClientSession(w.base) as http:
        for break_it, mend_it in ((w.process.freeze, w.process.thaw), (w.process.kill, w.process.start)):
            started = time.monotonic()
            await _do(break_it)
            async with http.post("/v1/ask", json={"question": "q"}) as response:
                assert response.status == 503
                assert response.headers["Retry-After"]
                check(await response.json(), "Error")
            assert time.monotonic() - started < 1.5
            async with http.get("/readyz") as response:
                assert response.status == 503
            async with http.get("/healthz") as response:
                assert response.status == 200
            await _do(mend_it)
        async with http.post("/v1/ask", json={"question": "again"}) as response:
            assert response.status == 200
    assert [message.text for message in w.submitted] == ["again"]


async def _do(step: Callable[[], Awaitable[None] | None]) -> None:
    result = step()
    if result is not None:
        await result


async def test_a_caller_who_hangs_up_frees_his_place() -> None:
    """Clients that go away in mid-answer hold no waiting place and break nothing for the next."""
    async with world(script=never) as w, aiohttp.ClientSession(w.base) as http:
        for headers in ({}, SSE):
            try:
                async with asyncio.timeout(0.3), http.post("/v1/ask", json={"question": "q"}, headers=headers) as response:
                    await response.read()
            except TimeoutError:
                pass
        await until(lambda: not w.adapter._waiting._now)
        w.script = answer
        async with http.post("/v1/ask", json={"question": "q"}) as response:
            assert (await response.json())["status"] == "answered"


async def test_too_many_waiting_are_told_so() -> None:
    """Beyond the limit a request is refused before it is stored."""
    async with world(script=never) as w, aiohttp.ClientSession(w.base) as http:
        w.adapter._waiting._most = 1
        first = asyncio.create_task(http.post("/v1/ask", json={"question": "one"}))
        await until(lambda: bool(w.submitted))
        async with http.post("/v1/ask", json={"question": "two"}) as response:
            assert (response.status, (await response.json())["error"]["code"]) == (503, "busy")
        first.cancel()
    assert [message.text for message in w.submitted] == ["one"]


async def test_posting_twice_shows_one_answer() -> None:
    """A worker that repeats a post after a crash does not answer twice."""

    async def twice(made: World, message: IncomingMessage) -> None:
        await made.adapter.channel.post(message, Reply(ANSWER))
        await made.adapter.channel.post(message, Reply(RECOMMENDED))

    async with world(script=twice) as w, aiohttp.ClientSession(w.base) as http:
        async with http.post("/v1/ask", json={"question": "q"}) as response:
            location = response.headers["Location"]
        await asyncio.sleep(0.05)
        async with http.get(location, headers=SSE) as response:
            assert [data["text"] for _, _, data in events(await response.text())] == [ANSWER.text]


async def test_forget_erases_what_was_streamed() -> None:
    """After `forget`, Redis holds nothing of the conversation but the confirmation, and that expires."""
    async with world() as w, aiohttp.ClientSession(w.base) as http:
        thread = "chat-" + "x" * 32
        async with http.post("/v1/ask", json={"question": "q", "thread": thread}) as response:
            await response.read()
        async with http.get("/chat/history", params={"conversation": thread}) as response:
            assert len((await response.json())["turns"]) == 2
        async with http.post("/chat/command", json={"command": "forget", "thread": thread}) as response:
            assert "borrado" in (await response.json())["text"]
        async with http.get("/chat/history", params={"conversation": thread}) as response:
            assert (await response.json())["turns"] == []
        keys = await w.redis.keys("*")
        assert sum([await w.redis.type(key) == "stream" for key in keys]) == 1
        assert "soplantes" not in "".join([str(await w.redis.xrange(key)) for key in await w.redis.keys("web:events:*")])
        assert all([await w.redis.ttl(key) > 0 for key in await w.redis.keys("web:*")])
        await w.memory.forget_user("web", "local", "local")
        assert await w.redis.keys("web:*") == []


async def test_redis_gone_while_waiting_is_told() -> None:
    """Losing Redis in mid-answer ends the request with a reason instead of silence."""
    async with world(script=never) as w, aiohttp.ClientSession(w.base) as http:
        w.adapter._waiting._seconds = 1.0
        pending = asyncio.create_task(http.post("/v1/ask", json={"question": "q"}, headers=SSE))
        await until(lambda: bool(w.submitted))
        await w.redis.config_set("maxclients", 1)
        await w.redis.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        response = await pending
        found = events(await response.text())
        assert [(name, data["error"]["code"]) for _, name, data in found] == [("error", "unavailable")]
