"""What Slack tells as messages: words as a person typed them, conversations as a person sees them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.bounded import Bounded
from adapters.slack.client import seconds_to_wait
from adapters.slack.inbound import Address, command_message, command_name, event_message, plain_text
from adapters.slack.payload import Command, Envelope, checked, read
from adapters.slack.place import Place
from bot.messages import IncomingMessage
from tests.fakes import slack_events as says
from tests.fakes.slack_events import ANA, BOT_USER, CHANNEL, DM, LUIS, TEAM


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (f"<@{BOT_USER}> hola", "hola"),
        (f"hola <@{BOT_USER}|asesor>, ¿qué tal?", "hola , ¿qué tal?"),
        ("pregunta de <@U0LUIS|luis>", "pregunta de @luis"),
        ("mira <https://docs.example/x?a=1&amp;b=2|el manual> y <https://docs.example>", "mira el manual y https://docs.example"),
        ("<mailto:ana@empresa.example|ana@empresa.example>", "ana@empresa.example"),
        ("en <#C0001|energia> y <#C0002>", "en #energia y #C0002"),
        ("<!here> <!subteam^S1|@obras> <!date^1700000000^{date}|14 nov>", "@here @obras 14 nov"),
        ("¿x &lt; 5 &amp;&amp; y &gt; 3?", "¿x < 5 && y > 3?"),
        ("&amp;lt; no es &lt;", "&lt; no es <"),
        ("dos\nlíneas\u00a0y  huecos\u200b\n\n", "dos\nlíneas y huecos"),
    ],
)
def test_words_as_typed(raw: str, said: str) -> None:
    """Slack's marks become names and labels, its three entities characters, once; the adviser's own mention goes."""
    assert plain_text(raw, BOT_USER) == said


def taken(payload: dict[str, Any]) -> tuple[Address, IncomingMessage | None]:
    """What becomes of an event, checked as it is on its way in."""
    body = checked(payload)
    assert body is not None
    assert checked(body) == body
    return event_message(read(Envelope, body), received_at=1.0)


CASES: list[tuple[str, dict[str, Any], str, str]] = [
    ("mention", says.app_mention("x", ts="1.1"), "yes", f"{CHANNEL}:1.1"),
    ("mention in a thread", says.app_mention("x", ts="1.2", thread_ts="1.1"), "yes", f"{CHANNEL}:1.1"),
    ("its twin", says.channel_message(f"<@{BOT_USER}> x", ts="1.1"), "yes", f"{CHANNEL}:1.1"),
    (
        "also sent to the channel",
        says.channel_message("x", thread_ts="1.1", subtype="thread_broadcast"),
        "if_known",
        f"{CHANNEL}:1.1",
    ),
    ("in a thread", says.channel_message("x", ts="1.2", thread_ts="1.1"), "if_known", f"{CHANNEL}:1.1"),
    ("first of a thread", says.channel_message("x", ts="1.1", thread_ts="1.1"), "no", ""),
    ("in our thread", says.channel_message("x", thread_ts="1.1", parent_user_id=BOT_USER), "follows", f"{CHANNEL}:1.1"),
    ("to Luis", says.channel_message(f"<@{LUIS}> x", thread_ts="1.1", parent_user_id=BOT_USER), "if_awaited", f"{CHANNEL}:1.1"),
    ("to Luis and us", says.channel_message(f"<@{LUIS}> <@{BOT_USER}> x", thread_ts="1.1"), "yes", f"{CHANNEL}:1.1"),
    ("in a channel", says.channel_message("x"), "no", ""),
    ("direct", says.direct_message("x", ts="1.1"), "yes", DM),
    ("direct, in a thread", says.direct_message("x", ts="1.2", thread_ts="1.1"), "yes", f"{DM}:1.1"),
    ("group message", says.channel_message("x", channel="G0001", channel_type="mpim"), "no", ""),
    ("by Slackbot", says.direct_message("x", user="USLACKBOT"), "no", ""),
    ("by nobody", says.channel_message(f"<@{BOT_USER}> x", user=""), "no", ""),
]


@pytest.mark.parametrize(("payload", "address", "conversation"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_who_is_addressed_and_where(payload: dict[str, Any], address: str, conversation: str) -> None:
    """For the adviser or not, and in which conversation."""
    found, message = taken(payload)
    assert found == address
    assert (message.conversation if message else "") == conversation


@pytest.mark.parametrize(
    ("authorizations", "tenant"),
    [
        ([{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}], TEAM),
        ([{"team_id": None, "user_id": BOT_USER, "is_bot": True, "is_enterprise_install": True}], "T0PARTNER"),
        ([{"team_id": "T0USER", "user_id": ANA, "is_bot": False}], "T0PARTNER"),
        (None, "T0PARTNER"),
    ],
    ids=["shared channel", "whole organization", "not the bot's", "none named"],
)
def test_tenant_is_where_the_adviser_is_installed(authorizations: list[dict[str, Any]] | None, tenant: str) -> None:
    """In a channel that began in a partner's workspace the message is ours; Slack's outer team stands in if none is named."""
    _, message = taken({**says.app_mention("x"), "team_id": "T0PARTNER", "authorizations": authorizations})
    assert message is not None
    assert message.tenant == tenant


def test_direct_only_if_slack_says_so() -> None:
    """A channel whose name looks direct, or a group, does not open what only the asker may read."""
    for channel, kind in (("D0001", "channel"), (CHANNEL, "im"), ("G0001", "mpim")):
        _, message = taken(says.app_mention("x", channel=channel, channel_type=kind))
        assert message is not None
        assert not message.direct
        assert message.channel == channel


@pytest.mark.parametrize(
    ("command", "text", "name"),
    [
        ("/ask", "¿cuánto?", "ask"), ("/ask", "", "help"), ("/ask", " ayuda ", "help"), ("/pregunta", "x", "ask"),
        ("/recommend", "", "recommend"), ("/recomienda", "agua", "recommend"), ("/recommend", "help", "help"),
    ],
)  # fmt: skip
def test_commands(command: str, text: str, name: str) -> None:
    """What a command asks for, by the beginning of its name."""
    fields = says.slash_command(text, command=command)
    assert command_name(read(Command, fields)) == name


def test_command_becomes_a_message() -> None:
    """Who, where and what; its id is Slack's name for this one use."""
    fields = says.slash_command("¿cuánto &lt; 5?", command="/ask")
    message = command_message(read(Command, fields), Place(CHANNEL, "1.1", said="1.1"), received_at=2.0)
    assert (message.user, message.tenant, message.text) == (ANA, TEAM, "¿cuánto < 5?")
    assert (message.id, message.conversation) == (f"command/{fields['trigger_id']}", f"{CHANNEL}:1.1")


@given(st.builds(Place, st.text(), st.text(), said=st.text(), assistant=st.booleans(), hook=st.text()))
def test_place_survives_the_inbox(place: Place) -> None:
    """A place comes out of the inbox as it went in, also with what a newer version adds."""
    assert Place.from_mapping({**place.to_mapping(), "newer": 1}) == place


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("1", 1.0), ("0", 0.0), ("9999", 60.0), ("1.5", 1.5), ("abc", None), ("", None), ("-1", None), ("٣", None),
     ("Mon, 23 Nov 2026 07:00:30 GMT", 30.0), ("Mon, 23 Nov 2026 06:00:00 GMT", 0.0), ("Mon, 23 Nov 2026 07:00:30", 30.0)],
)  # fmt: skip
def test_when_to_come_again(value: str, seconds: float | None) -> None:
    """Seconds or a date, never more than a minute; what says nothing gives nothing."""
    assert seconds_to_wait(value, datetime(2026, 11, 23, 7, 0, tzinfo=UTC)) == seconds


def test_bounded_drops_its_oldest() -> None:
    """At most so many; setting again makes an entry new."""
    kept: Bounded[int, str] = Bounded(2)
    kept[1], kept[2], kept[1], kept[3] = "a", "b", "c", "d"
    assert dict(kept) == {1: "c", 3: "d"}


def test_files_are_told_of() -> None:
    """By name; a message of files alone is no call for help."""
    event = says.direct_message("", files=[{"id": "F1", "name": "factura.pdf", "mimetype": "application/pdf"}, "odd"])
    _, message = event_message(read(Envelope, event), received_at=1.0)
    assert message is not None
    assert [one.name for one in message.files] == ["factura.pdf"]
    assert message.command == "ask"


def test_what_was_forwarded_is_read() -> None:
    """The words of a message that somebody shares come behind their own, or stand for them; what unfolds from a link is not."""
    shared = {"is_share": True, "text": "¿Cuánto gasta el pozo 3?", "author_name": "Luis"}
    unfolded = {"text": "Otra cosa", "from_url": "https://docs.example"}
    events = [
        (says.app_mention("¿lo sabes?", attachments=[unfolded, shared]), "¿lo sabes?\n¿Cuánto gasta el pozo 3?"),
        (says.direct_message("", attachments=[shared]), "¿Cuánto gasta el pozo 3?"),
        (says.app_mention("x", attachments=["y", {"is_share": True, "text": None}]), "x"),
    ]
    for event, said in events:
        message = taken(event)[1]
        assert message is not None
        assert (message.text, message.command) == (said, "ask")
