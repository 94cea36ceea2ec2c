"""The Bot Connector of Teams and its token service as a real server; signs as the platform does and shows what a user saw.

Beliefs about the platform, with source and date of what was read:
* Tokens to the bot: RS256, iss https://api.botframework.com, aud = app id, `serviceurl` claim, key found by `kid` in a JWKS named
  by the OpenID configuration; each key lists the channels it is endorsed for (Bot Connector authentication page, seen 2025).
* Tokens from the bot: POST {login}/{tenant}/oauth2/v2.0/token, client credentials, scope https://api.botframework.com/.default,
  good for an hour (same page; msal 1.39 source).
* POST /v3/conversations/{id}/activities[/{id}] answers 201 {"id"}; PUT 200 {"id"}; DELETE 200 (REST reference; Agents SDK 1.9).
* 401 without a good token; 429 with or without Retry-After; 412, 502, 504 pass (rate-limit page, seen 2025).
* A message over the limit is 413 MessageSizeTooBig; pages differ (28, 40, 100 KB UTF-16): the smallest here (seen 2024-2026).
* A picture is an attachment image/png, jpeg or gif with a data URI, in any kind of conversation; it is drawn if it has at most
  1024 x 1024 dots and 1 MB, and left out in silence else (Teams SDK, inline images, seen 2026-11). Base64 pictures do not count
  towards the size of a message (formatting page, seen 2026-11); the SDK's page warns that they do: `picture_bytes` is for both.
* One root message entity; at most 10 citations; name 1-80 and abstract at most 160 characters, a null name is refused: else 400;
  a citation whose [n] is not in the text is not shown (Agents Playground 0.2.28, whose schema has 10 where the
  AI-generated content page of 2025-01-09 had 20; Agents SDK 1.9).
* Suggested actions are shown in personal chats only (conversation basics page, seen 2025), three at most, and none beside an
  attachment (suggested actions page, seen 2026-11).
* Streams (entity `streaminfo`): personal chats only. The first step is a typing activity with text and streamSequence 1, answered
  201 with the stream's id; later ones carry that id and a rising sequence, answered 202 {}; the last is a message of streamType
  final without a sequence. Text only grows. More than one call a second is 429. 403 ContentStreamNotAllowed, with its words, when
  not allowed, cancelled, out of time (two minutes) or already completed (streaming page, seen 2026-11; teams.py source, 2026).
* A press is an invoke, answered in the response of the POST itself (dialogs and feedback pages, seen 2026-11).
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import time
from dataclasses import dataclass, field, replace
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.fakes.faults import FakeServer

ISSUER = "https://api.botframework.com"
SCOPE = "https://api.botframework.com/.default"
APP_ID = "11111111-2222-3333-4444-555555555555"
PASSWORD = "invented-secret"
TENANT = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
MESSAGE_BYTES = 28 * 1024
PICTURE_BYTES = 100 * 1024
STREAM_REFUSALS = {
    "not_allowed": "Content stream is not allowed",
    "cancelled": "Content stream was canceled by user",
    "time": "Content stream finished due to exceeded streaming time.",
    "completed": "Content stream is not allowed on an already completed streamed message",
}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key of the token service and the channels that it is endorsed for."""

    kid: str
    private: rsa.RSAPrivateKey
    endorsements: tuple[str, ...] = ("msteams",)

    @classmethod
    def new(cls, kid: str = "", endorsements: tuple[str, ...] = ("msteams",)) -> SigningKey:
        """A fresh RSA key of 2048 bits."""
        return cls(kid or secrets.token_hex(8), rsa.generate_private_key(public_exponent=65537, key_size=2048), endorsements)

    def jwk(self) -> dict[str, Any]:
        """The public half as it stands in the JWKS."""
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key()))
        return {**public, "kid": self.kid, "use": "sig", "endorsements": list(self.endorsements)}


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as a user sees it: citations only where their [n] stands in the text, buttons only in personal chats."""

    conversation: str
    id: str
    text: str
    citations: tuple[dict[str, Any], ...] = ()
    buttons: tuple[str, ...] = ()
    ai_label: bool = False
    reply_to: str = ""
    edited: bool = False
    pictures: tuple[bytes, ...] = ()
    raw: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class StreamSeen:
    """A stream as it grew: its (streamType, text) steps, the sequence of the last, and when that came."""

    steps: list[tuple[str, str]] = field(default_factory=list)
    sequence: int = 0
    last: float = 0.0
    done: bool = False


class FakeConnector(FakeServer):
    """`async with FakeConnector() as fake:` then `fake.service_url`, `fake.openid_url`, `fake.login_url`, `fake.shown`.

    Faults by path (`fake.faults.plan`): "/keys", "/openidconfiguration", "/token", "/activities".
    """

    def __init__(self) -> None:
        super().__init__()
        self.keys = [SigningKey.new()]
        self.shown: list[Shown] = []
        self.deleted: list[str] = []
        self.typing: list[str] = []
        self.stream_refusal = ""
        self.stream_refusal_at = ""
        self.stream_pace = 0.0
        self.streams: dict[str, StreamSeen] = {}
        self.chats: dict[str, str] = {}
        self.picture_bytes = PICTURE_BYTES
        self.token_seconds = 3600
        self._tokens: dict[str, float] = {}

    def forget(self) -> None:
        """Nothing was said yet, for the next test of a server that goes on running."""
        self.shown, self.deleted, self.typing, self.streams, self.chats = [], [], [], {}, {}
        self.requests.clear()

    @property
    def service_url(self) -> str:
        """What activities carry; it has a path, as in reality."""
        return f"{self.url}/emea/"

    @property
    def openid_url(self) -> str:
        """What TEAMS_OPENID_URL is set to."""
        return f"{self.url}/v1/.well-known/openidconfiguration"

    @property
    def login_url(self) -> str:
        """What TEAMS_LOGIN_URL is set to."""
        return self.url

    def routes(self) -> list[web.RouteDef]:
        one = "/emea/v3/conversations/{conversation}/activities/{activity}"
        return [
            web.get("/v1/.well-known/openidconfiguration", self._openid),
            web.get("/v1/.well-known/keys", self._jwks),
            web.get("/{tenant}/v2.0/.well-known/openid-configuration", self._tenant),
            web.post("/{tenant}/oauth2/v2.0/token", self._token),
            web.post("/emea/v3/conversations/{conversation}/activities", self._post),
            web.post("/emea/v3/conversations", self._chat),
            web.post(one, self._post),
            web.put(one, self._put),
            web.delete(one, self._delete),
        ]

    def rotate(self, *, keep_old: bool = False) -> SigningKey:
        """A new signing key from now on; the old ones leave the JWKS unless kept."""
        key = SigningKey.new()
        self.keys = [key, *(self.keys if keep_old else [])]
        return key

    def sign(self, *, key: SigningKey | None = None, drop: tuple[str, ...] = (), headers: Any = None, **claims: Any) -> str:
        """A bearer token as the platform signs it, with claims replaced or dropped."""
        key = key or self.keys[0]
        now = int(time.time())
        good = {"iss": ISSUER, "aud": APP_ID, "serviceurl": self.service_url, "nbf": now - 60, "exp": now + 3600}
        payload = {name: value for name, value in {**good, **claims}.items() if name not in drop}
        return jwt.encode(payload, key.private, algorithm="RS256", headers={"kid": key.kid, **(headers or {})})

    def revoke_tokens(self) -> None:
        """Forget every token that was issued to the bot."""
        self._tokens.clear()

    async def _openid(self, _request: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": ISSUER,
                "jwks_uri": f"{self.url}/v1/.well-known/keys",
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def _jwks(self, _request: web.Request) -> web.Response:
        return web.json_response({"keys": [key.jwk() for key in self.keys]})

    async def _tenant(self, request: web.Request) -> web.Response:
        base = f"{self.url}/{request.match_info['tenant']}"
        return web.json_response(
            {
                "issuer": f"{base}/v2.0",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            }
        )

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        good = {"grant_type": "client_credentials", "client_id": APP_ID, "client_secret": PASSWORD, "scope": SCOPE}
        if any(form.get(name) != value for name, value in good.items()):
            return web.json_response({"error": "invalid_client", "error_description": "AADSTS7000215"}, status=401)
        token = f"token-{secrets.token_hex(16)}"
        self._tokens[token] = time.monotonic() + self.token_seconds
        return web.json_response({"token_type": "Bearer", "expires_in": self.token_seconds, "access_token": token})

    def _refusal(self, request: web.Request, activity: dict[str, Any]) -> web.Response | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or self._tokens.get(token, 0.0) < time.monotonic():
            return error(401, "Unauthorized", "Authorization has been denied for this request.")
        size = len(json.dumps(activity, ensure_ascii=False).encode("utf-16-le", "surrogatepass"))
        images = sum(2 * len(one["contentUrl"]) for one in images_of(activity))
        if size - images > MESSAGE_BYTES or size > max(self.picture_bytes, MESSAGE_BYTES):
            return error(413, "MessageSizeTooBig", f"Message size {size} is too large")
        info = stream_info(activity)
        family = self._stream_refusal(info, request.match_info["conversation"]) if info is not None else ""
        if family:
            return error(403, "ContentStreamNotAllowed", STREAM_REFUSALS[family])
        fault = schema_fault(activity)
        return error(400, "BadSyntax", fault) if fault else None

    async def _post(self, request: web.Request) -> web.Response:
        activity = await request.json()
        refused = self._refusal(request, activity)
        if refused is not None:
            return refused
        made = secrets.token_hex(6)
        conversation = request.match_info["conversation"]
        info = stream_info(activity)
        if info is not None:
            answered = self._step(activity, info, made)
            if activity["type"] == "message" and answered.status < 400:
                self.shown.append(seen(activity, conversation, info["streamId"], ""))
            return answered
        if activity["type"] == "typing":
            self.typing.append(conversation)
        else:
            self.shown.append(seen(activity, conversation, made, request.match_info.get("activity", "")))
        return web.json_response({"id": made}, status=201)

    def _stream_refusal(self, info: dict[str, Any], conversation: str) -> str:
        if self.stream_refusal and self.stream_refusal_at in {"", info.get("streamType")}:
            return self.stream_refusal
        if "thread" in conversation:
            return "not_allowed"
        stream = self.streams.get(info.get("streamId", ""))
        return "completed" if stream and stream.done else ""

    def _step(self, activity: dict[str, Any], info: dict[str, Any], made: str) -> web.Response:
        """One step of a stream, or why it is none."""
        kind, known = info.get("streamType"), self.streams.get(info.get("streamId", ""))
        final = kind == "final"
        if (
            not activity.get("text", "").strip()
            or (activity["type"] == "message") != final
            or (known is None and "streamId" in info)
        ):
            return error(400, "BadRequest", "Start streaming activities should include text")
        if final == ("streamSequence" in info) or (known is None and final):
            return error(400, "BadRequest", "streamSequence")
        stream = known or self.streams.setdefault(made, StreamSeen())
        now = time.monotonic()
        if now - stream.last < self.stream_pace:
            return error(429, "TooManyRequests", "API calls quota exceeded")
        said = [text for step, text in stream.steps if step == "streaming"]
        if not final and (info["streamSequence"] <= stream.sequence or (said and not activity["text"].startswith(said[-1]))):
            return error(400, "BadRequest", "Content must only grow")
        stream.steps.append((str(kind), activity["text"]))
        stream.sequence, stream.last, stream.done = info.get("streamSequence", stream.sequence), now, final
        return web.json_response({} if known else {"id": made}, status=202 if known else 201)

    async def _chat(self, request: web.Request) -> web.Response:
        refused = self._refusal(request, {})
        if refused is not None:
            return refused
        member = (await request.json())["members"][0]["id"]
        if member not in self.chats:
            return error(403, "BotNotInstalled", "The bot is not installed in user's personal scope")
        return web.json_response({"id": self.chats[member]}, status=201)

    async def _put(self, request: web.Request) -> web.Response:
        activity = await request.json()
        refused = self._refusal(request, activity)
        if refused is not None:
            return refused
        wanted = request.match_info["activity"]
        for index, message in enumerate(self.shown):
            if message.id == wanted:
                changed = seen(activity, message.conversation, wanted, message.reply_to)
                self.shown[index] = replace(changed, edited=True)
                return web.json_response({"id": wanted})
        return error(404, "ActivityNotFoundInConversation", "not found")

    async def _delete(self, request: web.Request) -> web.Response:
        refused = self._refusal(request, {})
        if refused is not None:
            return refused
        self.deleted.append(request.match_info["activity"])
        self.shown = [message for message in self.shown if message.id != request.match_info["activity"]]
        return web.Response(status=200)


def stream_info(activity: dict[str, Any]) -> dict[str, Any] | None:
    """The entity that makes an activity a step of a stream."""
    return next((one for one in activity.get("entities", []) if one.get("type") == "streaminfo"), None)


def error(status: int, code: str, message: str) -> web.Response:
    """The Connector's shape of an error."""
    return web.json_response({"error": {"code": code, "message": message}}, status=status)


def schema_fault(activity: dict[str, Any]) -> str:
    """Why the platform would refuse the activity with 400; empty if it would not."""
    roots = [one for one in activity.get("entities", []) if one.get("type") == "https://schema.org/Message"]
    if len(roots) > 1:
        return "Multiple root message entities found"
    citations = roots[0].get("citation") or [] if roots else []
    if roots and roots[0].get("@type") != "Message":
        return "Error parsing message entity"
    if len(citations) > 10:
        return "Bot message with more than 10 citations"
    for one in citations:
        look = one.get("appearance") or {}
        if one.get("@type") != "Claim" or look.get("@type") != "DigitalDocument" or not isinstance(one.get("position"), int):
            return "Error while parsing citation entity"
        if not look.get("name") or len(look["name"]) > 80 or len(look.get("abstract") or "") > 160:
            return "Error while parsing citation entity"
    return ""


def seen(activity: dict[str, Any], conversation: str, made: str, reply_to: str) -> Shown:
    """What the client shows of a message."""
    text = activity.get("text", "")
    root: dict[str, Any] = next(
        (one for one in activity.get("entities", []) if one.get("type") == "https://schema.org/Message"), {}
    )
    marks = {int(n) for n in re.findall(r"\[(\d+)\]", text)}
    personal = activity.get("conversation", {}).get("conversationType", "personal") == "personal" and "thread" not in conversation
    actions = (activity.get("suggestedActions") or {}).get("actions") or []
    return Shown(
        conversation=conversation,
        id=made,
        text=text,
        citations=tuple(one for one in root.get("citation") or [] if one["position"] in marks),
        buttons=tuple(action["value"] for action in actions[:3]) if personal and not activity.get("attachments") else (),
        ai_label="AIGeneratedContent" in (root.get("additionalType") or []),
        reply_to=reply_to,
        pictures=tuple(filter(None, map(drawn, images_of(activity)))),
        raw=activity,
    )


def images_of(activity: dict[str, Any]) -> list[dict[str, Any]]:
    """The attachments that are pictures in the message itself."""
    held = activity.get("attachments") or []
    return [one for one in held if one["contentType"].startswith("image/") and one["contentUrl"].startswith("data:")]


def drawn(attachment: dict[str, Any]) -> bytes:
    """The picture as the client draws it; empty if it does not."""
    kind, _, coded = attachment["contentUrl"].partition(";base64,")
    held = base64.b64decode(coded, validate=True)
    size = [int.from_bytes(held[at : at + 4]) for at in (16, 20)]
    good = held.startswith(b"\x89PNG\r\n\x1a\n") and kind == "data:image/png" and attachment["contentType"] == "image/png"
    return held if good and max(size) <= 1024 and len(held) <= 1024 * 1024 else b""
