"""The OpenAI embedder's requests and failures, with the real SDK against the stand-in."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator

import pytest

from rag.breaker import Breaker
from rag.embed.openai import OpenAIEmbedder, acceptable, batches
from rag.embed.tokens import tokens
from rag.errors import EmbeddingError
from tests.fakes.faults import Fault, closed_port
from tests.fakes.openai_api import FakeOpenAI

SMALL = "text-embedding-3-small"


@pytest.fixture
async def fake() -> AsyncIterator[FakeOpenAI]:
    """A stand-in of its own for each test."""
    async with FakeOpenAI() as server:
        yield server


async def embed(fake: FakeOpenAI, model: str, seconds: float = 2.0) -> None:
    """One question with a model of that name."""
    embedder = OpenAIEmbedder("sk-test", model, fake.base_url, dimension=256, query_timeout=seconds)
    try:
        await embedder.embed_query("fugas")
    finally:
        await embedder.close()


def test_batches_keep_order_and_count() -> None:
    """No batch has more than 2048 texts, the order stays, and no text is lost."""
    texts = [f"{n} " + "ñ" * (n % 7000) for n in range(3000)]
    made = list(batches(texts))
    assert [text for part in made for text in part] == [acceptable(text) for text in texts]
    assert max(map(len, made)) <= 2048
    assert max(map(len, batches(["x"] * 5000))) == 2048


_ROW = " | ".join(f"{n * 7919 % 100_000 / 100:.2f}" for n in range(120))


@pytest.mark.parametrize("text", [_ROW, "La bomba de la estación elevadora. " * 30, "水ポンプ" * 200, "🚰;-" * 300, "x" * 900])
async def test_requests_fit_the_limit_of_tokens(fake: FakeOpenAI, text: str) -> None:
    """Whatever a text is made of, no request is refused for its tokens, and requests are well filled all the same."""
    embedder = OpenAIEmbedder("sk-test", SMALL, fake.base_url, dimension=8)
    assert len(await embedder.embed_passages([text] * 900)) == 900
    assert all(len(json.loads(request.body)["input"]) > 100 for request in fake.requests[:-1])
    await embedder.close()


@pytest.mark.parametrize("text", [_ROW * 60, "palabra " * 20_000, "x" * 100_000, "日" * 20_000, "1" * 40_000])
async def test_a_text_that_is_too_long_loses_its_end(fake: FakeOpenAI, text: str) -> None:
    """A text beyond the limit is embedded by its beginning, most of what the limit allows; one within it is left alone."""
    embedder = OpenAIEmbedder("sk-test", SMALL, fake.base_url, dimension=8)
    assert len(await embedder.embed_passages([text])) == 1
    assert text.startswith(acceptable(text))
    assert 4_000 < tokens(acceptable(text)) <= 5_500
    assert acceptable(text[:2000]) == text[:2000]
    await embedder.close()


async def test_large_ingest_arrives_in_order(fake: FakeOpenAI) -> None:
    """More texts than one request holds come back each in its place."""
    embedder = OpenAIEmbedder("sk-test", SMALL, fake.base_url, dimension=64)
    vectors = await embedder.embed_passages([f"palabra{n}" for n in range(2100)])
    assert fake.calls("/embeddings") == 2
    assert float(vectors[2099] @ await embedder.embed_query("palabra2099")) == pytest.approx(1.0, abs=1e-4)
    await embedder.close()


async def test_dimension_is_asked_for_only_where_it_is_known(fake: FakeOpenAI) -> None:
    """text-embedding-3 models are told the dimension, others are not; an unknown model's dimension must be given."""
    await embed(fake, SMALL)
    await embed(fake, "local-model")
    assert [json.loads(request.body).get("dimensions") for request in fake.requests] == [256, None]
    with pytest.raises(ValueError, match="local-model"):
        OpenAIEmbedder("sk-test", "local-model", fake.base_url)
    assert OpenAIEmbedder("sk-test", "text-embedding-3-large", fake.base_url).name == "text-embedding-3-large@3072"


@pytest.mark.parametrize("model", ["429x1", "500x1", "503x1"])
async def test_one_retry_heals_a_hiccup(fake: FakeOpenAI, model: str) -> None:
    """A rate limit or a server error is tried once more."""
    await embed(fake, model)
    assert fake.calls() == 2


@pytest.mark.parametrize(
    ("model", "calls", "retryable"),
    [("429", 2, True), ("500", 2, True), ("quota", 1, False), ("400", 1, False), ("401", 1, False)],
)
async def test_never_more_than_one_retry(fake: FakeOpenAI, model: str, calls: int, retryable: bool) -> None:
    """What does not heal is an EmbeddingError after two calls, or after one where a retry is useless."""
    with pytest.raises(EmbeddingError) as caught:
        await embed(fake, model)
    assert (fake.calls(), caught.value.retryable) == (calls, retryable)


async def test_retry_waits_as_told_if_the_deadline_allows() -> None:
    """Retry-After is obeyed when it fits, and the error comes at once when it does not."""
    async with FakeOpenAI(retry_after="1") as fake:
        started = time.monotonic()
        await embed(fake, "429x1", seconds=3)
        assert time.monotonic() - started >= 1.0
    async with FakeOpenAI(retry_after="60") as fake:
        started = time.monotonic()
        with pytest.raises(EmbeddingError) as caught:
            await embed(fake, "429x1", seconds=3)
        assert time.monotonic() - started < 0.5
        assert (caught.value.retry_after, fake.calls()) == (60.0, 1)


@pytest.mark.parametrize("model", ["hang-connect", "hang-headers"])
async def test_hanging_server_ends_in_time(fake: FakeOpenAI, model: str) -> None:
    """Both tries together end at the timeout."""
    started = time.monotonic()
    with pytest.raises(EmbeddingError, match="in time"):
        await embed(fake, model, seconds=0.6)
    assert time.monotonic() - started < 1.2


@pytest.mark.parametrize("model", ["nan", "one-short"])
async def test_poisonous_vectors_are_refused(fake: FakeOpenAI, model: str) -> None:
    """Vectors that are not numbers, or fewer than asked for, never reach the index."""
    with pytest.raises(EmbeddingError, match="unusable"):
        await embed(fake, model)


@pytest.mark.parametrize("fault", [Fault(cut=True), Fault(status=200, body="<html>proxy</html>"), Fault(status=302)])
async def test_broken_replies(fake: FakeOpenAI, fault: Fault) -> None:
    """A cut connection, a proxy's page and a redirect are embedding errors."""
    fake.faults.plan(fault, times=-1)
    with pytest.raises(EmbeddingError):
        await embed(fake, SMALL)


async def test_refused_connection() -> None:
    """A server that is not there is an EmbeddingError."""
    async with closed_port() as port:
        embedder = OpenAIEmbedder("sk-test", SMALL, f"http://127.0.0.1:{port}/v1")
        with pytest.raises(EmbeddingError, match="connection"):
            await embedder.embed_query("x")
        await embedder.close()


async def test_breaker_spares_a_dead_server(fake: FakeOpenAI) -> None:
    """After the failures that open it, no further call goes out."""
    embedder = OpenAIEmbedder("sk-test", "500", fake.base_url, dimension=8, breaker=Breaker(failures=2, clock=lambda: 0.0))
    for _ in range(3):
        with pytest.raises(EmbeddingError):
            await embedder.embed_query("x")
    assert fake.calls() == 2
    await embedder.close()


async def test_text_that_cannot_be_encoded_is_mended(fake: FakeOpenAI) -> None:
    """Half a surrogate pair, as a careless client sends it in JSON, does not break the request."""
    embedder = OpenAIEmbedder("sk-test", SMALL, fake.base_url, dimension=64)
    assert (await embedder.embed_passages(["fugas \ud800", "red"])).shape == (2, 64)
    await embedder.close()
