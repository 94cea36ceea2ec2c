"""A measure that was recommended, told again alone: its numbers and why, how it is reckoned, with which values, its limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from config.company import SiteConfig
from config.texts import text
from rag import explain
from rag.advice import computed, set_values, title
from rag.advised import Held
from rag.assumptions import Changes
from rag.cite import cite, place_in, shortened
from rag.evidence import Computed, Quoted, Statement, unmarked
from rag.ingest.sentences import sentences
from rag.measures.model import Calculation, Estimate, Quantity
from rag.models import Answer, Language, Passage, Recommendation

_SHOWN = 6
"""Values of one source that are listed: the calculation has all of them."""


@dataclass(frozen=True, slots=True)
class Which:
    """A measure of a site, and its place among those that were told, from 1, of how many; 0 where it is of no list.

    `reckoned` of them have numbers, the others only a document proposes; `everywhere`: they are of several facilities.
    """

    site: str
    measure: str
    place: int = 0
    count: int = 0
    reckoned: int = 0
    everywhere: bool = False


def retold(told: Held, which: Which, language: Language, changed: Changes) -> Answer:
    """The measure as it comes out now, with the values that were `changed`."""
    site, estimate = told.site, told.estimate
    evidence = {one.id: _computed(one, site, language, title(estimate, site, language)) for one in estimate.calculations}
    made = told.recommendation(language, ())
    statements = [
        _heading(which, text(language, "recommend.everywhere") if which.everywhere else site.name, language),
        replace(told.statement, lead="\n- "),
        *_sure(made, estimate, evidence, language),
        *_working(estimate, evidence, language),
        *_given(estimate, evidence, language),
        *_limits(estimate, evidence, language),
    ]
    body, citations = cite(statements, language)
    notices = (text(language, "advice.changed", what=set_values(changed, language)),) if changed else ()
    recommended = replace(made, citations=tuple(one.n for one in citations))
    return Answer("answered", language, body, citations, recommendations=(recommended,), notices=notices)


def requoted(told: Recommendation, passage: Passage, which: Which, where: str, language: Language) -> Answer:
    """A proposal that only a document makes, with the sentences around it."""
    quote = _around(passage.text, told.why)
    said = unmarked(" ".join(quote.split()))
    place = ", ".join(filter(None, (shortened(passage.document.title), place_in(passage, language))))
    if passage.language != language:
        original = text(language, f"answer.language_{passage.language}")
        said = text(language, "answer.quoted", title=unmarked(place), quote_language=original, quote=said)
    told = replace(
        told, citations=(1,), missing=text(language, "recommend.missing"), next_step=text(language, "recommend.next_step")
    )
    statements = [
        _heading(which, where, language),
        Statement(f"{said} [1]", (Quoted(passage, quote),)),
        Statement(f"{told.missing} {told.next_step}", ()),
    ]
    body, citations = cite(statements, language)
    return Answer("answered", language, body, citations, recommendations=(told,))


def _heading(which: Which, where: str, language: Language) -> Statement:
    apart = 0 < which.reckoned < which.count
    key = "again.alone" if not which.place else "again.heading_apart" if apart else "again.heading"
    others = which.count - which.reckoned
    told = text(language, key, place=which.place, count=which.count, where=where, reckoned=which.reckoned, others=others)
    return Statement(told, ())


def _sure(made: Recommendation, estimate: Estimate, evidence: Mapping[str, Computed], language: Language) -> Iterator[Statement]:
    """What it rests on and how sure it is."""
    said = f"{text(language, f'again.basis.{made.basis}')}, {text(language, f'again.confidence.{made.confidence}')}"
    if estimate.calculations:
        yield Statement(f"{said} [1]", (evidence[estimate.calculations[0].id],))


def _working(estimate: Estimate, evidence: Mapping[str, Computed], language: Language) -> Iterator[Statement]:
    """Which calculation is which, its formula in words and what comes out."""
    yield Statement(text(language, "again.working"), ())
    for one in estimate.calculations:
        results = "; ".join(f"{explain.name(each.key, language)} = {explain.quantity(each, language)}" for each in one.results)
        key, method = ("again.step" if one.formula else "again.stated"), text(language, f"methods.{one.method}")
        method = method[:1].upper() + method[1:]
        said = text(language, key, method=method, formula=explain.equations(one, language), results=results)
        yield Statement(said, (evidence[one.id],), lead="\n- ")


def _given(estimate: Estimate, evidence: Mapping[str, Computed], language: Language) -> Iterator[Statement]:
    """The values that were not reckoned, by where they come from: readings, settings, assumptions, the asker."""
    groups: dict[tuple[str, str], dict[str, Quantity]] = {}
    using: dict[tuple[str, str], dict[str, None]] = {}
    for made in estimate.calculations:
        for one in made.inputs:
            if one.origin != "computed":
                groups.setdefault((one.origin, one.source), {}).setdefault(one.key, one)
                using.setdefault((one.origin, one.source), {})[made.id] = None
    if groups:
        yield Statement(text(language, "again.given"), ())
    for (origin, source), values in groups.items():
        told = [f"{explain.name(key, language)} {explain.quantity(one, language)}" for key, one in values.items()]
        listed = "; ".join(told[:_SHOWN]) + ("; …" if len(told) > _SHOWN else "")
        marks = "".join(f"[{n}]" for n, _ in enumerate(using[origin, source], start=1))
        said = text(
            language,
            "again.value" if source and origin != "asked" else "again.unsourced",
            values=listed,
            origin=text(language, f"numbers.{origin}"),
            source=unmarked(source),
            marks=marks,
        )
        yield Statement(said, tuple(evidence[one] for one in using[origin, source]), lead="\n- ")


def _limits(estimate: Estimate, evidence: Mapping[str, Computed], language: Language) -> Iterator[Statement]:
    """What limits the calculations."""
    limits = [(one, caveat) for one in estimate.calculations for caveat in explain.caveats(one, language)]
    if limits:
        yield Statement(text(language, "again.limits"), ())
    for one, caveat in limits:
        yield Statement(f"{unmarked(caveat)} [1]", (evidence[one.id],), lead="\n- ")


def _computed(one: Calculation, site: SiteConfig, language: Language, of: str) -> Computed:
    """A calculation with all that its opening shows: formula, sources, limits."""
    more = [explain.equations(one, language), *(each.source for each in one.inputs), *explain.caveats(one, language)]
    return replace(computed(one, site, language, of), more="\n".join(more))


def _around(passage: str, sentence: str) -> str:
    """A sentence of a passage with its neighbours, verbatim; the sentence alone where they cannot be told."""
    pieces: Sequence[str] = [one.strip() for one in sentences(passage)]
    place = next((n for n, one in enumerate(pieces) if sentence in one), None)
    if place is None:
        return sentence
    first, last = pieces[max(0, place - 1)], pieces[min(len(pieces) - 1, place + 1)]
    start, end = passage.find(first), passage.find(last)
    return passage[start : end + len(last)] if 0 <= start <= end else sentence
