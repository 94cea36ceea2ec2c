"""Limits of the platforms and of our own HTTP interface, each with its source and date; the code that keeps to one names it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

# --- our own HTTP interface and chat page (own choice, 2026-11) ---
HTTP_BODY_BYTES = 1024 * 1024
"""Largest request body; Slack's and the Bot Connector's events are far smaller."""
HTTP_HEADER_SECONDS = 12.0
"""From the first byte of a request to the end of its headers; a slower client is cut (OWASP: slow HTTP attacks)."""
HTTP_BODY_SECONDS = 12.0
"""From the end of the headers to the end of the body."""
HTTP_IDLE_SECONDS = 75.0
"""An idle kept connection: longer than the 60 s after which common load balancers close theirs, so that they close first."""
WEB_QUESTION_CHARS = 4000
WEB_THREAD_CHARS = 200
WEB_WAITING = 256
"""Requests that wait for an answer at the same time in one process; each holds one Redis connection."""
WEB_EVENTS_KEPT = 50
"""Events of one message; each progress event replaces the one before, so a reader who comes late misses nothing."""
WEB_EVENTS_SECONDS = 15 * 60
"""How long the events of a message outlive the last of them: enough to resume a stream after a lost connection."""
WEB_UPLOAD_PATH = "/v1/files"
"""The one route whose body may be a file; it is read after the caller is known."""
WEB_UPLOAD_SECONDS = 60.0
WEB_FILE_SECONDS = 15 * 60
"""How long a file that was sent waits for its question."""
WEB_FILES_HELD = 20
"""Files of one caller in that time."""
WEB_SESSION_SECONDS = 12 * 3600
"""A signed-in browser, from its last request."""

# --- what is kept for review (own choice, 2026-11) ---
REVIEW_DAYS = 90
"""How long a question and its answer are kept with what people thought of it; see docs/feedback.md."""
REVIEW_EXCHANGES = 20_000
"""More exchanges than this are not kept; the oldest go."""
REVIEW_REASON_CHARS = 1000
REVIEW_QUESTION_CHARS = 4000

# --- the register of recommendations (own choice, 2026-11) ---
REGISTER_SITE_ENTRIES = 300
"""Entries of one site. Of more, those go that were proposed longest ago and never decided on; what was decided never goes."""

# --- the desk (own choice, 2026-11) ---
HANDOVER_DAYS = 14
"""How long an expert who was asked may take to answer in the conversation."""
CONVERSATION_FILES = 5
"""Files of one message that are read."""
CONVERSATION_FILE_BYTES = 10 * 1024 * 1024

# --- prices of services that grow with the index, for `ingest --dry-run`: without tax and discounts ---


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for `per` units, as seen on `as_of` at `source`."""

    usd: float
    per: int
    as_of: date
    source: str


EMBEDDING_PRICES = {
    "text-embedding-3-large": Price(0.13, 1_000_000, date(2026, 5, 31), "https://openai.com/api/pricing"),
    "text-embedding-3-small": Price(0.02, 1_000_000, date(2026, 7, 3), "https://openai.com/api/pricing"),
}
"""By the token."""
PINECONE_WRITE = Price(4.50, 1_000_000, date(2026, 6, 9), "https://www.pinecone.io/pricing")
"""By the write unit, one for each kB of a request; Standard plan, in its dearest region."""
PINECONE_STORAGE = Price(0.33, 1_000_000_000, date(2026, 6, 9), "https://www.pinecone.io/pricing")
"""By the byte and month. The plan has a minimum of 50 a month, whatever is used."""
EMBEDDED_PASSAGES_A_SECOND = (5.0, 7.0)
"""What the embedded models make on one core, from least to most (bench/ingest.py --embed, 2026-11)."""
