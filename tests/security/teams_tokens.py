"""Requests that must be refused: bad tokens, and good tokens on activities that they do not cover."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.fakes.bot_activities import message
from tests.fakes.bot_connector import APP_ID, ISSUER, FakeConnector, SigningKey

Request = tuple[Mapping[str, str], dict[str, Any]]


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


def good_request(fake: FakeConnector) -> Request:
    """What the platform sends."""
    return bearer(fake.sign()), message("hola", fake.service_url)


def bad_requests(fake: FakeConnector, other: SigningKey, unendorsed: SigningKey) -> dict[str, Request]:
    """Each by what is wrong with it. `other` is not in the JWKS; `unendorsed` is, for another channel."""
    now = int(time.time())
    activity = message("hola", fake.service_url)
    tokens = {
        "wrong issuer": fake.sign(iss="https://evil.example"),
        "issuer missing": fake.sign(drop=("iss",)),
        "issuer of Entra": fake.sign(iss="https://sts.windows.net/aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee/"),
        "wrong audience": fake.sign(aud="99999999-2222-3333-4444-555555555555"),
        "audience missing": fake.sign(drop=("aud",)),
        "audience a list with others": fake.sign(aud=["99999999-2222-3333-4444-555555555555"]),
        "expired 301 s ago": fake.sign(exp=now - 301),
        "expiry missing": fake.sign(drop=("exp",)),
        "expiry not a number": fake.sign(exp="soon"),
        "expiry infinite": fake.sign(exp=float("inf")),
        "not valid for another 310 s": fake.sign(nbf=now + 310),
        "serviceurl claim missing": fake.sign(drop=("serviceurl",)),
        "serviceurl claim of another host": fake.sign(serviceurl="https://smba.example/emea/"),
        "serviceurl claim with another path": fake.sign(serviceurl=f"{fake.url}/amer/"),
        "serviceurl claim not a string": fake.sign(serviceurl=["x"]),
        "unknown kid": fake.sign(headers={"kid": "nobody"}),
        "known kid, other key": fake.sign(key=SigningKey(fake.keys[0].kid, other.private)),
        "kid missing": _without_kid(fake),
        "kid not a string": _raw({"alg": "RS256", "kid": 7}, _claims(fake)),
        "key endorsed for another channel": fake.sign(key=unendorsed),
        "alg none": jwt.encode(_claims(fake), "", algorithm="none", headers={"kid": fake.keys[0].kid}),
        "alg HS256 with the public key": _hs256(fake),
        "alg RS512": jwt.encode(_claims(fake), fake.keys[0].private, algorithm="RS512", headers={"kid": fake.keys[0].kid}),
        "signature cut": fake.sign().rsplit(".", 1)[0] + ".",
        "payload changed": _tampered(fake.sign()),
        "header nested 2 000 deep": _nested(),
        "garbage": "garbage",
        "three dots": "a.b.c",
        "not ASCII": "\udcff\udcfe",
    }
    requests: dict[str, Request] = {name: (bearer(token), activity) for name, token in tokens.items()}
    requests["no header"] = ({}, activity)
    requests["empty bearer"] = ({"Authorization": "Bearer "}, activity)
    requests["basic"] = ({"Authorization": "Basic dTpw"}, activity)
    requests["two tokens"] = ({"Authorization": f"Bearer {fake.sign()} {fake.sign()}"}, activity)
    good = bearer(fake.sign())
    requests["activity without serviceUrl"] = (good, {k: v for k, v in activity.items() if k != "serviceUrl"})
    requests["activity with another serviceUrl"] = (good, {**activity, "serviceUrl": f"{fake.url}/amer/"})
    requests["activity of another channel"] = (good, {**activity, "channelId": "webchat"})
    requests["activity without channel"] = (good, {k: v for k, v in activity.items() if k != "channelId"})
    for host in ("evil-smba.example", "127.0.0.1.evil.example", "evil.example\\@127.0.0.1", "127.0.0.1@evil.example"):
        url = f"https://{host}/emea/"
        requests[f"serviceUrl {host}, claim equal"] = (bearer(fake.sign(serviceurl=url)), {**activity, "serviceUrl": url})
    return requests


def _claims(fake: FakeConnector) -> dict[str, Any]:
    now = int(time.time())
    return {"iss": ISSUER, "aud": APP_ID, "serviceurl": fake.service_url, "nbf": now - 60, "exp": now + 600}


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _raw(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{_part(header)}.{_part(claims)}.{_part('signature')}"


def _without_kid(fake: FakeConnector) -> str:
    return jwt.encode(_claims(fake), fake.keys[0].private, algorithm="RS256")


def _hs256(fake: FakeConnector) -> str:
    # By hand: PyJWT refuses to sign with what looks like a public key; an attacker would not.
    key = fake.keys[0].private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': fake.keys[0].kid})}.{_part(_claims(fake))}"
    code = hmac.new(key, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(code).rstrip(b'=').decode()}"


def _tampered(token: str) -> str:
    header, _, signature = token.split(".")
    return f"{header}.{_part({'iss': ISSUER, 'aud': APP_ID, 'exp': 9999999999})}.{signature}"


def _nested() -> str:
    header = base64.urlsafe_b64encode(b'{"alg":' + b"[" * 2000).rstrip(b"=").decode()
    return f"{header}.{_part({})}.x"
