"""One line an event, whatever a stranger puts into it."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from config.logs import configure


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Leave the logging of the test run as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def test_a_message_stays_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Line breaks, escape sequences and Unicode's separators cannot forge a second event."""
    configure("info")
    logging.getLogger("x").info("user=%s", "ana\nERROR forged\r\x1b[2J\u2028next\x85end")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert "user=ana ERROR forged [2J next end" in lines[0]
    assert "\x1b" not in lines[0]


def test_a_traceback_is_indented(capsys: pytest.CaptureFixture[str]) -> None:
    """What an exception says cannot look like an event either."""
    configure("info")
    try:
        raise ValueError("first\n2026-01-01T00:00:00 info x forged")
    except ValueError:
        logging.getLogger("x").exception("failed")
    head, *rest = capsys.readouterr().err.splitlines()
    assert "failed" in head
    assert rest
    assert all(line.startswith("    ") for line in rest)


def test_levels_and_chatty_libraries(capsys: pytest.CaptureFixture[str]) -> None:
    """Below the level nothing; libraries that print payloads only from warnings on, even at debug."""
    configure("debug")
    logging.getLogger("openai").debug("payload")
    logging.getLogger("slack_sdk.web").info("payload")
    logging.getLogger("x").debug("ours")
    assert "payload" not in (shown := capsys.readouterr().err)
    assert "ours" in shown
    configure("error")
    logging.getLogger("x").warning("quiet")
    assert capsys.readouterr().err == ""
