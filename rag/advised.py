"""Which measures are proposed, and in what order; and the proposals with what they cite. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from config.company import SiteConfig
from config.texts import text
from rag.advice import Assessed, next_step, recommendation, statement, title
from rag.assumptions import Changes
from rag.cite import shortened
from rag.evidence import Computed, Evidence, Statement
from rag.for_and_against import Said
from rag.measures.interactions import Rejected, pays, worth
from rag.measures.model import Estimate
from rag.models import Kind, Language, Recommendation
from rag.states import approved, begun, stopped

MOST_OF_ONE_SITE, MOST_OF_ALL = 10, 8
Chosen = tuple[SiteConfig, Estimate]


Confidence = Literal["high", "medium", "low"]
_LOWER: Mapping[Confidence, Confidence] = {"high": "medium", "medium": "low", "low": "low"}

_DOUBTS, _UNSURE = frozenset({"con", "limit"}), frozenset({"con", "limit", "peak"})
"""What is agreed first with whoever answers for it; what makes a measure less sure."""


@dataclass(frozen=True, slots=True)
class Held:
    """A measure with its statement and what documents say of it."""

    site: SiteConfig
    estimate: Estimate
    statement: Statement
    spoken: tuple[Said, ...] = ()

    @property
    def against(self) -> Said | None:
        """What speaks against it; none if a trial came after that."""
        tried = next((said for said in self.spoken if said.side == "tried"), None)
        return next((one for one in self.spoken if one.side == "con" and (tried is None or one.when > tried.when)), None)

    def recommendation(self, language: Language, citations: tuple[int, ...]) -> Recommendation:
        """For machines: what a document says against it makes it less sure, and is settled first."""
        made = recommendation(self.estimate, self.site, language, citations)
        if not self.spoken:
            return made
        doubted = any(one.side in _UNSURE for one in self.spoken)
        sure = _LOWER[made.confidence] if doubted else made.confidence
        return replace(made, confidence=sure, next_step=step(self.estimate, language, self.spoken))


def held(site: SiteConfig, one: Estimate, language: Language, spoken: tuple[Said, ...], *, located: bool = False) -> Held:
    """A measure as it is told: with what documents say for it, against it, or oblige to; `located`: with its site's name."""
    quoted = [said.quoted(said.key, language) for said in spoken]
    told = statement(one, site, language, quoted, step(one, language, spoken), located=located)
    return Held(site, one, told, spoken)


def step(one: Estimate, language: Language, spoken: Sequence[Said]) -> str:
    """What to do first: to check what a document tells to be ordered or under way; to agree what one speaks against.

    Where a trial is over it is not tried again: what was said against it before is settled by it. What a table holds, a log's
    entry say, nobody answers for as for advice: it is not agreed.
    """
    standing = next((said for said in spoken if said.side == "standing"), None)
    state = (standing.shown or standing.sentence) if standing else ""
    under_way = standing if begun(state) else None
    tried = next((said for said in spoken if said.side == "tried"), None)
    if tried and standing and standing.when > tried.when and stopped(state):
        tried = None
    key = "advice.adopt" if tried and approved(tried.sentence) else "advice.decide"
    own = text(language, key, title=shortened(tried.passage.document.title)) if tried else next_step(one, language)
    if under_way:
        return text(language, "advice.check_first", title=shortened(under_way.passage.document.title), step=own)
    doubts = [said for said in spoken if said.side in _DOUBTS and not said.in_table]
    against = next((said for said in doubts if tried is None or said.when > tried.when), None)
    if against is None:
        return own
    return text(language, "advice.agree_first", title=shortened(against.passage.document.title), step=own)


@dataclass(frozen=True, slots=True)
class Advised:
    """Measures with their statements, and the sentences of documents that each of them quotes."""

    held: tuple[Held, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What is said, in order."""
        return tuple(one.statement for one in self.held)

    @property
    def used(self) -> frozenset[str]:
        """Sentences that are quoted already."""
        return frozenset(said.sentence for one in self.held for said in one.spoken)

    @property
    def rejected(self) -> Rejected:
        """What a document speaks against, but for what was said before a trial."""
        return frozenset((one.site.id, one.estimate.measure) for one in self.held if one.against)

    def recommendations(self, numbers: Mapping[tuple[str, str], int], language: Language) -> list[Recommendation]:
        """For machines, with the numbers of their citations; what was not said is not recommended."""
        found = []
        for one in self.held:
            cited = tuple(dict.fromkeys(n for said in one.statement.evidence if (n := numbers.get(_key(said)))))
            if cited:
                found.append(one.recommendation(language, cited))
        return found


def _key(one: Evidence) -> tuple[str, str]:
    return (one.id if isinstance(one, Computed) else one.passage.id, one.quote)


def fitting(
    assessed: Sequence[Assessed], kinds: Sequence[Kind], changed: Changes, rejected: Rejected = frozenset()
) -> list[Chosen]:
    """The measures of these kinds that are worth something, the most valuable first; within the bounds; with a budget those worth
    most within it, without the `rejected`.
    """
    held, each, count = worthwhile(assessed, kinds), changed.bounds.each, changed.bounds.most
    if each is not None:
        held = [pair for pair in held if pair[1].investment_eur and pair[1].investment_eur.mid <= each]
    if changed.budget is not None:
        from rag.measures.budget import portfolio  # scipy's optimisers take half a second to load, and few ask for a budget

        free = [estimate for site, estimate in held if (site.id, estimate.measure) not in rejected]
        kept = portfolio(free, changed.budget, count)
        held = [pair for pair in held if any(pair[1] is one for one in kept)]
    return sorted(held, key=lambda pair: worth(pair[1]), reverse=True)[:count]


def ranked(fit: Sequence[Chosen], sites: int) -> list[Chosen]:
    """Those of them, the most valuable first, that are told where so many sites are asked about.

    Told is first what saves, then what is built: what generates is sized on what is left ("energy efficiency first",
    Directive (EU) 2023/1791, article 3); within either, the most valuable first.
    """
    most = fit[: MOST_OF_ONE_SITE if sites == 1 else MOST_OF_ALL]
    return sorted(most, key=lambda pair: (not pays(pair[1]), pair[1].kind == "infrastructure"))


def some(told: Sequence[Held], fit: Sequence[Chosen], language: Language) -> list[Statement]:
    """That only some of what fits is told, where the rest is, and how to see it; nothing where all of it is told."""
    if len(fit) <= len(told):
        return []
    shown = {(one.site.id, one.estimate.measure) for one in told}
    rest = Counter(site.name for site, one in fit if (site.id, one.measure) not in shown)
    several = len({site.id for site, _ in fit}) > 1
    where = ", ".join(f"{name} {count}" for name, count in rest.most_common())
    key = "advice.some" if several else "advice.some_here"
    return [Statement(text(language, key, shown=len(told), every=len(fit), others=where), (), lead="\n")]


def not_chosen(one: Held, language: Language) -> Statement:
    """A measure that a budget would have gone to, and what a document says against it."""
    against = one.against
    said, quoted = against.quoted(against.key, language) if against else ("", None)
    name = f"{one.site.name}: {title(one.estimate, one.site, language)}"
    return Statement(f"{text(language, 'advice.not_chosen', title=name)} {said}".strip(), (quoted,) if quoted else ())


def worthwhile(assessed: Sequence[Assessed], kinds: Sequence[Kind]) -> list[Chosen]:
    """The measures of these kinds that save something."""
    return [
        (one.site, estimate)
        for one in assessed
        for estimate in one.estimates
        if estimate.kind in kinds and estimate.calculations and (estimate.cost_eur or estimate.energy_kwh or estimate.water_m3)
    ]


def kept_in(chosen: Sequence[Chosen], order: Sequence[tuple[str, str]]) -> list[Chosen]:
    """The same in the order in which they were told before; what was not told comes last."""
    places = {each: place for place, each in enumerate(order)}
    return sorted(chosen, key=lambda pair: places.get((pair[0].id, pair[1].measure), len(places)))


def only(assessed: Sequence[Assessed], chosen: Sequence[Chosen]) -> list[Assessed]:
    """The same sites with the chosen measures alone."""
    kept = {id(estimate) for _, estimate in chosen}
    return [replace(one, estimates=tuple(held for held in one.estimates if id(held) in kept)) for one in assessed]
