"""Indexes in a bucket of S3, or of anything that speaks its protocol: several hosts answer from them, none has them on a disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import SecretStr

from rag.errors import StoreError

_CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "max_attempts": 3})
_PATIENCE = {"connect_timeout": "5s", "timeout": "30s", "client_max_retries": "3", "client_retry_timeout": "20"}
"""Of LanceDB's own client; without these an endpoint that is gone holds a question for three minutes."""
_MISSING = {"NoSuchKey", "404"}


@dataclass(frozen=True, slots=True)
class Access:
    """How to get at a bucket. What is left out is looked for as AWS's own tools do: profile, role of the machine."""

    key_id: SecretStr | None = None
    secret: SecretStr | None = None
    token: SecretStr | None = None
    region: str | None = None
    endpoint: str | None = None

    def _secrets(self) -> dict[str, str | None]:
        return {
            "aws_access_key_id": self.key_id.get_secret_value() if self.key_id else None,
            "aws_secret_access_key": self.secret.get_secret_value() if self.secret else None,
            "aws_session_token": self.token.get_secret_value() if self.token else None,
        }

    def of_lancedb(self) -> dict[str, str]:
        """LanceDB's storage options."""
        options = {**self._secrets(), "aws_region": self._region(), "aws_endpoint": self.endpoint}
        plain = "true" if self.endpoint and self.endpoint.startswith("http://") else None
        return {name: value for name, value in {**options, "allow_http": plain, **_PATIENCE}.items() if value}

    def client(self) -> Any:
        """boto3's, for the small files."""
        session = boto3.session.Session()
        return session.client(
            "s3", region_name=self._region(), endpoint_url=self.endpoint, config=_CONFIG, **self._secrets()
        )  # fmt: skip

    def _region(self) -> str | None:
        """What is not Amazon's mostly knows no regions, but requests are signed for one."""
        return self.region or ("us-east-1" if self.endpoint else None)


class Bucket:
    """A Place at `s3://bucket/prefix`. One small file is put as a whole: S3 shows readers the old or the new one."""

    def __init__(self, uri: str, access: Access) -> None:
        self._uri, self._access = uri.rstrip("/"), access
        self._bucket, _, self._prefix = self._uri.removeprefix("s3://").partition("/")
        self._made: Any = None

    def __repr__(self) -> str:
        return self._uri

    def index(self, name: str) -> tuple[str, Mapping[str, str]]:
        return f"{self._uri}/{name}", self._access.of_lancedb()

    def read(self, name: str) -> bytes | None:
        try:
            with self._client().get_object(Bucket=self._bucket, Key=self._key(name))["Body"] as body:
                data: bytes = body.read()
                return data
        except (BotoCoreError, ClientError, OSError, ValueError) as error:
            if isinstance(error, ClientError) and error.response["Error"].get("Code") in _MISSING:
                return None
            raise self._failed(error) from error

    def write(self, name: str, data: bytes) -> None:
        try:
            self._client().put_object(Bucket=self._bucket, Key=self._key(name), Body=data)
        except (BotoCoreError, ClientError, OSError, ValueError) as error:
            raise self._failed(error) from error

    def _client(self) -> Any:
        if self._made is None:
            self._made = self._access.client()
        return self._made

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}".lstrip("/")

    def _failed(self, error: Exception) -> StoreError:
        """What S3 says, without the request: that may hold the key's name."""
        if isinstance(error, ClientError):
            said = error.response["Error"]
            return StoreError(f"{self._uri}: {said.get('Code')}: {said.get('Message')}", retryable=False)
        return StoreError(f"{self._uri}: {error}", retryable=True)
