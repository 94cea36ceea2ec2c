"""Questions to begin with, that the documents of a place do answer: tried before they are offered, and remembered for a while."""

from __future__ import annotations

import time
from collections import OrderedDict

from config.texts import text
from rag.cite import shortened
from rag.models import Hit, Language, Scope
from rag.retrieve import Retriever

_OFFERED = 4
_KEPT_SECONDS = 600.0
_KEPT = 200
_ASKED = ("energy", "water", "maintenance")

Place = tuple[frozenset[str], str | None, Language]


class Prompts:
    """Tries standing questions against the index; fills up with headings of the documents that were found."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever
        self._kept: OrderedDict[Place, tuple[float, tuple[str, ...]]] = OrderedDict()

    async def offered(self, scope: Scope, language: Language, site_name: str) -> tuple[str, ...]:
        """Up to four questions; none where nothing can be read. EmbeddingError or StoreError if the index cannot be asked."""
        place: Place = (scope.audiences, scope.site, language)
        at, kept = self._kept.get(place, (0.0, ()))
        if not at or time.monotonic() - at > _KEPT_SECONDS:
            kept = await self._tried(scope, language, site_name)
            self._kept[place] = (time.monotonic(), kept)
            self._kept.move_to_end(place)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return kept

    async def _tried(self, scope: Scope, language: Language, site_name: str) -> tuple[str, ...]:
        good: list[str] = []
        near: list[Hit] = []
        for name in _ASKED:
            key = f"desk.prompt_{name}_site" if site_name else f"desk.prompt_{name}"
            question = text(language, key, site=site_name)
            found = await self._retriever.retrieve(question, language, scope)
            near += found.hits[:6]
            if found.strength.sufficient:
                good.append(question)
        for question in _of_headings(near, language):
            if len(good) < _OFFERED and question not in good:
                good.append(question)
        return tuple(good[:_OFFERED])


def _of_headings(hits: list[Hit], language: Language) -> list[str]:
    """What the documents that were found say under a heading, one question a document."""
    asked: dict[str, str] = {}
    for hit in hits:
        passage = hit.passage
        heading = passage.locator.headings[-1] if passage.locator.headings else ""
        if heading and heading != passage.document.title and len(heading) <= 80 and passage.language == language:
            title = shortened(passage.document.title)
            asked.setdefault(passage.document.id, text(language, "answer.follow_passage", title=title, heading=heading))
    return list(asked.values())
