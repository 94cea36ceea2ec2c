"""Which measures are proposed, and in what order; and the proposals with what they cite. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from config.company import SiteConfig
from rag.advice import Assessed, recommendation
from rag.evidence import Computed, Evidence, Statement
from rag.measures.interactions import worth
from rag.measures.model import Estimate
from rag.models import Kind, Language, Recommendation

MOST_OF_ONE_SITE, MOST_OF_ALL = 10, 8
Chosen = tuple[SiteConfig, Estimate]


@dataclass(frozen=True, slots=True)
class Advised:
    """Measures with their statements, and the sentences of documents that each of them quotes."""

    held: tuple[tuple[SiteConfig, Estimate, Statement, tuple[str, ...]], ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What is said, in order."""
        return tuple(one for _, _, one, _ in self.held)

    @property
    def used(self) -> frozenset[str]:
        """Sentences that are quoted already."""
        return frozenset(sentence for *_, sentences in self.held for sentence in sentences)

    def recommendations(self, numbers: Mapping[tuple[str, str], int], language: Language) -> list[Recommendation]:
        """For machines, with the numbers of their citations; what was not said is not recommended."""
        found = []
        for site, estimate, said, _ in self.held:
            cited = tuple(dict.fromkeys(n for one in said.evidence if (n := numbers.get(_key(one)))))
            if cited:
                found.append(recommendation(estimate, site, language, cited))
        return found


def _key(one: Evidence) -> tuple[str, str]:
    return (one.id if isinstance(one, Computed) else one.passage.id, one.quote)


def ranked(assessed: Sequence[Assessed], kinds: Sequence[Kind], budget: float | None) -> list[Chosen]:
    """The measures of these kinds that are worth something, best first; with a budget, those worth most within it."""
    held = [
        (one.site, estimate)
        for one in assessed
        for estimate in one.estimates
        if estimate.kind in kinds and estimate.calculations and (estimate.cost_eur or estimate.energy_kwh or estimate.water_m3)
    ]
    if budget is not None:
        from rag.measures.budget import portfolio  # scipy's optimisers take half a second to load, and few ask for a budget

        kept = portfolio([estimate for _, estimate in held], budget)
        held = [pair for pair in held if any(pair[1] is one for one in kept)]
    ordered = sorted(held, key=lambda pair: worth(pair[1]), reverse=True)
    return ordered[: MOST_OF_ONE_SITE if len(assessed) == 1 else MOST_OF_ALL]


def only(assessed: Sequence[Assessed], chosen: Sequence[Chosen]) -> list[Assessed]:
    """The same sites with the chosen measures alone."""
    kept = {id(estimate) for _, estimate in chosen}
    return [replace(one, estimates=tuple(held for held in one.estimates if id(held) in kept)) for one in assessed]
