"""Hostile text in front of the embedded models."""

import pytest

from rag.embed.readable import brief, readable
from rag.embed.use import SentenceEncoder


@pytest.mark.parametrize("text", ["\ud800 hola", "x" * 40_000, "palabra " * 5_000, "", "\x00\x01"])
async def test_hostile_text_is_encoded_all_the_same(text: str) -> None:
    """Lone surrogates, endless words and endless text give a cosine, not an error or a minute of work."""
    assert (await SentenceEncoder().similarity(text, [text, "bombas"])).shape == (2,)


def test_what_is_readable_stays_as_it_is() -> None:
    """Ordinary text is not touched; a word of 250 letters is broken, nothing of it lost."""
    assert readable("Las soplantes gastan 182 kWh/h.") == "Las soplantes gastan 182 kWh/h."
    assert readable("a" * 250).replace(" ", "") == "a" * 250
    assert max(map(len, readable("a" * 250).split())) == 100


def test_a_question_is_read_soon() -> None:
    """Neither a wall of thumbs nor a pasted page keeps the next question waiting; an ordinary question is not touched."""
    assert brief("¿Cuánto gastan las soplantes de la EDAR Norte?") == "¿Cuánto gastan las soplantes de la EDAR Norte?"
    assert brief("👍" * 3000 + " ¿y el agua?") == "👍" * 9 + " ¿y el agua?"
    assert len(brief("una página pegada " * 500)) == 800
