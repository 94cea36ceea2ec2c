"""From who says a message where, to what its answer may draw on."""

from pathlib import Path

import pytest

from bot.access import DROPPED_FILES, KEPT_ANSWERS, audiences, scope
from bot.messages import IncomingMessage
from config.company import BUILT_IN, CompanyConfig, load_company
from config.settings import SettingsError
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


def test_names_of_our_own_cannot_be_taken(tmp_path: Path) -> None:
    """A configured source could otherwise pass for experts' answers, and an audience for a conversation."""
    assert {KEPT_ANSWERS, DROPPED_FILES} == BUILT_IN
    for taken in (
        "sources: [{name: conversation, path: x}]",
        "sources: [{name: expert-answers, path: x}]",
        "audiences: {everyone: '', 'conversation:x': ''}",
        "experts: [{audience: nobody, name: x, platform: slack, id: x}]",
    ):
        file = tmp_path / "advisor.yaml"
        file.write_text(taken, "utf-8")
        with pytest.raises(SettingsError):
            load_company(file)
