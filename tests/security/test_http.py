"""The HTTP door: who gets in, what is refused and how, slow and oversized clients, what responses and logs give away."""

from __future__ import annotations

import asyncio
import io
import logging
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from adapters.http_guard import RefusedError
from adapters.web.inbound import Caller, Envelope, to_ask
from bot.messages import IncomingMessage
from config import limits
from tests.raw_http import raw
from tests.scenario.web_world import COMPANY, SECRET, world

TOKENS = "alpha-0123456789:everyone,beta-0123456789:everyone|direccion"
ALPHA = {"Authorization": "Bearer alpha-0123456789"}
BETA = {"Authorization": "Bearer beta-0123456789"}
THREAD = "chat-" + "a" * 32


async def code(response: aiohttp.ClientResponse) -> tuple[int, str]:
    """Status and the error's code."""
    return response.status, (await response.json())["error"]["code"]


async def test_with_tokens_every_door_asks_for_one() -> None:
    """Without a valid bearer nothing of /v1 or /chat answers, and nothing reaches the inbox."""
    wrong = [
        {}, {"Authorization": "Bearer nope"}, {"Authorization": "Bearer "}, {"Authorization": "Basic alpha-0123456789"},
        {"Authorization": "alpha-0123456789"}, {"Authorization": "Bearer alpha-012345678"}, {"Cookie": "advisor_session=x"},
        {"Authorization": "Bearer alpha-0123456789:everyone"}, {"Authorization": "Bearer ñandú"},
    ]  # fmt: skip
    doors = [("POST", "/v1/ask"), ("POST", "/v1/recommend"), ("GET", "/v1/messages/x"), ("POST", "/chat/command")]
    doors += [("GET", f"/chat/history?conversation={THREAD}"), ("GET", "/chat/passages/p1")]
    async with world(tokens=TOKENS) as w, aiohttp.ClientSession(w.base) as http:
        for headers in wrong:
            for method, path in doors:
                body = {"json": {"question": "q"}} if method == "POST" else {}
                async with http.request(method, path, headers=headers, **body) as response:
                    assert await code(response) == (401, "token"), (headers, path)
                    assert response.headers["WWW-Authenticate"] == "Bearer"
        async with http.post("/v1/ask", json={"question": "q"}, headers=ALPHA) as response:
            assert response.status == 200
    assert len(w.submitted) == 1


async def test_without_tokens_only_this_machine() -> None:
    """A foreign Host (DNS rebinding, a proxy) is refused whatever X-Forwarded-For says; local names pass."""
    async with world() as w, aiohttp.ClientSession(w.base) as http:
        for host in (
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:80",
            "10.0.0.5",
            "",
            "[::2]",
            "[",
            "0.0.0.0",  # noqa: S104 - a name to refuse, nothing is bound
        ):
            headers = {"Host": host, "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "localhost"}
            async with http.post("/v1/ask", json={"question": "q"}, headers=headers) as response:
                assert await code(response) == (403, "local_only"), host
        for host in ("localhost", f"localhost:{w.port}", "127.0.0.1", "[::1]:3978"):
            async with http.post("/v1/ask", json={"question": "q"}, headers={"Host": host}) as response:
                assert response.status == 200, host
    assert len(w.submitted) == 4


async def test_the_peer_is_looked_at_not_only_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Someone from another machine who says `Host: localhost` is refused."""
    async with world() as w, aiohttp.ClientSession(w.base) as http:
        plain = asyncio.selector_events._SelectorSocketTransport.get_extra_info  # type: ignore[attr-defined]

        def elsewhere(self: Any, name: str, default: Any = None) -> Any:
            return ("192.0.2.7", 5000) if name == "peername" else plain(self, name, default)

        monkeypatch.setattr("asyncio.selector_events._SelectorSocketTransport.get_extra_info", elsewhere)
        async with http.post("/v1/ask", json={"question": "q"}, headers={"Host": "localhost"}) as response:
            assert await code(response) == (403, "local_only")


async def test_other_pages_cannot_send() -> None:
    """A foreign Origin, `null`, or a content type that a form can send is refused; our own page's is not."""
    async with world() as w, aiohttp.ClientSession(w.base) as http:
        for origin in (
            "https://evil.example",
            "null",
            "http://127.0.0.1:1",
            f"http://127.0.0.1:{w.port}.evil",
            "http://[",
            "file://",
        ):
            async with http.post("/v1/ask", json={"question": "q"}, headers={"Origin": origin}) as response:
                assert await code(response) == (403, "origin"), origin
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            async with http.post("/v1/ask", data=b'{"question": "q"}', headers={"Content-Type": kind}) as response:
                assert await code(response) == (415, "content_type")
        async with http.post("/v1/ask", json={"question": "q"}, headers={"Origin": w.base}) as response:
            assert response.status == 200


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, "question_empty"), ({"question": " \n"}, "question_empty"), ({"question": None}, "question_empty"),
        ({"question": "x" * 4001}, "question_long"), ({"question": 7}, "wrong_type"), ({"question": ["q"]}, "wrong_type"),
        ({"question": "q", "thread": 7}, "wrong_type"), ({"question": "q", "thread": ""}, "thread_long"),
        ({"question": "q", "thread": "t" * 201}, "thread_long"), ({"question": "q", "site": "atlantis"}, "site"),
        ({"question": "q", "tenant": "x"}, "unknown_key"), ({"question": "q", "grants": ["direccion"]}, "unknown_key"),
    ],
)  # fmt: skip
async def test_a_wrong_body_is_explained(body: dict[str, Any], expected: str) -> None:
    """Each fault has its code and a sentence in the asker's language that says what to change."""
    async with world() as w, aiohttp.ClientSession(w.base) as http:
        async with http.post("/v1/ask", json=body, headers={"Accept-Language": "en"}) as response:
            said = (await response.json())["error"]
            assert (response.status, said["code"]) == (400, expected)
        async with http.post("/v1/ask", json=body, headers={"Accept-Language": "es"}) as response:
            assert (await response.json())["error"]["message"] != said["message"]
        if expected == "site":
            assert "edar-norte, oficina-central" in said["message"]
    assert not w.submitted


async def test_hostile_bodies() -> None:
    """Not JSON, too deep, half characters, NaN, not an object: 400. Too large: 413, however the size is told."""
    bad = [
        b"", b"{", b"[" * 200_000, b'{"question":' * 50_000, b"null", b'"q"', b"[]", b'{"question": "\\ud800"}',
        b'{"question": "q", "site": NaN}', b'{"question": "\xff"}', b'{"\\udfff": "q"}',
    ]  # fmt: skip
    headers = {"Content-Type": "application/json"}

    async def endless() -> Any:
        for _ in range(40):
            yield b" " * 65536

    async with world() as w, aiohttp.ClientSession(w.base) as http:
        for data in bad:
            async with http.post("/v1/ask", data=data, headers=headers) as response:
                assert await code(response) == (400, "bad_json"), data[:40]
        for large in (io.BytesIO(b" " * (limits.HTTP_BODY_BYTES + 1)), endless()):
            async with http.post("/v1/ask", data=large, headers=headers) as response:
                assert await code(response) == (413, "too_large")
        async with http.post("/v1/ask", data=b'{"question": "q"}', headers=headers) as response:
            assert response.status == 200


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        st.sampled_from(["question", "thread", "site", "audience", "x"]),
        st.none() | st.text() | st.integers() | st.lists(st.text()),
    )
)
def test_any_body_gives_a_message_or_a_refusal(body: dict[str, Any]) -> None:
    """Whatever the values are, translation ends in a bounded message or a 4xx, never in another exception."""
    caller = Caller("t", "u", frozenset({"everyone"}), ("everyone",))
    try:
        message = to_ask(body, Envelope(caller, "id", "es", 1.0, "key"), COMPANY)
    except RefusedError:
        return
    assert 0 < len(message.text) <= limits.WEB_QUESTION_CHARS
    assert len(message.conversation) <= limits.WEB_THREAD_CHARS
    assert set(message.grants) <= caller.may
    assert IncomingMessage.from_json(message.to_json()) == message


async def test_tokens_are_kept_apart() -> None:
    """The same thread name, message id and conversation of another token reach nothing of it."""
    async with world(tokens=TOKENS) as w, aiohttp.ClientSession(w.base) as http:
        async with http.post("/v1/ask", json={"question": "q", "thread": THREAD}, headers=ALPHA) as response:
            location = response.headers["Location"]
        async with http.get(location, headers=ALPHA) as response:
            assert response.status == 200
        async with http.get(location, headers=BETA) as response:
            assert await code(response) == (404, "message")
        async with http.get("/chat/history", params={"conversation": THREAD}, headers=BETA) as response:
            assert (await response.json())["turns"] == []
        async with http.post("/v1/ask", json={"question": "q", "thread": THREAD}, headers=BETA) as response:
            assert response.status == 200
    alpha, beta = w.submitted
    assert alpha.key != beta.key
    assert "0123456789" not in alpha.to_json() + beta.to_json()


async def test_audiences_are_the_tokens() -> None:
    """A request draws on its token's audiences, or on one of them, never on another; so do the passages it opens."""
    async with world(tokens=TOKENS) as w, aiohttp.ClientSession(w.base) as http:
        for headers, audience in ((ALPHA, "direccion"), (BETA, "obra"), (ALPHA, "")):
            async with http.post("/v1/ask", json={"question": "q", "audience": audience}, headers=headers) as response:
                assert await code(response) == (403, "audience")
        async with http.get(f"/chat/passages/{SECRET.id}", headers=ALPHA) as response:
            assert await code(response) == (404, "passage")
        async with http.get(f"/chat/passages/{SECRET.id}?audience=direccion", headers=ALPHA) as response:
            assert await code(response) == (403, "audience")
        async with http.get(f"/chat/passages/{SECRET.id}", headers=BETA) as response:
            assert response.status == 200
        for body in ({"question": "q"}, {"question": "q", "audience": "direccion"}):
            async with http.post("/v1/ask", json=body, headers=BETA) as response:
                assert response.status == 200
    assert [message.grants for message in w.submitted] == [("everyone", "direccion"), ("direccion",)]


async def test_on_this_machine_everyone_is_the_default() -> None:
    """Without tokens a request reads what everyone may, unless it asks for a configured audience."""
    async with world() as w, aiohttp.ClientSession(w.base) as http:
        for audience in (None, "direccion"):
            async with http.post("/v1/ask", json={"question": "q", "audience": audience}) as response:
                assert response.status == 200
        async with http.post("/v1/ask", json={"question": "q", "audience": "invented"}) as response:
            assert await code(response) == (403, "audience")
        async with http.get(f"/chat/passages/{SECRET.id}") as response:
            assert await code(response) == (404, "passage")
    assert [message.grants for message in w.submitted] == [("everyone",), ("direccion",)]


async def test_a_session_is_a_cookie_that_expires_and_ends() -> None:
    """Signing in gives a cookie of unguessable value; Redis holds its digest with an expiry; signing out ends it."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with world(tokens=TOKENS) as w, aiohttp.ClientSession(w.base, cookie_jar=jar) as http:
        for token in ("nope", "", 7, None):
            async with http.post("/chat/session", json={"token": token}) as response:
                assert await code(response) == (401, "token")
        async with http.post(
            "/chat/session", json={"token": "beta-0123456789"}, headers={"Origin": "http://evil.example"}
        ) as response:
            assert await code(response) == (403, "origin")
        async with http.post("/chat/session", json={"token": "beta-0123456789"}) as response:
            assert response.status == 200
            cookie = response.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        value = jar.filter_cookies(URL(w.base))["advisor_session"].value
        assert len(value) >= 43
        stored = await w.redis.keys("web:session:*")
        assert len(stored) == 1
        assert value not in stored[0]
        assert 0 < await w.redis.ttl(stored[0]) <= limits.WEB_SESSION_SECONDS
        async with http.get(f"/chat/passages/{SECRET.id}") as response:
            assert response.status == 200
        async with http.delete("/chat/session") as response:
            assert response.status == 200
        async with http.get(f"/chat/passages/{SECRET.id}", headers={"Cookie": f"advisor_session={value}"}) as response:
            assert await code(response) == (401, "token")


async def test_the_cookie_is_secure_away_from_this_machine() -> None:
    """Under a public name the cookie is only ever sent over TLS."""
    body, headers = {"token": "beta-0123456789"}, {"Host": "advisor.example"}
    async with (
        world(tokens=TOKENS) as w,
        aiohttp.ClientSession(w.base) as http,
        http.post("/chat/session", json=body, headers=headers) as response,
    ):
        assert "; Secure" in response.headers["Set-Cookie"]


async def test_static_files_only() -> None:
    """No path leads out of the folder of static files."""
    async with world() as w:
        for path in (
            "/static/../adapter.py",
            "/static/..%2fadapter.py",
            "/static/%2e%2e/adapter.py",
            "/static/%2fetc%2fpasswd",
            "/static/",
        ):
            answer = await raw(w.port, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            assert answer.split(b" ")[1] == b"404", path


async def test_every_response_has_the_headers() -> None:
    """Page, API, errors and health: no framing, no sniffing, no inline script, no referrer; a request id."""
    async with world() as w, aiohttp.ClientSession(w.base) as http:
        for path in ("/", "/static/main.js", "/v1/openapi.json", "/nowhere", "/healthz", "/chat/config"):
            async with http.get(path) as response:
                policy = response.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert "frame-ancestors 'none'" in policy
                assert "unsafe" not in policy
                assert response.headers["X-Content-Type-Options"] == "nosniff"
                assert response.headers["Referrer-Policy"] == "no-referrer"
                assert response.headers["X-Request-Id"]
                assert "Access-Control-Allow-Origin" not in response.headers
        async with http.get("/") as response:
            page = await response.text()
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick" not in page
        async with http.get("/v1/ask") as response:
            assert await code(response) == (405, "method")
            assert response.headers["Allow"] == "POST"


async def test_a_bug_shows_nothing_of_itself(caplog: pytest.LogCaptureFixture) -> None:
    """An unforeseen exception is a JSON 500 with a reference that is in the log, and no detail in the response."""
    async with world() as w, aiohttp.ClientSession(w.base) as http:

        async def broken(_key: str) -> list[Any]:
            raise RuntimeError("secret detail /srv/x")

        w.memory.history = broken  # type: ignore[method-assign]
        async with http.get("/chat/history", params={"conversation": THREAD}) as response:
            body = await response.text()
            assert response.status == 500
            reference = response.headers["X-Request-Id"]
    assert "secret detail" not in body
    assert reference in body
    assert reference in caplog.text


async def test_logs_and_metrics_hold_no_text_and_no_token(caplog: pytest.LogCaptureFixture) -> None:
    """Canaries in question, thread, token, path, query and method reach neither log nor metrics, at any level."""
    caplog.set_level(logging.DEBUG)
    canary = "CANARIO"
    async with world(tokens=f"token-{canary}") as w, aiohttp.ClientSession(w.base) as http:
        bearer = {"Authorization": f"Bearer token-{canary}"}
        async with http.post("/v1/ask", json={"question": canary, "thread": canary}, headers=bearer) as response:
            assert response.status == 200
        for path in (f"/v1/messages/{canary}", f"/{canary}", f"/chat/history?conversation={canary}", f"/chat/passages/{canary}"):
            async with http.get(path, headers=bearer) as response:
                assert response.status >= 400
        async with http.post("/chat/session", json={"token": f"token-{canary}"}) as response:
            assert response.status == 200
        for broken in (f"{canary} / HTTP/1.1\r\n\r\n", f"GET / HTTP/1.1\r\nAuthorization : Bearer {canary}\r\n\r\n"):
            assert (await raw(w.port, broken.encode())).split(b" ")[1] == b"400"
        assert await raw(w.port, f"PROPFIND / HTTP/1.1\r\nHost: x\r\nX-A: {canary}\r\nConnection: close\r\n\r\n".encode())
        async with http.get("/metrics") as response:
            metrics = await response.text()
    own = "\n".join(logging.Formatter().format(record) for record in caplog.records if not record.name.startswith("asyncio"))
    assert "POST /v1/ask 200" in own
    assert canary not in own + metrics
    assert "malformed request: BadHttpMethod" in own
    assert 'route="/v1/messages/{id}"' in metrics
