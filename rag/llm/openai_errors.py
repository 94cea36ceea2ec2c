"""What a failure of the OpenAI SDK means: may it be tried again, and when. Pure; shared by the model and the embedder."""

from __future__ import annotations

import email.utils
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx2
import openai

# The SDK (openai 3) stands on httpx2; errors in the middle of a stream come through as its transport raised them.
_TRANSIENT = frozenset({408, 409, 425, 429})
UNUSABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError)
"""What the SDKs raise on a reply that is not as documented: bad JSON, missing or null fields."""
FAILURES = (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError, TimeoutError, *UNUSABLE)


@dataclass(frozen=True, slots=True)
class Failure:
    """`healthy`: the service is up, only this request was refused. `retry_after` in seconds, if it said so.

    `message` names kind, status and code and never repeats the service's own words: those may hold the key or the question.
    """

    message: str
    retryable: bool
    retry_after: float | None = None
    healthy: bool = False


def failure(error: BaseException) -> Failure:
    """Classify any of FAILURES."""
    if isinstance(error, openai.APIStatusError):
        return _status(error)
    if isinstance(error, (openai.APITimeoutError, httpx2.TimeoutException, TimeoutError)):
        return Failure("no answer in time", retryable=True)
    if isinstance(error, (openai.APIConnectionError, httpx2.HTTPError, httpx2.StreamError)):
        return Failure(f"connection failed ({type(error).__name__})", retryable=True)
    if isinstance(error, openai.APIError):  # an error event in the middle of a stream
        return Failure(f"error while answering ({error.code})", retryable=error.code != "insufficient_quota")
    return Failure(f"unusable reply ({type(error).__name__})", retryable=True)


def _status(error: openai.APIStatusError) -> Failure:
    status = error.status_code
    spent = "insufficient_quota" in (error.code, error.type)  # a 429 that only paying heals
    retryable = not spent and (status in _TRANSIENT or status >= 500)
    refused = status in (400, 404, 413, 422)
    message = f"HTTP {status}" + (f" ({error.code})" if error.code else "")
    return Failure(message, retryable, retry_after(error.response.headers) if retryable else None, healthy=refused)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait as the reply's Retry-After says, a number or a date; None without one that can be read."""
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            when = email.utils.parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = ((when if when.tzinfo else when.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()
    return max(0.0, seconds) if seconds < float("inf") else None
