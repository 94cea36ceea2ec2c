"""Every setting that comes from the environment or .env, typed and read once; all faults are reported at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class SettingsError(Exception):
    """The environment cannot work; `problems` has one line for each fault, naming its variable."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class Settings(BaseSettings):
    """The environment. Field names are the variables' names in lower case; secrets print as ***."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True, frozen=True)

    advisor_home: Path = Path("var")
    advisor_config: Path = Path("config/advisor.yaml")
    advisor_log_level: Literal["debug", "info", "warning", "error"] = "info"
    advisor_deadline_seconds: float = Field(default=30.0, gt=1)
    advisor_workers: int = Field(default=8, ge=1, description="conversations answered at the same time in one process")

    slack_bot_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"

    teams_app_id: str | None = None
    teams_app_password: SecretStr | None = None
    teams_tenant_id: str | None = None
    teams_openid_url: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    teams_login_url: str = "https://login.microsoftonline.com"
    teams_service_hosts: str = "smba.trafficmanager.net"
    dangerously_allow_unauthenticated_teams: bool = False

    api_tokens: SecretStr | None = None
    redis_url: SecretStr | None = None

    openai_api_key: SecretStr | None = None
    openai_base_url: str = "https://api.openai.com/v1"
    openai_model: str = "gpt-4.1-mini"
    openai_embedding_model: str = "text-embedding-3-large"

    advisor_embeddings: Literal["embedded", "openai"] = "embedded"
    advisor_index: Literal["lancedb", "pinecone"] = "lancedb"
    advisor_index_uri: str | None = Field(
        default=None, pattern=r"^s3://[a-z0-9][a-z0-9.-]+(/[^\s]*)?$", description="the index in a bucket instead of a folder"
    )
    aws_access_key_id: SecretStr | None = None
    aws_secret_access_key: SecretStr | None = None
    aws_session_token: SecretStr | None = None
    aws_region: str | None = None
    aws_endpoint_url: str | None = None
    dangerously_allow_http_index: bool = False
    pinecone_api_key: SecretStr | None = None
    pinecone_host: str | None = None
    advisor_tenant: str = Field(
        default="company", pattern=r"^[a-z0-9-]{1,40}$", description="whose index it is, where many share one"
    )

    @field_validator("openai_base_url", "slack_api_url", "teams_login_url", "teams_openid_url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("must start with https:// or http://")
        return value

    @property
    def slack_on(self) -> bool:
        """Slack is on when it has a bot token; how it listens depends on the other two."""
        return self.slack_bot_token is not None

    @property
    def slack_socket_mode(self) -> bool:
        """An app token means Socket Mode: Slack's events come over a connection that we open."""
        return self.slack_on and self.slack_app_token is not None

    @property
    def teams_on(self) -> bool:
        """Teams is on with an app id, or without any for the local playground."""
        return self.teams_app_id is not None or self.dangerously_allow_unauthenticated_teams

    @property
    def model_on(self) -> bool:
        """A key turns the language model on for answers."""
        return self.openai_api_key is not None

    def tokens(self) -> dict[str, tuple[str, ...]]:
        """API_TOKENS, "token" or "token:audience|audience", comma-separated; the audiences that each token may read."""
        found: dict[str, tuple[str, ...]] = {}
        raw = self.api_tokens.get_secret_value() if self.api_tokens else ""
        for part in filter(None, (piece.strip() for piece in raw.split(","))):
            token, _, audiences = part.partition(":")
            found[token] = tuple(filter(None, audiences.split("|"))) or ("everyone",)
        return found


def load_settings(**overrides: object) -> Settings:
    """Read the environment; SettingsError lists every fault. Half a configuration is a fault."""
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        raise SettingsError([f"{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors()]) from None
    problems = half_configured(settings)
    if problems:
        raise SettingsError(problems)
    return settings


def secret_variable(source: str, field: str) -> str:
    """The environment variable that holds a secret of a source."""
    return f"ADVISOR_SOURCE_{source}_{field}".upper().replace("-", "_")


def source_secrets(name: str) -> dict[str, str]:
    """A source's secrets, ADVISOR_SOURCE_<NAME>_<FIELD> of the environment or .env, by field in lower case."""
    prefix = secret_variable(name, "")
    found = {**dotenv_values(".env"), **os.environ}
    return {key.removeprefix(prefix).lower(): value for key, value in found.items() if key.startswith(prefix) and value}


def quiet_threads() -> None:
    """Threads of the embedded models sleep instead of spinning while they wait: under load that halves latencies.

    libgomp reads this when it is loaded, so it must run before the first model is made.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")


def half_configured(settings: Settings) -> list[str]:
    """Combinations that look meant but cannot work, each as a sentence that names what is missing."""
    problems = []
    has = {
        name.upper(): getattr(settings, name) is not None
        for name in (
            "slack_bot_token", "slack_signing_secret", "slack_app_token",
            "teams_app_id", "teams_app_password", "pinecone_api_key", "pinecone_host", "openai_api_key",
        )
    }  # fmt: skip
    if has["SLACK_BOT_TOKEN"] and not (has["SLACK_SIGNING_SECRET"] or has["SLACK_APP_TOKEN"]):
        problems.append("SLACK_BOT_TOKEN is set: SLACK_SIGNING_SECRET (or SLACK_APP_TOKEN for Socket Mode) is missing")
    if (has["SLACK_SIGNING_SECRET"] or has["SLACK_APP_TOKEN"]) and not has["SLACK_BOT_TOKEN"]:
        problems.append("Slack is half configured: SLACK_BOT_TOKEN is missing")
    if has["TEAMS_APP_ID"] and not has["TEAMS_APP_PASSWORD"]:
        problems.append("TEAMS_APP_ID is set: TEAMS_APP_PASSWORD is missing")
    if has["TEAMS_APP_PASSWORD"] and not has["TEAMS_APP_ID"]:
        problems.append("TEAMS_APP_PASSWORD is set: TEAMS_APP_ID is missing")
    if settings.advisor_index == "pinecone":
        problems += [
            f"ADVISOR_INDEX=pinecone: {name} is missing" for name in ("PINECONE_API_KEY", "PINECONE_HOST") if not has[name]
        ]
    if settings.advisor_embeddings == "openai" and not has["OPENAI_API_KEY"]:
        problems.append("ADVISOR_EMBEDDINGS=openai: OPENAI_API_KEY is missing")
    return problems + (index_faults(settings) if settings.advisor_index_uri else [])


def index_faults(settings: Settings) -> list[str]:
    """What keeps an index from lying in a bucket, each as a sentence."""
    problems = []
    if settings.advisor_index == "pinecone":
        problems.append("ADVISOR_INDEX_URI is set with ADVISOR_INDEX=pinecone: the index is in one or the other")
    if (settings.aws_access_key_id is None) != (settings.aws_secret_access_key is None):
        problems.append("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY belong together: one is missing")
    url = urlsplit(settings.aws_endpoint_url or "https://amazon")
    if url.scheme not in {"https", "http"} or not url.hostname:
        problems.append("AWS_ENDPOINT_URL: must start with https:// or http://")
    elif url.scheme == "http" and not (url.hostname in _LOOPBACK or settings.dangerously_allow_http_index):
        problems.append(
            "AWS_ENDPOINT_URL: documents would cross the network unencrypted: use https://, or set DANGEROUSLY_ALLOW_HTTP_INDEX"
        )
    return problems
