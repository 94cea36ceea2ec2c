"""Finds passages for a standalone question: embed, search within the scope, read the best, weigh how strong they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from rag.analyse import content_words
from rag.ground import ALIKE, NEARLY, SAME, Calibration, Read, Strength, names_together, strength, told, unheld
from rag.ingest.sentences import sentences
from rag.models import Hit, Passage, Scope
from rag.permission import MEANS, Rule, leave, rules
from rag.ports import Embedder, PassageStore, Query, Similarity
from rag.rewrite import without

_LIMIT = 60
"""Hits asked for: the first few are evidence, the rest tells how rare the question's words are."""
_READ = 6
"""Hits whose sentences are compared with the question."""
_HELD = 12
"""Hits that are read for what is rare in them."""
_RULED = 12
"""Hits in which what forbids something is looked for, where leave is asked for."""
_TRANSLATES = 0.2
"""What a sentence gains that holds a translation of the question's words, where these let it be answered at all."""
_TOPIC = 0.3
"""How much a sentence's likeness to the question before counts, beside 1 for what was asked last: of 0.15 to 0.6 the best on the
demo's six conversations and ten more, which are few.
"""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The hits of a question, best first; the first ones read sentence by sentence; how strong they are as evidence.

    `rules`: what forbids the very thing that leave is asked for, the likest first.
    """

    hits: tuple[Hit, ...]
    reads: tuple[Read, ...]
    strength: Strength
    rules: tuple[Rule, ...] = ()


class Retriever:
    """Hybrid search over a PassageStore. Raises EmbeddingError or StoreError."""

    def __init__(
        self,
        embedder: Embedder,
        store: PassageStore,
        similarity: Similarity,
        calibration: Calibration,
        known: Iterable[str] = (),
    ) -> None:
        """`known`: what the company calls its facilities, which a question may name in words that no document uses."""
        self._similarity = similarity
        self._known = frozenset(word for name in known for word in content_words(name))
        self.use(embedder, store, calibration)

    def use(self, embedder: Embedder, store: PassageStore, calibration: Calibration) -> None:
        """Search in another index from now on, with the embedder of its vectors; a search under way ends where it began."""
        self._in = (embedder, store, calibration)

    async def search(self, question: str, language: str, scope: Scope) -> list[Hit]:
        """The passages that the scope may see, best first."""
        return await _search(self._in, question, language, scope)

    async def retrieve(
        self, question: str, language: str, scope: Scope, focus: str = "", site_name: str = "", topic: str = ""
    ) -> Retrieved:
        """The passages, read and weighed.

        In a conversation `focus` is what was asked last and `question` that with its subject: the evidence must suffice for
        the whole, but is ordered and read by what was asked last too, or the answer before would come again; `topic` is the
        question before, whose likeness counts a little. The name of the scope's own site tells its passages apart from no other:
        it is not read for.
        """
        at = self._in
        hits = await _search(at, question, language, scope)
        reads = await self._read(question, hits[:_READ])
        absent = await self._names_what_is_not_there(question, language, hits, reads)
        strong = strength(question, language, hits, reads, at[2], absent=absent)
        translated = frozenset[str]()
        if not strong.sufficient:
            translated = await self._translated(question, language, hits, reads) if strong.missed <= NEARLY else translated
            strong = replace(strong, sufficient=bool(translated) or names_together(question, reads, self._known))
        if focus and strong.sufficient:
            hits = _by_both(hits, await _search(at, focus, language, scope))
        asked = without(site_name, focus or question)
        if asked != question:
            reads = await self._read(asked, hits[:_READ])
        reads = _holding(reads, translated)
        if topic:
            reads = _and(reads, await self._read(without(site_name, topic), hits[:_READ]))
        ruled = await self._rules(asked, language, hits)
        if any(scope.site and rule.hit.passage.document.site == scope.site for rule in ruled):
            strong = replace(strong, sufficient=True)
        return Retrieved(tuple(hits), tuple(reads), strong, tuple(ruled))

    async def holding(self, question: str, language: str, scope: Scope, holds: Callable[[Passage, str], bool]) -> Retrieved:
        """The nearest of those passages that have a sentence which `holds`, all alike near: such a sentence is rare."""
        at = self._in
        found = await _search(at, question, language, scope)
        hits = [hit for hit in found if any(holds(hit.passage, one) for one in sentences(hit.passage.text))]
        hits = [replace(hit, score=hits[0].score) for hit in hits[:_HELD]]
        reads = await self._read(question, hits)
        return Retrieved(tuple(hits), tuple(reads), strength(question, language, hits, reads, at[2]))

    async def _rules(self, question: str, language: str, hits: Sequence[Hit]) -> list[Rule]:
        """What the best passages forbid of the thing that the question asks leave for, in words of either language."""
        wanted = leave(question, language)
        found = rules(wanted, hits[:_RULED]) if wanted else []
        if not wanted or not found:
            return []
        told = list(dict.fromkeys(word for rule in found for word in content_words(rule.text)))
        alike = await self._similarity.similarity(wanted.thing, told)
        meaning = {word for word, cosine in zip(told, alike, strict=True) if cosine >= MEANS}
        held = [rule for rule in found if rule.holds(wanted.thing, meaning)]
        likeness = (await self._similarity.similarity(question, [rule.text for rule in held])).tolist() if held else []
        return [rule for _, rule in sorted(zip(likeness, held, strict=True), key=lambda one: -one[0])]

    async def _names_what_is_not_there(self, question: str, language: str, hits: Sequence[Hit], reads: Sequence[Read]) -> bool:
        """Whether the question names a thing that no passage found holds, nor the best ones mean by a word like it.

        Of its own language alone: single words of two are too seldom known to mean the same.
        """
        there = told(reads) if hits and hits[0].passage.language == language else []
        for name in unheld(question, language, hits) if there else ():
            alike = [float((await self._similarity.similarity(word, there)).max()) for word in name if word not in self._known]
            if len(alike) == len(name) and max(alike) < ALIKE:
                return True
        return False

    async def _translated(self, question: str, language: str, hits: Sequence[Hit], reads: Sequence[Read]) -> frozenset[str]:
        """The words of the best passages, of the other language, that translate the question's; none unless each of these, two
        at least, is there.
        """
        asked, there, found = set(content_words(question)), told(reads), set[str]()
        if len(asked) == 1 or not there or hits[0].passage.language == language:
            return frozenset()
        for word in asked:
            alike = (await self._similarity.similarity(word, there)).tolist()
            meant = {one for one, cosine in zip(there, alike, strict=True) if cosine >= SAME}
            if not meant:
                return frozenset()
            found |= meant
        return frozenset(found)

    async def _read(self, question: str, hits: Sequence[Hit]) -> list[Read]:
        pieces = [tuple(sentences(hit.passage.text)) for hit in hits]
        cosines = iter((await self._similarity.similarity(question, [one for part in pieces for one in part])).tolist())
        return [Read(hit, part, tuple(next(cosines) for _ in part)) for hit, part in zip(hits, pieces, strict=True)]


async def _search(at: tuple[Embedder, PassageStore, Calibration], question: str, language: str, scope: Scope) -> list[Hit]:
    embedder, store, calibration = at
    vector = await embedder.embed_query(question)
    return await store.search(Query(question, language, vector, _LIMIT, calibration.cross_language), scope)


def _holding(reads: Sequence[Read], wanted: frozenset[str]) -> list[Read]:
    """The same sentences, those that hold a translation of the question's words before others."""
    return [
        replace(
            one,
            cosines=tuple(
                cosine + (_TRANSLATES if wanted & set(content_words(said)) else 0.0)
                for cosine, said in zip(one.cosines, one.sentences, strict=True)
            ),
        )
        for one in reads
    ]


def _and(reads: Sequence[Read], others: Sequence[Read]) -> list[Read]:
    """The same sentences read for a question, and a little for another."""
    return [
        replace(one, cosines=tuple(mine + _TOPIC * theirs for mine, theirs in zip(one.cosines, other.cosines, strict=True)))
        for one, other in zip(reads, others, strict=True)
    ]


def _by_both(hits: Sequence[Hit], focused: Sequence[Hit]) -> list[Hit]:
    """The hits ordered by the mean of both searches' scores; what only one of them found has the other's lowest score."""
    of_focus = {hit.passage.id: hit.score for hit in focused}
    least = min(of_focus.values(), default=0.0)
    both = [replace(hit, score=(hit.score + of_focus.get(hit.passage.id, least)) / 2) for hit in hits]
    return sorted(both, key=lambda hit: -hit.score)
