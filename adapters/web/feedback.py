"""What people think of answers: a verdict from the chat page or a program, and the report for who looks after the documents."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from adapters.http_guard import RefusedError, read_json
from adapters.web.auth import Gate
from adapters.web.inbound import PLATFORM, Caller
from bot.exchange import Verdict
from bot.feedback import report, report_json
from bot.messages import Actor
from bot.ports import Desk
from bot.reviews import RedisReviews
from config import limits
from rag.errors import InputError, NotAllowedError

_KEYS = frozenset({"verdict", "reason"})
_VERDICTS: dict[object, Verdict] = {"up": "up", "down": "down"}


class Feedback:
    """Routes. A caller judges what they asked themselves, and reads what was drawn from what they may read."""

    def __init__(self, gate: Gate, reviews: RedisReviews, desk: Desk | None) -> None:
        self._gate, self._reviews, self._desk = gate, reviews, desk

    def routes(self) -> Iterable[web.AbstractRouteDef]:
        return [
            web.post("/v1/exchanges/{id}/feedback", self._judge),
            web.get("/chat/exchanges/{id}/sources/{n}", self._source, allow_head=False),
            web.get("/v1/feedback", self._report, allow_head=False),
        ]

    async def _judge(self, request: web.Request) -> web.Response:
        """{"verdict": "up" | "down", "reason"?}. Nothing tells another's exchange from one that is not there."""
        caller = await self._gate.caller(request)
        verdict, reason = _word(await read_json(request))
        if self._desk is None:
            raise RefusedError(404, "exchange")
        try:
            await self._desk.judge(to_actor(caller), request.match_info["id"], verdict, reason)
        except (InputError, NotAllowedError):
            raise RefusedError(404, "exchange") from None
        return web.json_response({"exchange": request.match_info["id"], "verdict": verdict})

    async def _source(self, request: web.Request) -> web.Response:
        """What stands behind `[n]` of an answer of the caller's: for the chat page, the working of a calculation."""
        caller = await self._gate.caller(request)
        n = request.match_info["n"]
        if self._desk is None or not (n.isascii() and n.isdigit() and len(n) < 4):
            raise RefusedError(404, "exchange")
        try:
            view = await self._desk.open_source(to_actor(caller), request.match_info["id"], int(n))
        except (InputError, NotAllowedError):
            raise RefusedError(404, "exchange") from None
        return web.json_response({"title": view.title, "text": view.text, "limits": view.after, "language": view.language})

    async def _report(self, request: web.Request) -> web.Response:
        """What the last days tell, ?days=1..90 (30 unless told)."""
        caller = await self._gate.caller(request)
        given = request.query.get("days", "30")
        if not (given.isascii() and given.isdigit() and len(given) < 4 and 1 <= int(given) <= limits.REVIEW_DAYS):
            raise RefusedError(400, "wrong_value", key="days")
        return web.json_response(report_json(await report(self._reviews, int(given), caller.may)))


def to_actor(caller: Caller) -> Actor:
    """The caller as the desk knows people."""
    return Actor(PLATFORM, caller.tenant, caller.user, direct=True, grants=caller.default)


def _word(body: dict[str, object]) -> tuple[Verdict, str]:
    """A checked verdict and reason."""
    unknown = sorted(set(body) - _KEYS)
    if unknown:
        raise RefusedError(400, "unknown_key", key=unknown[0][:100], known=", ".join(sorted(_KEYS)))
    verdict, reason = body.get("verdict"), body.get("reason", "")
    if not isinstance(verdict, str) or verdict not in _VERDICTS:
        raise RefusedError(400, "wrong_value", key="verdict")
    if not isinstance(reason, str) or len(reason) > limits.REVIEW_REASON_CHARS:
        raise RefusedError(400, "wrong_value", key="reason")
    return _VERDICTS[verdict], reason
