"""Logging to stderr, one line an event; no text of a message, no token and no line break that a stranger could forge."""

from __future__ import annotations

import logging
import re
import sys

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CHATTY = ("slack_bolt", "slack_sdk", "httpx", "httpcore", "openai", "pinecone", "aiohttp.access", "msal", "microsoft_agents")
"""Libraries that print payloads, headers or addresses at their lower levels: warnings and worse only, whatever our level."""


class _OneLine(logging.Formatter):
    """Level, time, logger and message on one line; a traceback follows on lines of its own, indented."""

    def format(self, record: logging.LogRecord) -> str:
        head = f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')} {record.levelname.lower():7} {record.name}"
        line = f"{head} {_CONTROL.sub(' ', record.getMessage())}"
        if record.exc_info and record.exc_info[0] is not None:
            trace = self.formatException(record.exc_info)
            line += "\n" + "\n".join(f"    {_CONTROL.sub(' ', row)}" for row in trace.splitlines())
        return line


def configure(level: str) -> None:
    """Set the process's logging up; called once, by the composition root."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
