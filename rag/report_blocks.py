"""What the printable report says, as blocks without markup: the page and the PDF are drawn from the same ones. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from config.company import SiteConfig
from config.texts import day, text
from rag import explain
from rag.advice import Assessed, next_step, title, why
from rag.measures.model import Calculation, Estimate
from rag.models import Language, Picture, Range
from rag.together import total


@dataclass(frozen=True, slots=True)
class Heading:
    """`level` 1 is the report's title, 2 a site or the sources, 3 a measure or a group of sources."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph."""

    text: str
    style: str = "plain"
    """plain | strong | small | code"""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; `amounts` are the columns that hold numbers, `small` those that tell where they come from."""

    rows: tuple[tuple[str, ...], ...]
    head: tuple[str, ...] = ()
    amounts: frozenset[int] = frozenset()
    small: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Working:
    """A calculation that can be folded away where the medium can."""

    title: str
    held: tuple[Words | Table, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list."""

    items: tuple[str, ...]


Block = Heading | Words | Table | Working | Listed | Picture


def blocks(
    assessed: Sequence[Assessed], pictures: Mapping[str, Sequence[Picture]], language: Language, today: date
) -> list[Block]:
    """The whole report, in the order of reading."""
    made: list[Block] = [Heading(1, text(language, "report.title")), Words(day(today, language), "small")]
    for one in assessed:
        made.append(Heading(2, one.site.name))
        added = total([one], language)
        if added:
            made.append(Words(added.text.replace("**", "").replace(" [1]", "")))
        if one.estimates:
            made.append(_overview(one, language))
        made += pictures.get(one.site.id, ())
        for held in one.estimates:
            if held.calculations:
                made += _measure(held, one.site, language)
    return [*made, *_sources(assessed, language)]


def _overview(one: Assessed, language: Language) -> Table:
    head = tuple(text(language, f"report.{name}") for name in ("measure", "saves", "invests", "payback", "npv"))
    rows = tuple(
        (
            title(held, one.site, language),
            _told(held.cost_eur, "EUR/year", held, language),
            _told(held.investment_eur, "EUR", held, language),
            _told(held.payback_years, "year", held, language),
            _told(held.npv_eur, "EUR", held, language),
        )
        for held in one.estimates
    )
    return Table(rows, head, frozenset({1, 2, 3, 4}))


def _told(value: Range | None, unit: str, held: Estimate, language: Language) -> str:
    return explain.estimate(Range(value.mid, value.mid, value.mid), unit, language, held.confidence) if value else "–"


def _measure(held: Estimate, site: SiteConfig, language: Language) -> list[Block]:
    amounts = ((held.cost_eur, "EUR/year"), (held.energy_kwh, "kWh/year"), (held.water_m3, "m3/year"), (held.co2_t, "t/year"))
    told = ", ".join(explain.estimate(value, unit, language, held.confidence) for value, unit in amounts if value)
    lacking = " ".join(text(language, f"missing.{key}", **values) for key, values in held.missing)
    made: list[Block] = [
        Heading(3, title(held, site, language)),
        Words(told, "strong"),
        Words(f"{why(held, site, language)} {lacking}".strip()),
        Words(text(language, "advice.next", step=next_step(held, language))),
    ]
    return [*made, *(_calculation(one, language) for one in held.calculations)]


def _calculation(one: Calculation, language: Language) -> Working:
    inputs, results = explain.lines(one, language)
    rows = tuple((line.name, line.value, line.source) for line in (*inputs, *results))
    steps = (
        Words(one.formula, "code"),
        Words(f"= {explain.formula(one, language)}"),
        Words(f"= {explain.with_values(one, language)}", "code"),
    )
    return Working(
        explain.title(one, language),
        (
            *(steps if one.formula else ()),
            Table(rows, amounts=frozenset({1}), small=frozenset({2})),
            Words(one.reference, "small"),
            *(Words(caveat, "small") for caveat in explain.caveats(one, language)),
        ),
    )


def _sources(assessed: Sequence[Assessed], language: Language) -> list[Block]:
    """Every method and every source of a value that was not itself reckoned, once each, in the order of their use."""
    calculations = [one for site in assessed for held in site.estimates for one in held.calculations]
    groups = (
        ("methods", [one.reference for one in calculations]),
        ("values", [line.source for one in calculations for line in _given(one, language)]),
    )
    made: list[Block] = []
    for name, said in groups:
        items = tuple(dict.fromkeys(one for one in said if one))
        if items:
            made += [Heading(3, text(language, f"printed.{name}")), Listed(items)]
    return [Heading(2, text(language, "printed.sources")), *made] if made else []


def _given(one: Calculation, language: Language) -> list[explain.Line]:
    return [
        line
        for line, held in zip(explain.lines(one, language)[0], one.inputs, strict=True)
        if held.source and held.origin != "computed"
    ]
