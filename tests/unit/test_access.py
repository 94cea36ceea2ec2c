"""From who says a message where, to what its answer may draw on."""

import pytest

from bot.access import audiences, scope
from bot.messages import IncomingMessage
from config.company import CompanyConfig
from rag.errors import NotAllowedError
from rag.models import Scope

COMPANY = CompanyConfig.model_validate(
    {
        "audiences": {"everyone": "all", "board": "the board", "works": "the works team"},
        "channels": [{"platform": "slack", "id": "C-BOARD", "audience": ["everyone", "board"]}],
        "people": [{"platform": "slack", "id": "U-BOSS", "audience": ["board"]}],
    }
)


def said(**values: object) -> IncomingMessage:
    """A message on Slack, with what a test changes."""
    return IncomingMessage(
        **{"id": "1", "platform": "slack", "tenant": "T", "conversation": "c", "user": "U1", "text": "?", **values}
    )


def test_a_channel_shows_only_what_each_of_its_readers_may_see() -> None:
    """The boss asking in a public channel reads what everyone may; the asker's own rights do not count there."""
    assert audiences(COMPANY, said(channel="C1", user="U-BOSS")) == {"everyone"}
    assert audiences(COMPANY, said(channel="C-BOARD", user="U1")) == {"everyone", "board"}


def test_a_direct_message_shows_what_the_asker_may_see() -> None:
    """Only the named person gets their audience, and only on the platform where they are named."""
    assert audiences(COMPANY, said(direct=True, user="U-BOSS")) == {"everyone", "board"}
    assert audiences(COMPANY, said(direct=True, user="U1")) == {"everyone"}
    assert audiences(COMPANY, said(direct=True, user="U-BOSS", platform="teams")) == {"everyone"}


def test_an_audience_asked_for_narrows_and_never_widens() -> None:
    """A token that may read two audiences may ask as one of them; a third is refused."""
    granted = said(platform="web", grants=("board", "works"))
    assert audiences(COMPANY, granted) == {"everyone", "board", "works"}
    assert audiences(COMPANY, said(platform="web", grants=("board", "works"), audience="works")) == {"everyone", "works"}
    with pytest.raises(NotAllowedError):
        audiences(COMPANY, said(platform="web", grants=("works",), audience="board"))
    with pytest.raises(NotAllowedError):
        audiences(COMPANY, said(channel="C1", audience="board"))


def test_no_scope_without_an_audience() -> None:
    """A scope that was forgotten fails instead of reading everything."""
    with pytest.raises(ValueError, match="audience"):
        Scope(frozenset())
    assert scope(COMPANY, said(channel="C1"), "edar").site == "edar"
