"""From estimates to what is said of them: ranked, each with its numbers, why, what documents say of it, and the next step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from config.company import CompanyConfig, SiteConfig
from config.texts import keys, text
from rag import explain
from rag.assumptions import Changes
from rag.evidence import Computed, Evidence, Statement
from rag.measures.interactions import pays, worth
from rag.measures.model import Calculation, Case, Estimate, NotApplicable
from rag.models import Assumption, Kind, Language, Range, Recommendation, Scope
from rag.readings.series import Series

CALCULATION = "calculation:"
"""How the ids of calculations begin where those of passages stand."""

NEW_KW = "new_p"
"""How the keys begin of powers that are to be contracted, by tariff period."""

_BENEATH = "\n  "
"""Between the lines of a list item."""

ReadingsOf = Callable[[SiteConfig], Awaitable[Mapping[str, Series]]]
Assess = Callable[[Case], tuple[list[Estimate], list[NotApplicable]]]
Told = Callable[[SiteConfig, Scope], Awaitable[SiteConfig]]
"""A site with what its documents tell of it, of those that the scope may see."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """A site with what its measures would do, best first, why others do not apply, and the readings that tell it."""

    site: SiteConfig
    estimates: tuple[Estimate, ...]
    others: tuple[NotApplicable, ...]
    readings: Mapping[str, Series] = field(default_factory=dict)


class Advice:
    """Estimates from the readings of the sites that a scope may see."""

    def __init__(
        self,
        readings: ReadingsOf,
        assess: Assess,
        company: Callable[[], CompanyConfig],
        today: Callable[[], date] = date.today,
        told: Told | None = None,
    ) -> None:
        """`readings` gives a site's series, `assess` what the measures make of a case: both are heavy to load, so given."""
        self._readings, self._assess, self._company, self._today, self._told = readings, assess, company, today, told

    async def assessed(self, scope: Scope, assumptions: Mapping[str, float] | None = None) -> list[Assessed]:
        """Each site that the scope may see, or the one that it is about; of readings brought along, those alone."""
        if scope.brought:
            return [await self._one(one.site, one.readings, assumptions or {}) for one in scope.brought]
        sites = [one for one in self._company().sites if scope.audiences & set(one.audience)]
        chosen = [one for one in sites if scope.site in {None, one.id}]
        known = [await self._told(site, scope) for site in chosen] if self._told else chosen
        return [await self._one(site, await self._readings(site), assumptions or {}) for site in known]

    async def calculation(self, identity: str, scope: Scope) -> tuple[SiteConfig, Calculation] | None:
        """The calculation with this id ("calculation:edar-norte/idle_load.idle"), if the scope may see its site."""
        site, _, name = identity.removeprefix(CALCULATION).partition("/")
        for one in await self.assessed(replace(scope, site=site)):
            for estimate in one.estimates if one.site.id == site else ():
                for calculation in estimate.calculations:
                    if calculation.id == name:
                        return one.site, calculation
        return None

    async def _one(self, site: SiteConfig, readings: Mapping[str, Series], assumptions: Mapping[str, float]) -> Assessed:
        case = Case(site, readings, self._today(), assumptions)
        estimates, others = await asyncio.to_thread(self._assess, case)
        return Assessed(site, tuple(sorted(estimates, key=worth, reverse=True)), tuple(others), case.readings)


def title(one: Estimate | NotApplicable, site: SiteConfig, language: Language) -> str:
    """What the measure is called."""
    proposal = next((held for held in site.proposals if held.id == one.measure), None)
    return proposal.title[language] if proposal else text(language, f"measures.{one.measure}.title")


def statement(
    one: Estimate,
    site: SiteConfig,
    language: Language,
    spoken: Sequence[tuple[str, Evidence]] = (),
    step: str = "",
    *,
    located: bool = False,
) -> Statement:
    """A list item: title, savings, investment, why, what documents say, the next step (`step`, else the measure's own).

    Each number rests on a calculation or a sentence that it cites. `located`: the title says the site too.
    """
    name = title(one, site, language)
    evidence: list[Evidence] = [computed(calculation, site, language, name) for calculation in shown(one)]
    marks = {calculation.id: f"[{n}]" for n, calculation in enumerate(shown(one), start=1)}
    main, last = next(iter(marks.values())), list(marks.values())[-1]
    parts = [
        text(
            language,
            "advice.item",
            title=f"{site.name}: {name}" if located else name,
            savings=savings(one, language),
            mark=_saved(one, marks),
        )
    ]
    if one.investment_eur:
        own = next((mark for name, mark in marks.items() if name.endswith(".given") and "investment" in one.given), "")
        parts.append(_investment(one, language, last if own in {"", last} else f"{own}{last}"))
        parts += [text(language, "advice.default_price", name=name) for name in _default_price(one, language)]
    if not pays(one):
        parts.append(text(language, "advice.does_not_pay"))
    parts.append(f"{why(one, site, language)} {main}")
    parts += [text(language, f"missing.{key}", **values) for key, values in one.missing]
    lines = [" ".join(parts)]
    for sentence, quoted in spoken:
        evidence.append(quoted)
        lines.append(sentence.replace("[1]", f"[{len(evidence)}]"))
    lines.append(text(language, "advice.next", step=step or next_step(one, language)))
    return Statement((_BENEATH if spoken else " ").join(lines), tuple(evidence), lead="\n- ")


def shown(one: Estimate) -> list[Calculation]:
    """The calculations that the text cites: what is saved, what it is worth, what comes of it."""
    first = one.calculations[:1]
    money = [held for held in one.calculations[1:] if held.method.startswith("cost_of_") or held.method in {"given", "finance"}]
    return [*first, *money]


def _saved(one: Estimate, marks: Mapping[str, str]) -> str:
    beside = (".finance",) if "cost_saving" in one.given else (".finance", ".given")
    return "".join(mark for name, mark in marks.items() if not name.endswith(beside)) or next(iter(marks.values()), "")


def savings(one: Estimate, language: Language) -> str:
    """What it saves a year: money, energy, water."""
    told = (
        (one.cost_eur, "EUR/year", "high" if "cost_saving" in one.given else one.confidence),
        (one.energy_kwh, "kWh/year", one.confidence),
        (one.water_m3, "m3/year", one.confidence),
    )
    return ", ".join(explain.estimate(value, unit, language, sure) for value, unit, sure in told if value)


def _investment(one: Estimate, language: Language, mark: str) -> str:
    if one.investment_eur and one.npv_eur and one.investment_eur.high == 0:
        return text(language, "advice.free", npv=_middle(one.npv_eur, "EUR", language), mark=mark)
    spent = explain.estimate(_or_zero(one.investment_eur), "EUR", language, "high")  # asked for or quoted, not reckoned
    if one.payback_years is None or one.npv_eur is None:
        return text(language, "advice.investment", investment=spent, mark=mark)
    back, value = (_middle(held, unit, language) for held, unit in ((one.payback_years, "year"), (one.npv_eur, "EUR")))
    return text(language, "advice.finance", investment=spent, payback=back, npv=value, mark=mark)


def _default_price(one: Estimate, language: Language) -> list[str]:
    """What the default prices are called of which the investment is made; none where it is the site's own or the asker's."""
    spent = one.investment_eur.mid if one.investment_eur and "investment" not in one.given else None
    made = next(
        (each for each in one.calculations if any(r.key == "investment" and r.value == spent for r in each.results)), None
    )
    defaults = [each for each in made.inputs if each.origin == "default" and each.unit.startswith("EUR")] if made else []
    return [explain.name(each.key, language) for each in defaults]


def _middle(value: Range, unit: str, language: Language) -> str:
    return explain.estimate(Range(value.mid, value.mid, value.mid), unit, language, "medium")


def _or_zero(value: Range | None) -> Range:
    return value or Range(0.0, 0.0, 0.0)


def why(one: Estimate, site: SiteConfig, language: Language) -> str:
    """Why it is proposed, with the values that its calculations hold."""
    key = f"measures.{one.measure}.why"
    if key not in keys(language) or _is_proposal(one, site):
        return text(language, "measures.proposed.why")
    held = {
        quantity.key: quantity for calculation in one.calculations for quantity in (*calculation.inputs, *calculation.results)
    }
    new = explain.by_period((one for name, one in held.items() if name.startswith(NEW_KW)), language)
    return text(language, key, new_powers=new, **{name: explain.quantity(one, language) for name, one in held.items()})


def _is_proposal(one: Estimate | NotApplicable, site: SiteConfig) -> bool:
    """Whether it is one of the site's own, which may bear the name of a measure of ours."""
    return any(held.id == one.measure for held in site.proposals)


def computed(calculation: Calculation, site: SiteConfig, language: Language, of: str = "") -> Computed:
    """A calculation as evidence, `of` what."""
    held = (*calculation.inputs, *calculation.results)
    values = [end for one in held for end in (one.value, one.low, one.high) if end is not None]
    times = [end for one in held if one.unit == "year" for end in (one.value, one.low, one.high) if end is not None]
    values += [explain.whole_months(years) for years in times]
    return Computed(
        f"{CALCULATION}{site.id}/{calculation.id}",
        explain.title(calculation, language),
        f"{site.name}, {of}" if of else site.name,
        explain.quote(calculation, language),
        tuple(values),
    )


def recommendation(one: Estimate, site: SiteConfig, language: Language, citations: tuple[int, ...]) -> Recommendation:
    """The same for machines: the published shape of a recommendation."""
    inputs = {
        quantity.key: quantity
        for calculation in one.calculations
        for quantity in calculation.inputs
        if quantity.origin != "computed"
    }
    kind: Kind = one.kind
    return Recommendation(
        measure=one.measure,
        title=title(one, site, language),
        kind=kind,
        why=why(one, site, language),
        citations=citations,
        basis=one.basis,
        confidence=one.confidence,
        site=one.site,
        energy_kwh=one.energy_kwh,
        water_m3=one.water_m3,
        cost_eur=one.cost_eur,
        co2_t=one.co2_t,
        investment_eur=one.investment_eur,
        payback_years=one.payback_years,
        npv_eur=one.npv_eur,
        method=explain.title(one.calculations[0], language) if one.calculations else "",
        assumptions=tuple(
            Assumption(explain.name(held.key, language), held.value, held.unit, held.source) for held in inputs.values()
        ),
        missing=" ".join(text(language, f"missing.{key}", **values) for key, values in one.missing),
        next_step=next_step(one, language),
    )


def titled(changed: Changes, assessed: Sequence[Assessed], language: Language) -> Changes:
    """The same, with what the measures of which something is set are called in this language."""
    titles = {(each.site.id, one.measure): title(one, each.site, language) for each in assessed for one in each.estimates}
    given = (replace(one, title=titles.get((one.site, one.measure), one.title)) for one in changed.given)
    return replace(changed, given=tuple(given))


def set_values(changed: Changes, language: Language) -> str:
    """The values that the asker set, in words."""
    units = {"price": "EUR/kWh", "water_price": "EUR/m3", "discount_rate": "%", "life_years": "year", "grid_factor": "kg/kWh"}
    told = [
        f"{explain.name(key, language)} {explain.shown(value, units[key], language)}" for key, value in changed.values.items()
    ]
    told += [
        text(
            language,
            "advice.given",
            title=one.title,
            name=explain.name(one.key, language),
            value=explain.shown(one.value, "EUR" if one.key == "investment" else "EUR/year", language),
        )
        for one in changed.given
        if one.value is not None
    ]
    each, most = changed.bounds.each, changed.bounds.most
    told += [text(language, "advice.budget", budget=explain.shown(changed.budget, "EUR", language))] if changed.budget else []
    told += [text(language, "advice.each", each=explain.shown(each, "EUR", language))] if each is not None else []
    return "; ".join([*told, *([text(language, "advice.most", most=most)] if most else [])])


def next_step(one: Estimate, language: Language) -> str:
    """What to do first."""
    key = f"measures.{one.measure}.next_step"
    return text(language, key if key in keys(language) and one.basis != "document" else "measures.proposed.next_step")
