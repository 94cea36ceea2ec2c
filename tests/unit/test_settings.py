"""The environment: faults told all at once, halves refused, secrets never printed."""

from __future__ import annotations

import os

import pytest

from config.settings import Settings, SettingsError, load_settings, quiet_threads

SECRETS = ("slack_bot_token", "slack_signing_secret", "slack_app_token", "teams_app_password", "api_tokens", "redis_url",
           "openai_api_key", "pinecone_api_key")  # fmt: skip


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of whoever runs the tests."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def load(**values: object) -> Settings:
    """As the program loads it, but without a `.env`."""
    return load_settings(_env_file=None, **values)


def problems(**values: object) -> list[str]:
    """What is refused."""
    with pytest.raises(SettingsError) as refused:
        load(**values)
    return refused.value.problems


def test_nothing_configured_works() -> None:
    """Embedded everything, every channel off."""
    settings = load()
    assert (settings.slack_on, settings.teams_on, settings.model_on, settings.tokens()) == (False, False, False, {})
    assert (settings.advisor_embeddings, settings.advisor_index) == ("embedded", "lancedb")


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"slack_bot_token": "x"}, ["SLACK_SIGNING_SECRET"]),
        ({"slack_signing_secret": "x"}, ["SLACK_BOT_TOKEN"]),
        ({"slack_app_token": "x"}, ["SLACK_BOT_TOKEN"]),
        ({"teams_app_id": "x"}, ["TEAMS_APP_PASSWORD"]),
        ({"teams_app_password": "x"}, ["TEAMS_APP_ID"]),
        ({"advisor_index": "pinecone"}, ["PINECONE_API_KEY", "PINECONE_HOST"]),
        ({"advisor_index": "pinecone", "pinecone_host": "h"}, ["PINECONE_API_KEY"]),
        ({"advisor_index": "pinecone", "pinecone_api_key": "k"}, ["PINECONE_HOST"]),
        ({"advisor_embeddings": "openai"}, ["OPENAI_API_KEY"]),
        ({"slack_bot_token": "x", "teams_app_id": "y", "advisor_embeddings": "openai"},
         ["SLACK_SIGNING_SECRET", "TEAMS_APP_PASSWORD", "OPENAI_API_KEY"]),
    ],
)  # fmt: skip
def test_halves_name_what_is_missing(values: dict[str, str], missing: list[str]) -> None:
    """One problem for each missing variable, all of them together."""
    found = problems(**values)
    assert len(found) == len(missing)
    assert all(any(name in problem for problem in found) for name in missing)


@pytest.mark.parametrize("tenant", ["Aguas", "a_b", "a b", "a/b", "á", "a" * 41, "a\n"])
def test_a_tenant_is_a_plain_name(tenant: str) -> None:
    """What is no name of a tenant is refused by its variable, so that none can be taken for another's namespace."""
    assert any("ADVISOR_TENANT" in problem for problem in problems(advisor_tenant=tenant))
    assert load(advisor_tenant="aguas-del-sur-2").advisor_tenant == "aguas-del-sur-2"


def test_wholes_are_accepted() -> None:
    """Slack by HTTP or by socket, Teams, a model."""
    assert load(slack_bot_token="b", slack_signing_secret="s").slack_on
    assert load(slack_bot_token="b", slack_app_token="a").slack_socket_mode
    assert load(teams_app_id="i", teams_app_password="p").teams_on
    assert load(dangerously_allow_unauthenticated_teams=True).teams_on
    assert load(openai_api_key="k").model_on


def test_faults_of_types_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each by its variable's name."""
    monkeypatch.setenv("ADVISOR_WORKERS", "many")
    monkeypatch.setenv("OPENAI_BASE_URL", "ftp://x")
    monkeypatch.setenv("ADVISOR_INDEX", "drawer")
    assert [problem.split(":")[0] for problem in problems()] == ["ADVISOR_WORKERS", "OPENAI_BASE_URL", "ADVISOR_INDEX"]


def test_empty_variables_count_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """`SLACK_BOT_TOKEN=` in a compose file turns nothing on."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "")
    assert not load().slack_on


@pytest.mark.parametrize("name", SECRETS)
def test_secrets_do_not_print(name: str) -> None:
    """Neither in repr nor in str nor in a dump."""
    whole = {"slack_bot_token": "b", "slack_signing_secret": "s", "teams_app_id": "i", "teams_app_password": "p"}
    settings = load(**{**whole, name: "hunter2-canary"})
    assert "hunter2-canary" not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"


def test_tokens_with_audiences() -> None:
    """Comma-separated, each with its audiences or for everyone."""
    assert load(api_tokens=" a , b:x|y,c: ,").tokens() == {"a": ("everyone",), "b": ("x", "y"), "c": ("everyone",)}


def test_threads_wait_asleep_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default is set; a choice of the operator's stays."""
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    quiet_threads()
    assert os.environ["OMP_WAIT_POLICY"] == "passive"
    monkeypatch.setenv("OMP_WAIT_POLICY", "active")
    quiet_threads()
    assert os.environ["OMP_WAIT_POLICY"] == "active"
