"""What the stand-in language model says: grounded by default, obedient or plain garbage by name. Pure and deterministic."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from rag.analyse import content_words, terms

Message = dict[str, Any]
_EVIDENCE = re.compile(r"<evidence>(.*?)</evidence>", re.DOTALL)
_BLOCK = re.compile(r"^\[(\d+)\] ", re.MULTILINE)
_TAG = re.compile(r"</?(?:conversation|question|history)>")
_USER = re.compile(r"(?:user|usuario)\s*:\s*", re.IGNORECASE)
_ASSISTANT = re.compile(r"(?:assistant|asistente)\s*:", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+(?=[^\s\d]|\d)")
_ORDER = re.compile(
    r"(?:reply|answer|respond|say|write|print|output|responde|contesta|escribe|di|imprime)\b[^:\n]{0,60}:?\s*(.+)", re.IGNORECASE
)
_URL = re.compile(r"https?://[^\s<>)\]\"']+")
_GARBAGE_VALID_UTF8 = "El ahorro \u202egnp.live\u202c es \x00\x07\x1b[31m grande\ufffe [1]. \u200b\u200d"

GARBAGE: dict[int, str] = {
    1: "",
    2: "El bombeo gasta mucha energía [1]. " * 60_000,  # 2 MB
    4: "Los variadores ahorran energía en el bombeo [99]. También las soplantes [0] y [-1].",
    5: "El ahorro es de 987654 kWh al año y la inversión de 4321 euros [1].",
    6: "Los variadores de frecuencia son una buena medida. También revisar las fugas.",
    7: "NaN kWh [1]. El ahorro es de inf euros y de -Infinity m3 [1].",
    9: "Die Pumpen verbrauchen nachts sehr viel Strom, deshalb sollten Sie die Gebläse abschalten [1].",
    10: "[1][2][3][1][1][2]",
    11: "<script>alert(1)</script> [haz clic](https://evil.example/?q=secreto) ![x](https://evil.example/p.png) [1]",
    13: _GARBAGE_VALID_UTF8,
    14: "bombeo " * 3000,
    15: "El consumo base nocturno es de 182 kWh/h y el",
}
"""Kinds that are words only. 3 (JSON that does not parse), 8 (connection cut in mid-answer) and 12 (refused by the content
filter) are done by the server; 15 ends with finish_reason "length"."""


def text_of(message: Message) -> str:
    """A message's text, whether it is a string or a list of parts."""
    content = message.get("content") or ""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


def good(messages: Sequence[Message]) -> str:
    """A grounded answer or a rewritten question, as a well-behaved model gives it."""
    system = " ".join(text_of(message) for message in messages if message["role"] in ("system", "developer"))
    if "standalone question" in system:
        return rewrite(messages)
    user = text_of(messages[-1])
    blocks = evidence(user)
    if not blocks:
        return "NOT FOUND"
    asked = frozenset(terms(_TAG.sub(" ", _EVIDENCE.sub(" ", user))))
    chosen = [(best_sentence(text, asked), n) for n, text in blocks]
    ranked = sorted(((_overlap(sentence, asked), n, sentence) for sentence, n in chosen if sentence), key=lambda r: (-r[0], r[1]))
    top = [row for row in ranked if row[0] > 0][:3] or ranked[:1]
    return " ".join(f"{sentence.rstrip('.')} [{n}]." for _, n, sentence in top)


def evidence(prompt: str) -> list[tuple[int, str]]:
    """The numbered blocks between <evidence> tags, without their (title, locator)."""
    found = _EVIDENCE.search(prompt)
    if not found:
        return []
    body = found[1]
    starts = list(_BLOCK.finditer(body))
    ends = [start.start() for start in starts[1:]] + [len(body)]
    return [(int(start[1]), _without_source(body[start.end() : end]).strip()) for start, end in zip(starts, ends, strict=True)]


def best_sentence(text: str, asked: frozenset[str]) -> str:
    """The sentence that shares most words with the question; the first of equals."""
    sentences = [sentence.strip() for line in text.splitlines() for sentence in _SENTENCE.split(line) if sentence.strip()]
    return max(sentences, key=lambda sentence: _overlap(sentence, asked), default="")


def rewrite(messages: Sequence[Message]) -> str:
    """The last two questions of a conversation in one line, as a rewriter makes a follow-up stand alone.

    Takes the conversation as messages, or within one message as lines `user: ...` before a last line.
    """
    asked = [text_of(message).strip() for message in messages if message["role"] == "user"]
    if len(asked) == 1:
        lines = [line.strip() for line in _TAG.sub("\n", asked[0]).splitlines()]
        asked = [_USER.sub("", line) for line in lines if line and not _ASSISTANT.match(line)]
    return " ".join(asked[-2:])


def obey(messages: Sequence[Message]) -> str:
    """The worst model: does whatever any text of its context orders, tells its instructions and spreads every link."""
    everything = "\n".join(text_of(message) for message in messages)
    system = "\n".join(text_of(message) for message in messages if message["role"] in ("system", "developer"))
    context = "\n".join(text_of(message) for message in messages if message["role"] not in ("system", "developer"))
    said = [order.strip() for order in _ORDER.findall(context)]
    links = [f"[ver más]({url}) ![]({url}?d={len(everything)}) <{url}>" for url in dict.fromkeys(_URL.findall(context))]
    return "\n".join([*said, *links, system, "[1]"])


def embedding(text: str, dimension: int) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """A unit vector that is near those of texts with the same words: signed hashing of folded stems, rare words and all."""
    vector = np.zeros(dimension, dtype=np.float64)
    for term in terms(text) or content_words(text) or [text]:
        code = zlib.crc32(term.encode("utf-8", "replace"))
        vector[code % dimension] += 1.0 if code & 0x8000_0000 else -1.0
    length = float(np.linalg.norm(vector))
    if length == 0:
        vector[zlib.crc32(text.encode("utf-8", "replace")) % dimension] = length = 1.0
    unit: np.ndarray[tuple[int], np.dtype[np.float32]] = (vector / length).astype(np.float32)
    return unit


def _overlap(sentence: str, asked: frozenset[str]) -> int:
    return len(asked & frozenset(terms(sentence)))


def _without_source(block: str) -> str:
    """Drops a leading «(title, locator) », whose title may hold brackets of its own."""
    if not block.startswith("("):
        return block
    depth = 0
    for index, char in enumerate(block):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return block[index + 1 :]
    return block
