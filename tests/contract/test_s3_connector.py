"""The s3 connector with real boto3 over HTTP against a stand-in for S3: pages, names, versions, what is passed over, failures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

from config.company import SourceConfig
from config.settings import SettingsError
from rag.connectors import registry
from rag.errors import DocumentError, InputError
from rag.ingest.build import build
from rag.ingest.parse.formats import parse
from rag.ingest.report import Report
from rag.ingest.sync import sync
from rag.models import Document, Passage
from rag.ports import Connector, Fetched, Item
from rag.stores.lance import LanceStore
from tests.fakes.hash_embedder import HashEmbedder

SECRETS = {"access_key_id": "key", "secret_access_key": "secret"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of an S3 server."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


class Bucket:
    """A bucket of its own for each test."""

    def __init__(self, url: str) -> None:
        self.url, self.name = url, f"bucket-{uuid4().hex}"
        self.client: Any = boto3.client(
            "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="secret"
        )
        self.client.create_bucket(Bucket=self.name)

    def put(self, key: str, data: bytes) -> None:
        """Store an object."""
        self.client.put_object(Bucket=self.name, Key=key, Body=data)

    def source(self, **more: object) -> SourceConfig:
        """The bucket as it is configured."""
        keys = {"bucket": self.name, "endpoint_url": self.url, "region": "us-east-1", **more}
        return SourceConfig.model_validate({"name": "cubo", "connector": "s3", **keys})

    def connector(self, **more: object) -> Connector:
        """What the registry makes of it."""
        return registry.connect(self.source(**more), Path("unused"), SECRETS)


@pytest.fixture
def bucket(server: str) -> Bucket:
    """An empty bucket."""
    return Bucket(server)


async def listed(connector: Connector) -> list[Item]:
    """All items."""
    return [item async for item in connector.items()]


async def test_lists_and_fetches_documents_only(bucket: Bucket) -> None:
    """Names with blanks and accents arrive; folders, code, hidden and lock files do not; the bytes are the object's."""
    for key in ("plan año 1.md", "b/más agua.txt", "b/", "x.py", ".oculto/a.md", "~$plan.docx"):
        bucket.put(key, b"" if key.endswith("/") else key.encode())
    connector = bucket.connector()
    found = await listed(connector)
    keys = [item.uri.removeprefix(f"s3://{bucket.name}/") for item in found]
    assert keys == ["b/más agua.txt", "plan año 1.md"]
    assert [(await connector.fetch(item)).data.decode() for item in found] == keys


async def test_prefix_and_globs(bucket: Bucket) -> None:
    """Only what lies under the prefix, chosen by globs relative to it."""
    for key in ("in/a.md", "in/b/c.md", "in/b/d.txt", "out/e.md"):
        bucket.put(key, b"x")
    found = await listed(bucket.connector(prefix="in/", include=["**/*.md"], exclude=["a*"]))
    assert [item.uri for item in found] == [f"s3://{bucket.name}/in/b/c.md"]


async def test_more_than_one_page(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """More keys than the server gives at once are all listed."""
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "3")
    for number in range(8):
        bucket.put(f"{number}.md", b"x")
    assert bucket.client.list_objects_v2(Bucket=bucket.name)["IsTruncated"]
    assert len({item.uri for item in await listed(bucket.connector())}) == 8


async def test_more_than_a_thousand_keys(bucket: Bucket) -> None:
    """A bucket larger than the protocol's own page of 1,000 keys is listed whole, each key once, in order."""
    store = s3_backends["123456789012"]["aws"]  # the server's own, in this process: 1,050 requests would take 14 s
    for number in range(1050):
        store.put_object(bucket.name, f"{number:04}.md", b"x")
    assert bucket.client.list_objects_v2(Bucket=bucket.name)["KeyCount"] == 1000
    assert [item.name for item in await listed(bucket.connector())] == [f"{number:04}.md" for number in range(1050)]


async def test_sync_follows_the_bucket(bucket: Bucket, tmp_path: Path) -> None:
    """A changed object alone is read again, a deleted one leaves the index."""
    read: list[str] = []

    async def reading(source: Any, fetched: Fetched) -> tuple[Document, list[Passage]]:
        read.append(fetched.item.name)
        return build(source, fetched, parse(fetched))

    embedder = HashEmbedder()
    store = LanceStore(tmp_path / "index", embedder.dimension, embedder.name)

    async def run() -> Report:
        read.clear()
        return await sync(bucket.source(), bucket.connector(), reading, embedder, store)

    for key in ("a.md", "b.md", "c.md"):
        bucket.put(key, f"# {key}\n\nEl caudal nocturno baja al regular la presión.".encode())
    assert (await run()).added == 3
    bucket.put("a.md", b"# a\n\nAhora se mide cada hora el caudal.")
    bucket.client.delete_object(Bucket=bucket.name, Key="b.md")
    report = await run()
    assert (report.changed, report.removed, report.unchanged, read) == (1, 1, 1, ["a.md"])
    assert len(await store.documents("cubo")) == 2


async def test_failures_say_what_failed(bucket: Bucket) -> None:
    """A missing bucket is no empty one; an object that has gone fails by itself; half a key is refused."""
    with pytest.raises(InputError, match=r"nowhere cannot be listed: .*NoSuchBucket"):
        await listed(bucket.connector(bucket="nowhere"))
    with pytest.raises(DocumentError, match="cannot be read"):
        await bucket.connector().fetch(Item(f"s3://{bucket.name}/gone.md", "gone.md", "1"))
    with pytest.raises(SettingsError, match="belong together"):
        registry.check(bucket.source(), {"access_key_id": "key"})
