"""A real S3 server of this machine with one bucket, and the keys to it."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from rag.stores.bucket import Access

SECRET = "not-to-be-seen"
NAME = "indice"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """An S3 server with one bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key=SECRET
    ).create_bucket(Bucket=NAME)
    yield url
    server.stop()


@pytest.fixture(scope="module")
def access(endpoint: str) -> Access:
    """The keys to it."""
    return Access(SecretStr("k"), SecretStr(SECRET), endpoint=endpoint)
