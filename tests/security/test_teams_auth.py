"""Teams: no request is believed but those that the Bot Connector signed for exactly this activity."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from adapters.teams.auth import RefusedError, authenticate
from adapters.teams.hosts import service_url_allowed
from adapters.teams.keys import SigningKeys
from rag.errors import DependencyError
from tests.fakes.bot_activities import message
from tests.fakes.bot_connector import APP_ID, TENANT, FakeConnector, SigningKey
from tests.fakes.faults import Fault
from tests.fakes.teams_app import TeamsApp, teams_settings
from tests.security.teams_tokens import bad_requests, bearer, good_request


@pytest.fixture
async def fake() -> AsyncIterator[FakeConnector]:
    """A stand-in Bot Connector."""
    async with FakeConnector() as running:
        yield running


class Clock:
    """Time that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def test_bad_requests_are_refused_and_store_nothing(fake: FakeConnector) -> None:
    """Every entry of the table gets 401 or 403, none 500, nothing is stored; a good request right after each is taken."""
    unendorsed = SigningKey.new(endorsements=("webchat",))
    fake.keys.append(unendorsed)
    table = bad_requests(fake, SigningKey.new(), unendorsed)
    assert len(table) >= 20
    async with TeamsApp.running(teams_settings(fake)) as app:
        statuses = {name: await app.post(activity, headers=dict(headers)) for name, (headers, activity) in table.items()}
        assert {name: status for name, status in statuses.items() if status not in {401, 403}} == {}
        assert app.submitted == []
        headers, activity = good_request(fake)
        assert await app.post(activity, headers=dict(headers)) == 202
        assert len(app.submitted) == 1


@pytest.mark.parametrize(
    "claims", [{"exp": -290}, {"nbf": 290}, {"exp": 10, "nbf": -10}], ids=["expired 290 s ago", "valid in 290 s", "now"]
)
async def test_clock_skew_of_five_minutes_is_forgiven(fake: FakeConnector, claims: dict[str, int]) -> None:
    """A good token is taken within 300 s of its validity on either side."""
    times = {name: int(time.time()) + offset for name, offset in claims.items()}
    async with TeamsApp.running(teams_settings(fake)) as app:
        assert await app.post(message("hola", fake.service_url), headers=bearer(fake.sign(**times))) == 202


async def test_another_tenant_is_refused(fake: FakeConnector) -> None:
    """A bot of one tenant hears no other, whichever field of the activity names it."""
    activity = message("hola", fake.service_url)
    activity["conversation"] = {**activity["conversation"], "tenantId": "bbbbbbbb-bbbb-cccc-dddd-eeeeeeeeeeee"}
    async with TeamsApp.running(teams_settings(fake)) as app:
        assert await app.post(activity, headers=bearer(fake.sign())) == 403
        del activity["conversation"]["tenantId"]
        activity["channelData"] = {"tenant": {"id": "bbbbbbbb-bbbb-cccc-dddd-eeeeeeeeeeee"}}
        assert await app.post(activity, headers=bearer(fake.sign())) == 403
        activity["channelData"] = {"tenant": {"id": TENANT}}
        assert await app.post(activity, headers=bearer(fake.sign())) == 202
        assert app.submitted[0].tenant == TENANT


async def test_first_message_after_a_key_rotation_is_taken(fake: FakeConnector) -> None:
    """A new key is fetched when first seen (within 2 s), the withdrawn one is no longer believed after that."""
    clock = Clock()
    keys = SigningKeys(fake.openid_url, clock=clock)
    await keys.start()
    old = fake.keys[0]
    assert (await authenticate(f"Bearer {fake.sign()}", keys, APP_ID)).service_url == fake.service_url
    clock.now += 61
    fake.rotate()
    started = time.monotonic()
    await authenticate(f"Bearer {fake.sign()}", keys, APP_ID)
    assert time.monotonic() - started < 2
    with pytest.raises(RefusedError):
        await authenticate(f"Bearer {fake.sign(key=old)}", keys, APP_ID)
    await keys.stop()


async def test_unknown_keys_cannot_flood_the_token_service(fake: FakeConnector) -> None:
    """A thousand unknown key ids cause one fetch at most in a minute, and a good message is taken in between."""
    clock = Clock()
    keys = SigningKeys(fake.openid_url, clock=clock)
    await keys.start()
    await authenticate(f"Bearer {fake.sign()}", keys, APP_ID)
    clock.now += 61
    tokens = [fake.sign(headers={"kid": f"unknown-{index % 50}"}) for index in range(50)]

    async def refused(token: str) -> None:
        with pytest.raises(RefusedError):
            await authenticate(f"Bearer {token}", keys, APP_ID)

    before = fake.calls("/keys")
    for _ in range(20):
        await asyncio.gather(*(refused(token) for token in tokens))
    assert fake.calls("/keys") - before == 1
    await authenticate(f"Bearer {fake.sign()}", keys, APP_ID)
    await keys.stop()


async def test_hanging_keys_delay_only_those_who_need_them(fake: FakeConnector) -> None:
    """While the JWKS hangs, messages with a known key are taken at once; an unknown key is refused, not waited for ever."""
    clock = Clock()
    keys = SigningKeys(fake.openid_url, timeout=1.0, clock=clock)
    await keys.start()
    await authenticate(f"Bearer {fake.sign()}", keys, APP_ID)
    clock.now += 61
    fake.faults.plan(Fault(hang=True), path="/keys", times=-1)
    unknown = asyncio.create_task(authenticate(f"Bearer {fake.sign(headers={'kid': 'unknown'})}", keys, APP_ID))
    await asyncio.sleep(0.05)
    assert not unknown.done()
    started = time.monotonic()
    for _ in range(20):
        await authenticate(f"Bearer {fake.sign()}", keys, APP_ID)
    assert time.monotonic() - started < 0.5
    with pytest.raises(RefusedError):
        await unknown
    assert time.monotonic() - started < 3
    await keys.stop()


async def test_good_messages_are_taken_while_keys_hang_and_strangers_knock(fake: FakeConnector) -> None:
    """With the JWKS hanging and 1,000 unknown key ids coming in, over HTTP: good messages are all taken, each in good time, after
    one fetch; a key that was rotated meanwhile is believed once the JWKS answers again.
    """
    async with TeamsApp.running(teams_settings(fake)) as app:
        clock = Clock()
        clock.now = time.monotonic()
        app.adapter._keys._clock, app.adapter._keys._timeout = clock, 1.5
        assert await app.post(message("hola", fake.service_url), headers=bearer(fake.sign())) == 202
        clock.now += 3601
        good, activity = bearer(fake.sign()), message("hola", fake.service_url)
        strangers = [bearer(fake.sign(headers={"kid": f"unknown-{index}"})) for index in range(100)]
        fake.faults.plan(Fault(hang=True), path="/keys", times=-1)
        before = fake.calls("/keys")
        knocking = [asyncio.create_task(refused(app, strangers[index % 100])) for index in range(1000)]
        took = []
        for _ in range(100):
            started = time.monotonic()
            assert await app.post(activity, headers=good) == 202
            took.append(time.monotonic() - started)
        assert sorted(took)[98] < 2
        assert fake.calls("/keys") - before == 1
        assert await asyncio.gather(*knocking) == [True] * 1000
        assert fake.calls("/keys") - before == 1
        fake.faults.clear()
        fake.rotate()
        clock.now += 61
        started = time.monotonic()
        assert await app.post(activity, headers=bearer(fake.sign())) == 202
        assert time.monotonic() - started < 2


async def refused(app: TeamsApp, headers: dict[str, str]) -> bool:
    """Whether a token is refused, however long that takes."""
    try:
        await authenticate(headers["Authorization"], app.adapter._keys, APP_ID)
    except RefusedError:
        return True
    return False


async def test_no_keys_at_all_is_try_again_and_heals(fake: FakeConnector) -> None:
    """Without any key nothing can be judged: 503, no 401 or 500; a later fetch heals it, keys of a day ago do not count."""
    fake.faults.plan(Fault(status=500), path="/openidconfiguration", times=1)
    async with TeamsApp.running(teams_settings(fake)) as app:
        await asyncio.sleep(0.1)
        assert await app.post(message("hola", fake.service_url), headers=bearer(fake.sign())) == 503
    clock = Clock()
    keys = SigningKeys(fake.openid_url, clock=clock)
    await keys.start()
    await authenticate(f"Bearer {fake.sign()}", keys, APP_ID)
    fake.faults.plan(Fault(status=500), path="/keys", times=2)
    clock.now += 24 * 3600 + 1
    with pytest.raises(DependencyError):
        await authenticate(f"Bearer {fake.sign()}", keys, APP_ID)
    clock.now += 6
    with pytest.raises(DependencyError):
        await authenticate(f"Bearer {fake.sign()}", keys, APP_ID)
    clock.now += 6
    await authenticate(f"Bearer {fake.sign()}", keys, APP_ID)
    await keys.stop()


async def test_keys_are_renewed_before_they_are_needed(fake: FakeConnector) -> None:
    """A known key seen after an hour starts a fetch in the background, so that a new one is known before its first message."""
    clock = Clock()
    keys = SigningKeys(fake.openid_url, clock=clock)
    await keys.start()
    await authenticate(f"Bearer {fake.sign()}", keys, APP_ID)
    old = fake.keys[0]
    fake.rotate(keep_old=True)
    clock.now += 3601
    await authenticate(f"Bearer {fake.sign(key=old)}", keys, APP_ID)
    await asyncio.sleep(0.1)
    calls = fake.calls("/keys")
    await authenticate(f"Bearer {fake.sign()}", keys, APP_ID)
    assert (calls, fake.calls("/keys")) == (2, 2)
    await keys.stop()


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": "203.0.113.9"}, {"Forwarded": "for=1"}, {"Host": "bot.example"}])
async def test_without_authentication_only_this_machine_is_heard(fake: FakeConnector, headers: dict[str, str]) -> None:
    """The playground's mode hears direct calls from this machine and refuses what came through a proxy or by another name."""
    settings = teams_settings(
        fake, teams_app_id=None, teams_app_password=None, teams_tenant_id=None, dangerously_allow_unauthenticated_teams=True
    )
    async with TeamsApp.running(settings) as app:
        assert await app.post(message("hola", fake.service_url)) == 202
        assert await app.post(message("hola", fake.service_url), headers=headers) == 403
        assert await app.post(message("hola", "https://smba.trafficmanager.net/emea/")) == 403
        assert len(app.submitted) == 1


async def test_an_app_id_keeps_authentication_on(fake: FakeConnector) -> None:
    """With an app id configured the dangerous setting changes nothing."""
    async with TeamsApp.running(teams_settings(fake, dangerously_allow_unauthenticated_teams=True)) as app:
        assert await app.post(message("hola", fake.service_url)) == 401


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://smba.trafficmanager.net/emea/", True),
        ("https://eu.smba.trafficmanager.net/x", True),
        ("https://SMBA.trafficmanager.net/emea/", True),
        ("https://evil-smba.trafficmanager.net/", False),
        ("https://smba.trafficmanager.net.evil.example/", False),
        ("https://smba.trafficmanager.net@evil.example/", False),
        ("https://evil.example\\@smba.trafficmanager.net/", False),
        ("https://evil.example/smba.trafficmanager.net", False),
        ("https://evil.example#smba.trafficmanager.net", False),
        ("http://smba.trafficmanager.net/emea/", False),
        ("ftp://smba.trafficmanager.net/", False),
        ("https://smba.trafficmanager.net:99999/", False),
        ("https://smba.trafficmanager.net/ \n", False),
        ("//smba.trafficmanager.net/", False),
        ("https://127.0.0.1/", False),
        ("", False),
    ],
)
def test_replies_go_only_to_listed_hosts(url: str, allowed: bool) -> None:
    """A service URL is called only on a listed host or one below it, by https, in a spelling that all parsers read alike."""
    assert service_url_allowed(url, ("smba.trafficmanager.net",)) is allowed
