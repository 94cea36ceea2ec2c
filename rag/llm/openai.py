"""The language model: any OpenAI-compatible server, through LangChain, as a stream of text with one kind of error.

Importing langchain_openai takes about two seconds, so only a composition that has a key imports this module.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import cast

import openai
from langchain_core.messages import AIMessageChunk, BaseMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from langsmith import tracing_context
from pydantic import SecretStr

from rag.breaker import Breaker
from rag.errors import ModelError
from rag.llm.openai_errors import FAILURES, failure

_REASONING = re.compile(r"o\d|gpt-5")
"""Families that refuse any temperature but their own with 400."""
_MAX_TOKENS = 2000
_MAX_CHARACTERS = 40_000
"""Beyond any answer of _MAX_TOKENS: a server that ignores the limit is cut off here."""


class OpenAIModel:
    """LanguageModel over an OpenAI-compatible server. Never retries: deadline and fall-back are the caller's.

    `timeout` bounds a whole answer and `connect_timeout` the connection, both in seconds.
    """

    def __init__(
        self,
        api_key: str,
        model: str,
        base_url: str = "https://api.openai.com/v1",
        *,
        timeout: float = 25.0,
        connect_timeout: float = 3.0,
        breaker: Breaker | None = None,
    ) -> None:
        self._timeout = timeout
        self.breaker = breaker or Breaker()
        limits = openai.Timeout(timeout, connect=connect_timeout)
        self._http = openai.DefaultAsyncHttpxClient(timeout=limits, follow_redirects=False)
        self._chat = ChatOpenAI(
            model=model,
            api_key=SecretStr(api_key),
            base_url=base_url,
            timeout=limits,
            max_retries=0,
            temperature=None if _REASONING.match(model) else 0,
            max_completion_tokens=_MAX_TOKENS,
            stream_usage=False,  # not every compatible server knows stream_options
            http_async_client=self._http,
        )

    async def stream(self, system: str, user: str) -> AsyncIterator[str]:
        """The answer's text, piece by piece. ModelError if it cannot be had whole and in time, also after some pieces."""
        if not self.breaker.allows():
            raise ModelError("model: it failed repeatedly, not asked again yet", retry_after=1.0)
        length = 0
        async with aclosing(self._pieces([SystemMessage(system), HumanMessage(user)])) as pieces:
            async for piece in pieces:
                length += len(piece)
                if length > _MAX_CHARACTERS:
                    raise ModelError("model: the answer does not end")
                yield piece
        if not length:
            raise ModelError("model: empty answer")

    async def close(self) -> None:
        """Close connections."""
        await self._http.aclose()

    async def _pieces(self, messages: list[BaseMessage]) -> AsyncGenerator[str]:
        deadline = time.monotonic() + self._timeout
        finish = ""
        chunks = cast(AsyncGenerator[AIMessageChunk], self._chat.astream(messages))
        try:
            async with aclosing(chunks):
                while (chunk := await self._next(chunks, deadline)) is not None:
                    finish = str(chunk.response_metadata.get("finish_reason") or finish)
                    if text := chunk.text:
                        yield str(text)
        except FAILURES as error:
            found = failure(error)
            self.breaker.record(found.healthy)
            raise ModelError(f"model: {found.message}", retryable=found.retryable, retry_after=found.retry_after) from error
        self.breaker.record(True)
        if finish not in ("stop", "length"):
            reason = "refused by its content filter" if finish == "content_filter" else "the stream ended early"
            raise ModelError(f"model: {reason}", retryable=finish != "content_filter")

    @staticmethod
    async def _next(chunks: AsyncIterator[AIMessageChunk], deadline: float) -> AIMessageChunk | None:
        """The next chunk, None at the end. The time that the consumer takes between chunks does not raise here.

        Tracing to LangSmith can be switched on by the environment of any library's user; never with our people's questions.
        """
        with tracing_context(enabled=False):
            async with asyncio.timeout(deadline - time.monotonic()):
                return await anext(chunks, None)
