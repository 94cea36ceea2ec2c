"""The embedded index in a bucket, on a real S3 server of this machine: shared by hosts, switched over, and refused in words."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest
from pydantic import SecretStr

from config.settings import Settings, index_faults
from rag.errors import StoreError
from rag.ingest.reembed import reembed
from rag.models import Document, Locator, Passage, Scope
from rag.ports import Batch, Query
from rag.stores.bucket import Access, Bucket
from rag.stores.lance import LanceStore
from rag.stores.live import LiveIndex, read_live, write_live
from tests.bucket_fixtures import NAME, SECRET, access, endpoint
from tests.fakes.hash_embedder import HashEmbedder
from upkeep import note_live
from wiring import build_store, index_place

__all__ = ["access", "endpoint"]  # fixtures
EVERYONE = Scope(frozenset({"everyone"}))


def store(access: Access, prefix: str, bucket: str = NAME) -> LanceStore:
    """One host's view of the index."""
    return LanceStore(Bucket(f"s3://{bucket}/{prefix}", access), 4, "words@4")


def batch(name: str, audience: str = "everyone") -> Batch:
    """A document of two passages."""
    of = Document(name, "s", f"file:///{name}", name, frozenset({audience}), "es")
    passages = tuple(Passage(f"{name}/{n}", of, f"bomba {name} {n}", Locator(), "es", n) for n in range(2))
    return Batch(of, "1", passages, np.eye(4, dtype=np.float32)[:2])


def near(place: int) -> Query:
    """A question by a vector."""
    return Query("bomba", "es", np.eye(4, dtype=np.float32)[place], 5)


async def test_what_one_host_writes_another_reads(access: Access) -> None:
    """Passages by vector and words in their scope, the manifest, deletion; another host sees each within a second or at once."""
    here, there = store(access, "a"), store(access, "a")
    assert await there.search(near(0), EVERYONE) == []
    await here.write([batch("uno"), batch("cerrado", "direccion")])
    await here.optimize()
    fresh = store(access, "a")
    hits = await fresh.search(near(0), EVERYONE)
    assert [hit.passage.id for hit in hits] == ["uno/0", "uno/1"]
    assert hits[0].dense == pytest.approx(1.0)
    assert [one.document.id for one in await fresh.documents()] == ["cerrado", "uno"]
    assert [one.text for one in await fresh.passage("uno/1", EVERYONE)] == ["bomba uno 0", "bomba uno 1"]
    assert await fresh.passage("cerrado/0", EVERYONE) == []
    await fresh.delete(["uno"])
    assert await store(access, "a").search(near(0), EVERYONE) == []


async def test_two_hosts_write_at_once(access: Access) -> None:
    """Different documents by two hosts, several times: none is lost."""
    hosts = store(access, "w"), store(access, "w")
    await hosts[0].documents()
    await asyncio.gather(*(host.write([batch(f"{n}-{place}")]) for n in range(3) for place, host in enumerate(hosts)))
    assert len(await store(access, "w").documents()) == 6


async def test_two_prefixes_and_two_embedders_share_nothing(access: Access) -> None:
    """A prefix is an index of its own."""
    await store(access, "p/q").write([batch("uno")])
    assert await store(access, "p").documents() == []
    assert await LanceStore(Bucket(f"s3://{NAME}/p/q", access), 4, "other@4").documents() == []


def test_which_index_answers_is_told_in_the_bucket(access: Access) -> None:
    """Nothing before the first ingest; then what was written last, for all."""
    place = Bucket(f"s3://{NAME}/live", access)
    assert read_live(place) is None
    first = LiveIndex("embedded", "e5", "e5@4", 4)
    for live in (first, replace(first, embeddings="openai", name="large@3072", dimension=3072)):
        write_live(place, live)
        assert read_live(Bucket(f"s3://{NAME}/live/", access)) == live


async def test_a_bucket_that_is_not_there_is_named(access: Access) -> None:
    """By the index and by the file that tells which one answers; no secret in the words."""
    with pytest.raises(StoreError) as found:
        await store(access, "a", "otra").documents()
    with pytest.raises(StoreError, match="NoSuchBucket") as read:
        write_live(Bucket("s3://otra/a", access), LiveIndex("embedded", "e5", "e5@4", 4))
    for said in (str(found.value), str(read.value), repr(access)):
        assert SECRET not in said


async def test_the_settings_lead_there(endpoint: str) -> None:
    """ADVISOR_INDEX_URI and the AWS names are enough; nothing of the index lies on this machine."""
    settings = Settings(
        _env_file=None, advisor_index_uri=f"s3://{NAME}/set", aws_access_key_id=SecretStr("k"),
        aws_secret_access_key=SecretStr(SECRET), aws_endpoint_url=endpoint,
    )  # fmt: skip
    assert index_faults(settings) == []

    class Embedder:
        name, dimension = "words@4", 4

    await build_store(settings, Embedder()).write([batch("uno")])  # type: ignore[arg-type]  # only these two are asked
    note_live(settings, Embedder())  # type: ignore[arg-type]
    live = read_live(index_place(settings))
    assert live is not None
    assert (live.name, live.dimension) == ("words@4", 4)
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"aws_endpoint_url": "http://minio.example"}, "DANGEROUSLY_ALLOW_HTTP_INDEX"),
        ({"aws_endpoint_url": "minio.example"}, "must start with"),
        ({"aws_access_key_id": SecretStr("k")}, "belong together"),
        ({"advisor_index": "pinecone"}, "one or the other"),
    ],
)
def test_settings_that_cannot_work_are_named(changes: dict[str, object], said: str) -> None:
    """Each by the variable that is wrong."""
    base = Settings(_env_file=None, advisor_index_uri="s3://bucket/p")
    assert index_faults(base) == []
    (fault,) = index_faults(base.model_copy(update=changes))
    assert said in fault


async def test_an_index_of_another_embedder_is_made_in_the_bucket(access: Access) -> None:
    """Beside the one that answers, from its passages; what failed stays told; done again, it embeds nothing."""
    old, other = store(access, "re"), HashEmbedder("other", 8)
    failed = Batch(batch("roto").document, "1", error="está cifrado")
    await old.write([batch("uno"), batch("cerrado", "direccion"), failed])
    new = LanceStore(Bucket(f"s3://{NAME}/re", access), other.dimension, other.name)
    assert (await reembed(old, new, other, lambda progress: None)).passages == 4
    have, made = await old.documents(), await new.documents()
    assert [(one.document, one.passages, one.error) for one in made] == [(one.document, one.passages, one.error) for one in have]
    asked = Query("bomba uno 1", "es", await other.embed_query("bomba uno 1"), 5)
    assert [hit.passage.id for hit in await new.search(asked, EVERYONE)] == ["uno/1", "uno/0"]
    await old.delete(["uno"])
    other.embedded.clear()
    assert (await reembed(old, new, other, lambda progress: None)).added == 0
    assert [one.document.id for one in await new.documents()] == ["cerrado", "roto"]
    assert other.embedded == []
