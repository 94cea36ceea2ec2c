"""OpenAI's chat completions and embeddings as a real server; the model's name says how it behaves.

Beliefs about the platform, with source:
* POST /chat/completions streams `data: {json}` lines with `choices[0].delta`, ends with `finish_reason` and `data: [DONE]`; usage
  comes in a last chunk without choices, only if `stream_options.include_usage` (API reference, seen 2025; openai 3.54 source).
* POST /embeddings: 1 to 2048 inputs, none empty, 8192 tokens each and 300 000 in all; `dimensions` only for text-embedding-3;
  the Python SDK asks for base64 float32 (API reference, seen 2025; openai 3.54 source).
* Errors are {"error": {"message", "type", "param", "code"}}; 429 is either a rate limit (with retry-after) or
  `insufficient_quota`, which a retry never heals; unsuccessful requests count against the limit (error guide, seen 2025).
* Reasoning models (o1, o3, gpt-5 ...) refuse a temperature other than 1 with 400 (reasoning guide, seen 2025).

Model names: `good` (and any unknown name) · `ttft500-itl20` (ms to the first token, and between tokens) · `obey` ·
`garbage-1` to `garbage-15` (openai_words.GARBAGE) · `hang-connect` `hang-headers` `hang-mid` · `429`, `500x2` (a
status, always or so many times) · `quota`. Embedding models take the same names for statuses and hangs.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
from aiohttp import web

from tests.fakes.faults import FakeServer, cut, hang
from tests.fakes.openai_words import GARBAGE, embedding, good, obey

_STATUS = re.compile(r"(\d{3})(?:x(\d+))?")
_PACE = re.compile(r"ttft(\d+)-itl(\d+)")
_REASONING = re.compile(r"(o\d|gpt-5)")
_TOKEN = re.compile(r"\d{1,3}|[^\W\d_]{1,5}|\s(?=\d)|[^\w\s]")
"""Near the vocabulary's own count, within 15 % for prose and tables of numbers; never more than three digits are one token."""
_SIZES = {"text-embedding-3-large": 3072, "text-embedding-3-small": 1536, "text-embedding-ada-002": 1536}


class FakeOpenAI(FakeServer):
    """`async with FakeOpenAI() as fake:` then `fake.base_url`, `fake.requests`, `fake.calls("/chat/")`."""

    def __init__(self, api_key: str = "sk-test", retry_after: str = "0") -> None:
        super().__init__()
        self.api_key = api_key
        self.retry_after = retry_after
        self._seen: Counter[str] = Counter()

    @property
    def base_url(self) -> str:
        """What OPENAI_BASE_URL is set to."""
        return f"{self.url}/v1"

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1/chat/completions", self._chat),
            web.post("/v1/embeddings", self._embeddings),
            web.get("/v1/models", self._models),
        ]

    async def _models(self, request: web.Request) -> web.Response:
        return self._unauthorised(request) or web.json_response({"object": "list", "data": [{"id": "good", "object": "model"}]})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        failed = self._unauthorised(request) or await self._fails(request, str(asked["model"])) or _bad_chat(asked)
        if failed is not None:
            return failed
        if asked.get("stream"):
            return await _stream(request, asked)
        return _whole(asked)

    async def _embeddings(self, request: web.Request) -> web.StreamResponse:
        asked = await request.json()
        failed = self._unauthorised(request) or await self._fails(request, str(asked["model"])) or _bad_embedding(asked)
        if failed is not None:
            return failed
        texts = [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
        size = int(asked.get("dimensions") or _SIZES.get(asked["model"], 256))
        vectors = [embedding(text, size) for text in texts]
        if asked["model"] == "nan":
            vectors = [vector * np.float32("nan") for vector in vectors]
        if asked["model"] == "one-short":
            vectors = vectors[1:]
        as_text = asked.get("encoding_format") == "base64"
        data = [
            {"object": "embedding", "index": index, "embedding": _base64(vector) if as_text else vector.tolist()}
            for index, vector in enumerate(vectors)
        ]
        usage = {"prompt_tokens": sum(map(len, texts)) // 4, "total_tokens": sum(map(len, texts)) // 4}
        return web.json_response({"object": "list", "model": asked["model"], "data": data, "usage": usage})

    def _unauthorised(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") == f"Bearer {self.api_key}":
            return None
        return _error(401, "Incorrect API key provided", "invalid_request_error", "invalid_api_key")

    async def _fails(self, request: web.Request, model: str) -> web.StreamResponse | None:
        """What a model does whose name is a fault."""
        if model == "quota":
            return _error(429, "You exceeded your current quota", "insufficient_quota", "insufficient_quota")
        if model == "hang-connect":
            await hang()
        if model == "hang-headers":
            assert request.transport is not None
            request.transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/eve")
            await hang()
        status = _STATUS.fullmatch(model)
        self._seen[model] += 1
        if status and (status[2] is None or self._seen[model] <= int(status[2])):
            code = int(status[1])
            headers = {"Retry-After": self.retry_after} if code == 429 else {}
            return _error(code, "planned", "rate_limit_error" if code == 429 else "server_error", None, headers)
        return None


async def _stream(request: web.Request, asked: dict[str, Any]) -> web.StreamResponse:
    model = str(asked["model"])
    pace = _PACE.match(model)
    first, between = (int(pace[1]) / 1000, int(pace[2]) / 1000) if pace else (0.0, 0.0)
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await asyncio.sleep(first)
    await response.prepare(request)
    await _send(response, _chunk(model, {"role": "assistant", "content": ""}))
    for index, piece in enumerate(_pieces(_words(asked))):
        if index:
            await asyncio.sleep(between)
        await _send(response, _chunk(model, {"content": piece}))
        if index == 3 and model == "hang-mid":
            await hang()
        if index == 3 and model == "garbage-8":
            cut(request)
    if model == "garbage-3":
        await response.write(b'data: {"choices": [{"delta": {"content": "El \n\n')
    await _send(response, _chunk(model, {}, _finish(model)))
    if (asked.get("stream_options") or {}).get("include_usage"):
        await _send(response, {**_chunk(model, {}), "choices": [], "usage": _USAGE})
    await response.write(b"data: [DONE]\n\n")
    return response


def _whole(asked: dict[str, Any]) -> web.Response:
    model = str(asked["model"])
    if model == "garbage-3":
        return web.Response(text='{"choices": [{"message": {"content": "El ', content_type="application/json")
    choice = {"index": 0, "message": {"role": "assistant", "content": _words(asked)}, "finish_reason": _finish(model)}
    return web.json_response(
        {"id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": model, "choices": [choice], "usage": _USAGE}
    )


_USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


def _words(asked: dict[str, Any]) -> str:
    model = str(asked["model"])
    if model == "obey":
        return obey(asked["messages"])
    if model.startswith("garbage-"):
        return GARBAGE.get(int(model.removeprefix("garbage-")), good(asked["messages"]))
    return good(asked["messages"])


def _finish(model: str) -> str:
    return {"garbage-12": "content_filter", "garbage-15": "length"}.get(model, "stop")


def _pieces(text: str) -> Iterator[str]:
    """Tokens, roughly: words with the space before them; long texts in larger pieces, so that tests stay quick."""
    size = max(1, len(text) // 20_000)
    words = re.findall(r"\s*\S+|\s+$", text)
    return ("".join(words[start : start + size]) for start in range(0, len(words), size))


def _chunk(model: str, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": model, "choices": [choice]}


async def _send(response: web.StreamResponse, chunk: dict[str, Any]) -> None:
    await response.write(f"data: {json.dumps(chunk)}\n\n".encode())


def _base64(vector: np.ndarray[tuple[int], np.dtype[np.float32]]) -> str:
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()


def _bad_chat(asked: dict[str, Any]) -> web.Response | None:
    if not asked.get("messages"):
        return _error(400, "messages: too short", "invalid_request_error", None)
    if _REASONING.match(asked["model"]) and asked.get("temperature", 1) != 1:
        return _error(400, "Unsupported value: 'temperature'", "invalid_request_error", "unsupported_value")
    return None


def _bad_embedding(asked: dict[str, Any]) -> web.Response | None:
    texts = [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
    tokens = [len(_TOKEN.findall(text)) for text in texts]
    if not texts or len(texts) > 2048 or not all(texts):
        return _error(400, "input: 1 to 2048 strings, none empty", "invalid_request_error", None)
    if max(tokens) > 8192 or sum(tokens) > 300_000:
        return _error(400, "maximum context length exceeded", "invalid_request_error", "max_tokens_per_request")
    if "dimensions" in asked and not asked["model"].startswith("text-embedding-3"):
        return _error(400, "This model does not support specifying dimensions.", "invalid_request_error", None)
    return None


def _error(status: int, message: str, kind: str, code: str | None, headers: dict[str, str] | None = None) -> web.Response:
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    return web.json_response(body, status=status, headers=headers)
