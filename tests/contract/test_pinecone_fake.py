"""Pinecone through its real SDK against the stand-in: tenants, limits, lag, writes that break off, and every kind of failure."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

import numpy as np
import pytest

from config.settings import load_settings
from rag.breaker import Breaker
from rag.errors import StoreError
from rag.models import Document, Locator, Passage, Scope
from rag.ports import Batch, Query
from rag.stores.pinecone import PineconeStore
from rag.stores.pinecone_records import namespaces
from tests.fakes.faults import Fault, closed_port, deaf_port
from tests.fakes.hash_embedder import HashEmbedder
from tests.fakes.openai_words import embedding
from tests.fakes.pinecone_api import FakePinecone
from wiring import build_store

DIMENSION = 16
EVERYONE = Scope(frozenset({"everyone"}))
KEY = "pc-canary-91"


@pytest.fixture
async def fake() -> AsyncIterator[FakePinecone]:
    """An index of its own for each test."""
    async with FakePinecone(DIMENSION, api_key=KEY) as server:
        yield server


@pytest.fixture
async def store(fake: FakePinecone) -> AsyncIterator[PineconeStore]:
    """A tenant's store on it, with little patience."""
    opened = open_store(fake)
    yield opened
    await opened.close()


def open_store(fake: FakePinecone, tenant: str = "acme", embedder: str = "m@16", key: str = KEY) -> PineconeStore:
    """A store on the stand-in."""
    return PineconeStore(key, fake.url, tenant, DIMENSION, embedder, timeout=0.5, write_timeout=0.5)


def batch(identifier: str, *texts: str, version: str = "1", dimension: int = DIMENSION) -> Batch:
    """A document with a passage for each text."""
    of = Document(identifier, "s", identifier, identifier, frozenset({"everyone"}))
    passages = tuple(Passage(f"{identifier}/{version}/{n}", of, text, Locator(), "es", n) for n, text in enumerate(texts))
    return Batch(of, version, passages, np.array([embedding(text, dimension) for text in texts], dtype=np.float32))


def query(text: str) -> Query:
    """A question with its vector."""
    return Query(text, "es", embedding(text, DIMENSION), 10)


async def found(store: PineconeStore) -> set[str]:
    """All texts in the index, as a search finds them."""
    return {hit.passage.text for hit in await store.search(query("bombeo"), EVERYONE)}


async def test_tenants_and_embedders_never_meet(fake: FakePinecone) -> None:
    """Two tenants, or two embedders of one, share an index and see, replace and delete only their own."""
    stores = [open_store(fake), open_store(fake, "acme--m_16"), open_store(fake, "acmé:*"), open_store(fake, embedder="n@16")]
    for number, one in enumerate(stores):
        await one.write([batch("d", f"bombeo {number}")])
    await stores[0].delete(["d"])
    assert [await found(one) for one in stores] == [set(), {"bombeo 1"}, {"bombeo 2"}, {"bombeo 3"}]
    assert [len(await one.documents()) for one in stores] == [0, 1, 1, 1]
    assert [[passage.text for passage in await one.passage("d/1/0", EVERYONE)] for one in stores[:2]] == [[], ["bombeo 1"]]
    for one in stores:
        await one.close()


async def test_the_setting_keeps_companies_apart(fake: FakePinecone) -> None:
    """Two installations that differ in ADVISOR_TENANT alone share an index and find, open, list and delete only their own."""
    embedder = HashEmbedder(dimension=DIMENSION)
    common = {"advisor_index": "pinecone", "pinecone_api_key": KEY, "pinecone_host": fake.url}
    one, two = (
        build_store(load_settings(_env_file=None, advisor_tenant=tenant, **common), embedder) for tenant in ("aguas", "aguas-2")
    )
    assert isinstance(one, PineconeStore)
    assert isinstance(two, PineconeStore)
    await one.write([batch("d", "bombeo BK-4471 de aguas")])
    assert await two.search(query("BK-4471"), EVERYONE) == []
    assert await two.passage("d/1/0", EVERYONE) == []
    assert await two.documents() == []
    await two.write([batch("d", "otro")])
    await two.delete(["d"])
    assert await found(one) == {"bombeo BK-4471 de aguas"}
    assert len(await one.documents()) == 1
    await one.close()
    await two.close()


def test_namespaces_of_different_tenants_differ() -> None:
    """No tenant's name can be written so that its namespace is another's, not even with the separators in it."""
    tenants = ["a", "a--b", "a--passages", "a--b--passages", "a:b", "a*b", "á", "a b", "a%20b", "A"]
    names = [name for tenant in tenants for embedder in ("b", "c") for name in namespaces(tenant, embedder)]
    assert len(set(names)) == len(names)
    assert all(name.isascii() for name in names)


async def test_requests_fit_the_limits() -> None:
    """Passages of 3 kB with vectors of 3072 numbers are sent in requests of at most 2 MB and 100 records."""
    async with FakePinecone(3072) as fake:
        store = PineconeStore("pc-test", fake.url, "t", 3072, "large")
        texts = [f"bombeo {n} " + "palabra única " * 200 for n in range(130)]
        await store.write([batch("d", *texts, dimension=3072)])
        sizes = [(len(r.body), len(json.loads(r.body)["vectors"])) for r in fake.requests if r.path == "/vectors/upsert"]
        assert max(size for size, _ in sizes) < 2 * 2**20
        assert max(count for _, count in sizes) <= 100
        assert len(fake.stored(namespaces("t", "large")[0])) == 130
        await store.close()


async def test_an_enormous_row_is_kept_by_its_beginning(fake: FakePinecone, store: PineconeStore) -> None:
    """A passage beyond the 40 kB of metadata is written as far as they go, its document's others whole, and relabelled so."""
    enormous = "bombeo " + " | ".join(f"celda {n} ñ" for n in range(5000))
    crowded = "bombeo " + " ".join(f"código{n}" for n in range(2500))
    written = batch("d", enormous, crowded, "bombeo corto")
    await store.write([written])
    for _ in range(2):
        (first, second) = await store.passage("d/1/0", EVERYONE)
        assert enormous.startswith(first.text)
        assert len(first.text) > 20_000
        assert second.text == crowded
        assert await found(store) == {first.text, crowded, "bombeo corto"}
        await store.relabel(written.document, "2")


async def test_old_version_stays_until_the_new_is_whole(fake: FakePinecone, store: PineconeStore) -> None:
    """A write that breaks off before its last step leaves the old version found, alone; repeated, it takes over."""
    await store.write([batch("d", "bombeo viejo", "bombeo antiguo")])
    reader = open_store(fake)
    fake.faults.plan(Fault(), path="/upsert")  # the passages arrive
    fake.faults.plan(Fault(status=400), path="/upsert")  # the manifest does not
    with pytest.raises(StoreError):
        await store.write([batch("d", "bombeo nuevo", version="2")])
    assert await found(store) == await found(reader) == {"bombeo viejo", "bombeo antiguo"}
    assert (await reader.documents())[0].version == "1"
    await store.write([batch("d", "bombeo nuevo", version="2")])
    assert await found(store) == await found(reader) == {"bombeo nuevo"}
    assert len(fake.stored(namespaces("acme", "m@16")[0])) == 1
    await reader.close()


async def test_new_version_counts_though_cleaning_up_failed(fake: FakePinecone, store: PineconeStore) -> None:
    """Passages of an old version that could not be deleted are not found, and the next write removes them."""
    await store.write([batch("d", "bombeo viejo")])
    fake.faults.plan(Fault(status=400), path="/delete")
    with pytest.raises(StoreError):
        await store.write([batch("d", "bombeo nuevo", version="2")])
    other = open_store(fake)
    assert await found(store) == await found(other) == {"bombeo nuevo"}
    assert await other.passage("d/1/0", EVERYONE) == []
    await store.write([batch("d", "bombeo nuevo", version="2")])
    assert len(fake.stored(namespaces("acme", "m@16")[0])) == 1
    await other.close()


async def test_deletion_that_breaks_off_is_still_listed(fake: FakePinecone, store: PineconeStore) -> None:
    """A document is listed until all of it is gone, so that the next run deletes it again."""
    await store.write([batch("d", "bombeo")])
    fake.faults.plan(Fault(status=400), path="/delete")
    with pytest.raises(StoreError):
        await store.delete(["d"])
    assert len(await store.documents()) == 1
    await store.delete(["d"])
    assert fake.namespaces() == set()


async def test_readers_never_see_two_versions_at_once() -> None:
    """While a document is replaced again and again on an index that lags, no search mixes its versions."""
    async with FakePinecone(DIMENSION, lag=0.05) as fake:
        writer, reader = (PineconeStore("pc-test", fake.url, "t", DIMENSION, "m") for _ in range(2))
        await writer.write([batch("d", "bombeo 0 a", "bombeo 0 b", version="0")])
        await asyncio.sleep(0.1)
        seen: set[frozenset[str]] = set()
        writing = asyncio.create_task(_rewrite(writer))
        while not writing.done():
            seen.add(frozenset(text.split()[1] for text in await found(reader)))
        await writing
        await asyncio.sleep(0.15)
        assert await found(reader) == {"bombeo 5 a", "bombeo 5 b"}
        assert len(seen) > 3
        assert max(map(len, seen)) == 1
        await writer.close()
        await reader.close()


async def _rewrite(writer: PineconeStore) -> None:
    for version in "12345":
        await writer.write([batch("d", f"bombeo {version} a", f"bombeo {version} b", version=version)])
        await asyncio.sleep(0.1)


async def test_manifest_is_read_once_for_documents_that_stay(fake: FakePinecone, store: PineconeStore) -> None:
    """A reader asks which version counts the first time only: a search then costs a request for each language."""
    await store.write([batch("d", "bombeo")])
    reader = open_store(fake)
    await found(reader)
    before = fake.calls()
    await found(reader)
    assert fake.calls() == before + 2
    await reader.close()


@pytest.mark.parametrize("path", ["/query", "/upsert", "/list", "/fetch_by_metadata"])
@pytest.mark.parametrize(
    "fault", [Fault(hang=True), Fault(cut=True), Fault(status=500), Fault(status=429), Fault(status=200, body="<html>")],
    ids=["hang", "cut", "500", "429", "garbage"],
)  # fmt: skip
async def test_failures_end_in_time_as_store_errors(fake: FakePinecone, store: PineconeStore, path: str, fault: Fault) -> None:
    """Whatever goes wrong on whatever call, a StoreError that may be retried comes within the timeout, with nothing secret."""
    fake.faults.plan(fault, path=path, times=-1)
    started = time.monotonic()
    with pytest.raises(StoreError) as caught:
        await _everything(store)
    assert time.monotonic() - started < 1.5
    assert caught.value.retryable
    assert KEY not in str(caught.value)


async def _everything(store: PineconeStore) -> None:
    await store.write([batch("d", "bombeo")])
    await store.documents()
    await store.search(query("bombeo"), EVERYONE)


async def test_a_hiccup_is_not_noticed(fake: FakePinecone) -> None:
    """One failed request is repeated by the SDK, once."""
    host = fake.url.replace("127.0.0.1", "localhost")  # the SDK keeps a budget of retries by host: other tests spent the other's
    store = PineconeStore(KEY, host, "t", DIMENSION, "m")
    fake.faults.plan(Fault(status=503), path="/query")
    assert await found(store) == set()
    assert fake.calls("/query") == 3  # one for each language, and one again
    await store.close()


async def test_wrong_key_is_not_retried(fake: FakePinecone) -> None:
    """A wrong key is told at once, without a retry, as not worth a retry, and is not repeated in the message."""
    store = open_store(fake, key="pc-wrong")
    with pytest.raises(StoreError, match="401") as caught:
        await found(store)
    assert fake.calls() <= 2  # one for each language
    assert not caught.value.retryable
    assert "pc-wrong" not in str(caught.value)
    await store.close()


async def test_the_key_travels_in_its_header_only(fake: FakePinecone, store: PineconeStore) -> None:
    """No path, query or body holds the key."""
    await store.write([batch("d", "bombeo")])
    await found(store)
    assert all(KEY not in f"{request.path}{request.query}{request.body!r}" for request in fake.requests)
    assert all(request.headers["Api-Key"] == KEY for request in fake.requests)


async def test_unreachable_index() -> None:
    """Connections that are refused, or never made, are StoreErrors within the timeout."""
    started = time.monotonic()
    async with closed_port() as refused:
        with deaf_port() as deaf:
            for port in (refused, deaf):
                store = PineconeStore(KEY, f"http://127.0.0.1:{port}", "t", DIMENSION, "m", timeout=0.5)
                with pytest.raises(StoreError):
                    await found(store)
                await store.close()
    assert time.monotonic() - started < 2


async def test_open_breaker_answers_at_once(fake: FakePinecone) -> None:
    """After the failures that open it, a search fails within milliseconds and without a call."""
    breaker = Breaker(failures=1, clock=lambda: 0.0)
    store = PineconeStore(KEY, fake.url, "t", DIMENSION, "m", timeout=0.2, breaker=breaker)
    fake.faults.plan(Fault(hang=True), path="/query")
    with pytest.raises(StoreError):
        await found(store)
    calls, started = fake.calls(), time.monotonic()
    with pytest.raises(StoreError, match="repeatedly"):
        await found(store)
    assert time.monotonic() - started < 0.05
    assert fake.calls() == calls
    await store.close()


async def test_check_names_what_does_not_fit(fake: FakePinecone, store: PineconeStore) -> None:
    """An index of another dimension is told apart from one that fits, before anything is written."""
    await store.check()
    wrong = PineconeStore(KEY, fake.url, "t", 8, "m")
    with pytest.raises(StoreError, match="dimension 16, the embedder 8") as caught:
        await wrong.check()
    assert not caught.value.retryable
    await wrong.close()
