"""Answers with a language model: it writes, and each sentence is held against the evidence before anyone sees it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from rag.cite import renumber
from rag.evidence import Quoted, Statement, unmarked
from rag.ingest.sentences import sentences
from rag.models import Passage, Turn
from rag.ports import LanguageModel, Similarity
from rag.verify import check, marks

_PROMPTS = Path(__file__).parent.parent / "config" / "prompts"
_LANGUAGES = {"es": "Spanish", "en": "English"}
_LEAD = re.compile(r"^\s*(?:[-*•]\s+|\d{1,2}[.)]\s+|#{1,6}\s+)?")
_LATE_MARK = re.compile(r"([.!?…])\s*((?:\[\d{1,3}\]\s*)+)")
_LINK = re.compile(
    r"!\[[^\]]*\]\([^)]*\)|\[([^\]]*)\]\([^)]*\)"
    r"|<!--.*?-->|</?[a-z][\w-]*(?:\s+[\w:-]+\s*=[^>]*)?\s*/?>|<[a-z]+:[^>]*>"  # HTML, and never «<7 bar y la alarma >6 bar»
    r"|https?://\S+|www\.\S+",
    re.IGNORECASE,
)
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff]")
_TAG = re.compile(r"<(?=\s*/?\s*(?:evidence|question|conversation))", re.IGNORECASE)
_MAX_LENGTH = 20_000
"""Characters of a reply that are read; a model that never stops is cut here."""


_DECLINES = "NOT FOUND"


class Declined(Exception):  # noqa: N818  # not an error: the model says, as it was told to, that the evidence does not answer
    """Nothing to say from this evidence."""


def prompt(name: str) -> str:
    """A prompt from config/prompts."""
    return (_PROMPTS / f"{name}.md").read_text(encoding="utf-8")


def evidence_block(evidence: Sequence[Passage], language: str) -> str:
    """The evidence as the model reads it: numbered from 1, marked as data. Marks and our own tags inside a text are defused."""
    blocks = []
    for n, passage in enumerate(evidence, start=1):
        place = ", ".join(
            filter(None, (passage.document.title, passage.locator.label(language), str(passage.document.date or "")))
        )
        blocks.append(f"[{n}] " + _TAG.sub("< ", unmarked(f"({place}) {passage.text}")))
    return "<evidence>\n" + "\n\n".join(blocks) + "\n</evidence>"


async def standalone(question: str, history: Sequence[Turn], model: LanguageModel) -> str:
    """The question as it would be asked without the conversation before it; ModelError if the model fails."""
    said = "\n".join(f"{turn.role}: {turn.text[:500]}" for turn in history[-6:])
    user = f"<conversation>\n{said}\n</conversation>\n\n<question>{question}</question>"
    text = "".join([piece async for piece in model.stream(prompt("rewrite"), user)]).strip()
    return text if 0 < len(text) <= 500 and "\n" not in text else question


async def write(
    question: str, language: str, evidence: Sequence[Passage], model: LanguageModel, similarity: Similarity
) -> AsyncIterator[Statement]:
    """Statements as the model writes them, only those that hold. Declined or ModelError may come after some of them."""
    system = prompt("answer").replace("{language}", _LANGUAGES[language])
    user = f"{evidence_block(evidence, language)}\n\n<question>{question}</question>"
    fresh, seen = True, set[str]()
    async for line_start, raw in _pieces(model.stream(system, user)):
        lead, text = _split_lead(raw) if line_start else ("", raw.strip())
        if text.strip(" .*") == _DECLINES:
            raise Declined
        fresh = fresh or line_start
        if text in seen:  # a model in a loop says the same for ever
            continue
        seen.add(text)
        held = await check(_plain(text), language, evidence, similarity)
        if held is not None:
            yield _statement(held.text, held.quotes, evidence, ("\n" + lead if lead else "\n\n") if fresh else " ")
            fresh = False


def _statement(text: str, quotes: Mapping[int, str], evidence: Sequence[Passage], lead: str) -> Statement:
    order = marks(text)
    local = {n: place for place, n in enumerate(order, start=1)}
    return Statement(renumber(text, local), tuple(Quoted(evidence[n - 1], quotes[n]) for n in order), lead)


async def _pieces(stream: AsyncIterator[str]) -> AsyncIterator[tuple[bool, str]]:
    """Whole sentences of a stream, each with whether it starts a line. Marks written after the full stop go before it."""
    buffer, line_start, read = "", True, 0
    async for chunk in stream:
        read += len(chunk)
        buffer += chunk
        while "\n" in buffer:
            line, buffer = buffer.split("\n", 1)
            for piece in sentences(_early_marks(line)):
                yield line_start, piece
                line_start = False
            line_start = True
        done, buffer = _complete(buffer)
        for piece in done:
            yield line_start, piece
            line_start = False
        if read > _MAX_LENGTH:
            break
    for piece in sentences(_early_marks(buffer)):
        yield line_start, piece
        line_start = False


def _complete(buffer: str) -> tuple[list[str], str]:
    """The sentences of a line under way that nothing can still change, and the rest."""
    text = _early_marks(buffer)
    pieces = sentences(text)
    if len(pieces) < 2 or pieces[-1].startswith("[") or len(pieces[-1].split()) < 2:  # whether «El» opens it may yet change
        return [], buffer
    return pieces[:-1], text[len(text.rstrip()) - len(pieces[-1]) :]  # with the space at its end: a word may follow


def _early_marks(text: str) -> str:
    return _LATE_MARK.sub(lambda match: f" {match.group(2).strip()}{match.group(1)} ", text)


def _split_lead(raw: str) -> tuple[str, str]:
    """What opens a line («- » for an item of any list, see models.Answer) and the rest of it."""
    lead = _LEAD.match(raw)
    found = lead.group().strip() if lead else ""
    return ("- " if found and not found.startswith("#") else ""), raw[lead.end() if lead else 0 :].strip()


def _plain(text: str) -> str:
    """Without links, images, HTML and unseen characters: what a model adds beyond words and marks is not ours to post."""
    return _LINK.sub(lambda match: match.group(1) or "", _UNSEEN.sub("", text)).replace("`", "").strip()
