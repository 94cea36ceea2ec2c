"""Activities as messages: any JSON is read or refused, and what was said comes out plain."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.teams.client import seconds_to_wait
from adapters.teams.inbound import address, plain_text, read, to_message, to_welcome
from adapters.teams.place import Place
from bot.messages import IncomingMessage
from rag.errors import InputError
from tests.fakes.bot_activities import BOT, LUIS, channel_message, group_message, installation, mention, message

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = [
    "from",
    "recipient",
    "conversation",
    "text",
    "entities",
    "attachments",
    "channelData",
    "membersAdded",
    "id",
    "action",
    "type",
]


@given(st.dictionaries(st.sampled_from(FIELDS), JSON), st.booleans())
def test_any_json_is_read_or_refused(changes: dict[str, Any], bare: bool) -> None:
    """No shape of a field does anything but become a message, be ignored, or be refused as unreadable."""
    raw = changes if bare else {**message("hola", "https://x/"), **changes}
    try:
        activity = read(raw)
    except InputError:
        return
    assert address(activity) in {"yes", "if_known", "no"}
    asked = to_message(activity, tenant="t", received_at=1.0)
    assert IncomingMessage.from_json(asked.to_json()) == asked
    assert Place.from_mapping(asked.reply_to).conversation == activity.conversation.id
    to_welcome(activity, tenant="t", received_at=1.0)


def test_a_refusal_names_the_field_and_not_its_content() -> None:
    """What people write stands in no error."""
    with pytest.raises(InputError, match=r"not an activity: conversation\.id") as caught:
        read({"type": "message", "text": "canario", "conversation": {"id": ["canario"]}})
    assert "canario" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<at>Asesor</at> ¿qué tal?", "¿qué tal?"),
        ("oye <at>Asesor</at>, ¿qué tal?", "oye , ¿qué tal?"),
        ("<at>Asesor</at>&nbsp;ask a &amp; b", "ask a & b"),
        ("<div><p>uno</p><p>dos <b>tres</b></p></div>", "uno\ndos tres"),
        ("línea<br/>otra\r\ny otra", "línea\notra\ny otra"),
        ("¿x < 5 y z > 3? a<b", "¿x < 5 y z > 3? a<b"),
        ("/recommend energy edar-norte", "/recommend energy edar-norte"),
        ("ho\u200bla\u202e \x07", "hola"),
        ('<at id="0">Luis Mora</at> dice', "Luis Mora dice"),
        ("<at>Asesor</at>", ""),
        ("", ""),
    ],
)
def test_what_was_said_is_plain(text: str, said: str) -> None:
    """Marks, tags, entities and invisible characters go; words, comparisons and commands stay."""
    assert plain_text(read(channel_message(text, "https://x/", mentions=(BOT, LUIS)))) == said


def test_a_person_of_the_same_name_stays() -> None:
    """Only the mention of the adviser's own account is taken out, even if another is called the same."""
    namesake = {"id": "29:otro", "name": "Asesora"}
    raw = group_message("<at>Asesor</at> pregunta a <at>Asesora</at>", "https://x/", mentions=(BOT, namesake))
    assert plain_text(read(raw)) == "pregunta a Asesora"


def test_users_without_an_entra_id_keep_their_teams_id() -> None:
    """The Entra object id names a person where there is one, as an administrator knows it; the Teams id otherwise."""
    raw = message("hola", "https://x/")
    assert to_message(read(raw), tenant="", received_at=0.0).user == raw["from"]["aadObjectId"]
    guest = {**raw, "from": {"id": "29:guest", "name": None}}
    assert to_message(read(guest), tenant="", received_at=0.0).user == "29:guest"


def test_tenant_stands_in_where_none_is_named() -> None:
    """An activity that names no tenant belongs to the configured one."""
    raw = {**message("hola", "https://x/"), "channelData": None, "conversation": {"id": "a:1"}}
    assert to_message(read(raw), tenant="t1", received_at=0.0).tenant == "t1"


@pytest.mark.parametrize("kind", [{}, {"isGroup": True}, {"conversationType": "meeting"}, {"conversationType": None}])
def test_only_what_says_so_is_personal(kind: dict[str, Any]) -> None:
    """A conversation of no or an unknown type needs a mention, and its answer never counts as private."""
    raw = {**message("hola", "https://x/"), "conversation": {"id": "a:1", **kind}}
    assert address(read(raw)) == "if_awaited"
    mentioned = {**raw, "entities": [mention(BOT)]}
    assert address(read(mentioned)) == "yes"
    assert not to_message(read(mentioned), tenant="", received_at=0.0).direct


def test_only_an_installation_is_welcomed() -> None:
    """Upgrades of the app and removals bring no greeting."""
    assert to_welcome(read(installation("https://x/", "add")), tenant="", received_at=0.0) is not None
    assert to_welcome(read(installation("https://x/", "remove")), tenant="", received_at=0.0) is None
    assert to_welcome(read(message("hola", "https://x/")), tenant="", received_at=0.0) is None


@given(st.text(max_size=30) | st.from_regex(r"\d{1,12}(\.\d+)?", fullmatch=True))
def test_any_retry_after_is_bounded(value: str) -> None:
    """A Retry-After of any spelling gives nothing, or 0 to 60 seconds."""
    seconds = seconds_to_wait(value, datetime.now(UTC))
    assert seconds is None or 0 <= seconds <= 60


def test_it_joins_threads_that_others_began() -> None:
    """A reply in a channel's thread; neither the thread's first message nor a chat."""
    url = "https://smba.example/"
    joining = channel_message("<at>Asesor</at> ¿y eso?", url, root="1700")
    others = (
        channel_message("<at>Asesor</at> ¿cuánto?", url),
        group_message("<at>Asesor</at> ¿y eso?", url),
        message("¿y eso?", url),
    )
    assert to_message(read(joining), tenant="t", received_at=1.0).joins
    assert not any(to_message(read(one), tenant="t", received_at=1.0).joins for one in others)


QUOTE = '<blockquote itemtype="http://schema.skype.com/Reply" itemid="1"><strong>Asesor</strong><p>29.999 kWh</p></blockquote>'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{QUOTE}<p>¿y en mayo?</p>", "¿y en mayo?"),
        (QUOTE, "Asesor29.999 kWh"),
        ('<quoted messageId="1"/> ¿y en mayo?', "¿y en mayo?"),
        ("<at>Asesor</at> <at>Luis Mora</at>, ¿cuánto gasta?", "¿cuánto gasta?"),
        ("<at>Luis Mora</at>, mira: <at>Asesor</at> ¿cuánto gasta?", "mira: ¿cuánto gasta?"),
        ("<at>Asesor</at> ¿cuánto gasta lo de <at>Luis Mora</at>?", "¿cuánto gasta lo de Luis Mora?"),
    ],
)
def test_what_was_said_before_and_to_whom_is_no_part_of_it(text: str, said: str) -> None:
    """The message that is answered, if anything else is said, and the people whom it is said to beside the adviser."""
    activity = channel_message(text, "https://x/", mentions=(BOT, LUIS))
    assert plain_text(read(activity)) == said
