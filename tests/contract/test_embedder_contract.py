"""What every embedder promises (rag.ports.Embedder). A new one is added with one line in EMBEDDERS."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache

import numpy as np
import pytest

from rag.embed import use
from rag.embed.embedded import EmbeddedEmbedder
from rag.embed.openai import OpenAIEmbedder
from rag.embed.use import SentenceEncoder
from rag.ports import Embedder
from tests.fakes.openai_api import FakeOpenAI

ODD = [
    "",
    " ",
    "\n\t",
    "日本語のテキスト",
    "\U0001f6b0" * 50,
    "a\x00b",
    "ñ" * 4000,
    "е̄́",
    "<|endoftext|>",
    "1e400 NaN",
]


@cache
def one_embedded() -> EmbeddedEmbedder:
    """One for all tests: its weights take a second to load."""
    return EmbeddedEmbedder(SentenceEncoder())


@asynccontextmanager
async def embedded() -> AsyncIterator[Embedder]:
    """The one that needs nothing."""
    yield one_embedded()


@asynccontextmanager
async def openai() -> AsyncIterator[Embedder]:
    """OpenAI's SDK against the stand-in."""
    async with FakeOpenAI() as fake:
        embedder = OpenAIEmbedder("sk-test", "text-embedding-3-small", fake.base_url, dimension=256)
        yield embedder
        await embedder.close()


async def test_sentences_that_were_read_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same likeness in any company, of what was read before and of what was not; no more are kept than there is room for."""
    monkeypatch.setattr(use, "_REMEMBERED", 3)
    encoder = SentenceEncoder()
    alone = [float((await encoder.similarity("¿cuánto gasta?", [one]))[0]) for one in ODD]
    together = await encoder.similarity("¿cuánto gasta?", ODD + ODD)
    assert np.allclose(together, alone + alone, atol=1e-6)
    assert len(encoder._known) == 3
    assert len(await encoder.similarity("x", [])) == 0


EMBEDDERS: dict[str, Callable[[], AbstractAsyncContextManager[Embedder]]] = {
    "embedded": embedded,
    "openai": openai,
}


@pytest.fixture(params=EMBEDDERS)
async def embedder(request: pytest.FixtureRequest) -> AsyncIterator[Embedder]:
    """One of each kind."""
    async with EMBEDDERS[request.param]() as opened:
        yield opened


async def test_shapes_and_types(embedder: Embedder) -> None:
    """Passages give a row each, a question one vector, none gives no rows; float32 of the dimension it names."""
    passages = await embedder.embed_passages(["bombeo", "soplantes", "fugas"])
    query = await embedder.embed_query("bombeo")
    assert (passages.shape, passages.dtype) == ((3, embedder.dimension), np.float32)
    assert (query.shape, query.dtype) == ((embedder.dimension,), np.float32)
    assert (await embedder.embed_passages([])).shape == (0, embedder.dimension)
    assert embedder.name


async def test_unit_length(embedder: Embedder) -> None:
    """Every vector has length 1, so a dot product is a similarity."""
    passages = await embedder.embed_passages(["bombeo de agua residual", "x", "kWh 3,5"])
    query = await embedder.embed_query("¿bombeo?")
    assert np.linalg.norm(np.vstack([passages, query]), axis=1) == pytest.approx(1.0, abs=1e-3)


async def test_same_text_same_vector(embedder: Embedder) -> None:
    """Alone, repeated and among others, a text has one vector (to a rounding of the model's)."""
    alone = await embedder.embed_passages(["fugas en la red"])
    among = await embedder.embed_passages(["otra cosa", "fugas en la red", "un texto bastante más largo que los otros dos"])
    assert float(alone[0] @ among[1]) == pytest.approx(1.0, abs=1e-3)
    assert np.array_equal(await embedder.embed_query("fugas"), await embedder.embed_query("fugas"))


async def test_question_is_nearest_to_its_passage(embedder: Embedder) -> None:
    """Of three passages the one that answers is the most similar to the question."""
    passages = await embedder.embed_passages(
        [
            "La tarifa eléctrica tiene seis periodos con precios distintos.",
            "Las fugas de la red de agua se buscan de noche, con el caudal mínimo.",
            "El convenio regula las vacaciones del personal.",
        ]
    )
    query = await embedder.embed_query("¿Cuándo se buscan las fugas de agua?")
    assert int(np.argmax(passages @ query)) == 1


async def test_odd_texts_have_vectors_too(embedder: Embedder) -> None:
    """Empty, broken, foreign and long texts neither fail nor give anything but finite unit vectors."""
    longest = max(ODD, key=len)  # which takes seconds: one of the two ways is enough for it
    queries = [await embedder.embed_query(text) for text in ODD if text != longest]
    vectors = np.vstack([await embedder.embed_passages(ODD), *queries])
    assert np.isfinite(vectors).all()
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-3)
