"""Documents in a bucket of S3, or of anything that speaks its protocol: lists and fetches them for ingest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import Field, SecretStr, model_validator

from rag.connectors.globs import wanted
from rag.connectors.registry import Context, Kind, Options
from rag.errors import DocumentError, InputError
from rag.ingest.parse.formats import LARGEST, NOT_DOCUMENTS, PARSERS, ending, no_parser
from rag.ports import Fetched, Item


class S3Options(Options):
    """`endpoint_url` is for what is not Amazon's. Without a key boto3 looks for credentials itself: instance role, profile."""

    bucket: str = Field(min_length=1)
    prefix: str = ""
    endpoint_url: str | None = None
    region: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    access_key_id: SecretStr | None = None
    secret_access_key: SecretStr | None = None

    @model_validator(mode="after")
    def _both_or_none(self) -> S3Options:
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ValueError("access_key_id and secret_access_key belong together")
        return self


class S3Connector:
    """Connector for the keys of a bucket that begin with a prefix; globs are relative to it. A `uri` is `s3://bucket/key`."""

    def __init__(self, options: S3Options) -> None:
        self._options = options
        self._root = f"s3://{options.bucket}/"
        self._made: Any = None

    async def items(self) -> AsyncIterator[Item]:
        """Every document, in the order of keys. InputError if the bucket cannot be listed: that is no empty bucket."""
        try:
            found = await asyncio.to_thread(lambda: list(self._list()))
        except (BotoCoreError, ClientError, ValueError) as error:
            raise InputError(f"bucket {self._options.bucket} cannot be listed: {error}") from error
        for item in found:
            yield item

    async def fetch(self, item: Item) -> Fetched:
        """The object's bytes; DocumentError if it has no parser, is too large or cannot be read."""
        suffix = ending(item.name)
        if suffix not in PARSERS:
            raise DocumentError(no_parser(suffix))
        return Fetched(item, await asyncio.to_thread(self._read, item.uri.removeprefix(self._root)))

    def _client(self) -> Any:
        """Made with the first call and in its thread: looking for credentials may take seconds."""
        if self._made is None:
            options = self._options
            key, secret = options.access_key_id, options.secret_access_key
            config = Config(connect_timeout=10, read_timeout=60, retries={"mode": "standard", "max_attempts": 4})
            self._made = boto3.session.Session().client(
                "s3",
                region_name=options.region,
                endpoint_url=options.endpoint_url,
                aws_access_key_id=key.get_secret_value() if key else None,
                aws_secret_access_key=secret.get_secret_value() if secret else None,
                config=config,
            )
        return self._made

    def _list(self) -> Iterator[Item]:
        options = self._options
        pages = self._client().get_paginator("list_objects_v2").paginate(Bucket=options.bucket, Prefix=options.prefix)
        for page in pages:
            for entry in page.get("Contents", ()):
                key: str = entry["Key"]
                relative = key.removeprefix(options.prefix).lstrip("/") or key
                if entry["Size"] and _is_document(key) and wanted(relative, options.include, options.exclude):
                    name = key.rsplit("/", 1)[-1]
                    yield Item(self._root + key, name, f"{entry['ETag'].strip(chr(34))}-{entry['Size']}")

    def _read(self, key: str) -> bytes:
        try:
            body = self._client().get_object(Bucket=self._options.bucket, Key=key)["Body"]
            with body:
                data: bytes = body.read(LARGEST + 1)
        except (BotoCoreError, ClientError, OSError) as error:
            raise DocumentError(f"cannot be read: {str(error)[:300]}") from error
        if len(data) > LARGEST:
            raise DocumentError(f"larger than {LARGEST // 1_000_000} MB")
        return data


def _is_document(key: str) -> bool:
    hidden = any(part.startswith((".", "~$")) or part == "__MACOSX" for part in key.split("/"))
    return not key.endswith("/") and not hidden and ending(key) not in NOT_DOCUMENTS


def _connect(options: S3Options, _: Context) -> S3Connector:
    return S3Connector(options)


KIND = Kind(S3Options, _connect)
