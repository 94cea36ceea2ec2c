"""What readings and contracts answer to what was asked of them: figures of one facility, or of several side by side. Pure.

To be called in a thread: a year of hours takes some hundredths of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from config.company import SiteConfig
from rag import contracted
from rag.asked import CONTRACT, Asked, Metric
from rag.days import Days, absent, days, last_complete_month
from rag.figure import Figure, Reply, Target
from rag.measures.model import Quantity
from rag.readings import amounts, checks, costs, leaks, shapes
from rag.readings.compared import beside
from rag.readings.converted import converted
from rag.readings.series import Carrier, Finding, Series
from rag.when import When

TREATS = frozenset({"wastewater_treatment", "desalination"})
"""Kinds of site whose water meters measure what they treat or produce, unless advisor.yaml says otherwise."""
_NEEDS: Mapping[Metric, str] = {
    "used": "yearly", "cost": "yearly", "night": "base_load", "mean": "yearly", "peak": "base_load", "most": "odd_days",
    "least": "odd_days", "night_flow": "night_flow", "leak": "night_flow", "specific": "specific",
}  # fmt: skip
"""The method of `Series.blocked` that each value rests on."""
_MOST_MISSING = 0.1


@dataclass(frozen=True, slots=True)
class _Meter:
    """A meter of a facility that may answer."""

    target: Target
    series: Series


def reply(asked: Asked, targets: Sequence[Target], today: date) -> Reply:
    """The figures that answer; none where the facilities have no such meter or contract."""
    if asked.metric in CONTRACT:
        fields = ("contracted", "price") if asked.metric == "tariff" else (asked.metric,)
        found = [(one.site, contracted.told(field, one.site, asked.periods)) for one in targets for field in fields]
        told = tuple((site, figure) for site, figure in found if figure)
        read = reply(replace(asked, metric="peak", peaks=False), targets, today).figures if told and asked.peaks else ()
        return Reply((*told, *read))
    if asked.metric == "leak":
        return Reply(tuple((site, converted(one, asked.units)) for site, one in _leaks(targets, asked.price)))
    meters = [meter for one in targets for meter in _meters(asked, one)]
    if not meters:
        return Reply()
    several = len(targets) > 1
    if several and len({id(one.target) for one in meters}) < 2:
        return Reply()  # there is nothing to compare with
    if gone := next(filter(None, (absent(when, amounts.read_days(meters[0].series)) for when in asked.times)), None):
        return Reply(((meters[0].target.site, amounts.no_day(gone, meters[0].series)),))
    rows = [row for when in asked.times or (None,) for row in _rows(asked, meters, when, today, several=several)]
    figures = [(meter.target.site, converted(figure, asked.units, _factor(meter))) for meter, figure in rows]
    compares = several or len(asked.times) > 1
    wanting = [figure for _, figure in figures if figure.key == "uncovered"]
    if wanting and len(wanting) == len(figures):
        return Reply(tuple(figures[:1] if several else figures), wanting[0].values["asked"][:4])
    if asked.money == "beside" and asked.grain != "hour":
        figures = [
            (site, one) for (meter, found), (site, _) in zip(rows, figures, strict=True) for one in _paid(asked, meter, found)
        ]
    if compares and not wanting:
        return Reply(beside(figures, asked.metric, everywhere=asked.everywhere, in_percent=asked.in_percent))
    return Reply(tuple((site, replace(figure, bullet=len(figures) > 1, site_named=several)) for site, figure in figures))


def _rows(
    asked: Asked, meters: Sequence[_Meter], when: When | None, today: date, *, several: bool
) -> Iterator[tuple[_Meter, Figure]]:
    """A figure of each meter at a time; without one, of all that was read, or of what all of several have in common."""
    whole = [amounts.read_days(one.series) for one in meters]
    common = Days(max(one.first for one in whole), min(one.last for one in whole))
    for meter, read in zip(meters, whole, strict=True):
        span = days(when, read, today) if when else common if several else read
        meant = span
        if when and when.relative == "month" and span.within(read) != span:
            span = last_complete_month(read)
        if several and span.first > span.last:
            return
        figure = _figure(asked, meter, span, read, timed=several or when is not None)
        if span != meant and "span" in figure.values:
            figure = replace(figure, values={**figure.values, "asked": amounts.spelled(meant)}, also=(*figure.also, "last_read"))
        yield meter, figure


def _figure(asked: Asked, meter: _Meter, span: Days, read: Days, *, timed: bool) -> Figure:
    """The value, or why there is none: not read then, too little of it, or readings that do not tell it."""
    series, values = meter.series, {"asked": amounts.spelled(span), "read": amounts.spelled(read)}
    within = span.within(read)
    if within is None:
        return Figure("uncovered", series.name, (amounts.covered(series, read),), values)
    part = amounts.cut(series, within)
    blocked = series.blocked(_needs(asked)) or (None if amounts.tells(series, within) else _bills(series))
    if blocked:
        return Figure("untold", series.name, (amounts.covered(part, within),), {"span": amounts.spelled(within)}, blocked)
    if amounts.missing_share(part) > _MOST_MISSING:
        return Figure("unread", series.name, (amounts.covered(part, within),), {"span": amounts.spelled(within)})
    some = asked.weekdays or asked.hours
    made = _of_some(asked, meter, part, within) if some else _value(asked, meter, part, within, timed=timed)
    if made is None:
        return Figure("untellable", series.name, (amounts.covered(part, within),), {"span": amounts.spelled(within)})
    if asked.each and not some and made.key.startswith("used"):
        made = costs.each(made, part, within, asked.each)
    made = replace(made, noted=checks.noted(series, part))
    return made if within == span else _partly(made, span)


def _needs(asked: Asked) -> str:
    if asked.periods and asked.metric in {"used", "cost"}:
        return "tariff_periods"
    return "yearly" if asked.grain == "month" else _NEEDS[asked.metric]


def _partly(made: Figure, span: Days) -> Figure:
    return replace(made, values={**made.values, "asked": amounts.spelled(span)}, also=(*made.also, "partly"))


def _bills(series: Series) -> Finding | None:
    return next((one for one in series.findings if one.rule == "bills"), None)


def _value(asked: Asked, meter: _Meter, part: Series, span: Days, *, timed: bool) -> Figure | None:
    site, metric = meter.target.site, asked.metric
    if metric in {"used", "cost"}:
        if asked.periods:
            return _in_periods(asked, site, part, span)
        whole = meter.series.cost_eur is not None and span == amounts.read_days(meter.series) and asked.price is None
        if whole:
            return amounts.billed(meter.series)
        return amounts.used(part, site, span, asked.price, money=metric == "cost")
    if metric in {"most", "least"}:
        grain = asked.grain or "day"
        if grain != "hour" and not all(amounts.tells(meter.series, one) for one in _months(span) if grain == "month"):
            return None
        if asked.money == "ranks":
            return costs.dearest(part, site, span, grain, asked.price, most=metric == "most") if grain != "hour" else None
        return shapes.extreme(part, span, grain, most=metric == "most")
    if metric == "specific":
        flow = _flow(meter.target)
        return shapes.specific(part, amounts.cut(flow, span), span if timed else None) if flow else None
    makers: Mapping[str, Callable[[], Figure | None]] = {
        "night": lambda: shapes.night(part, span if timed else None),
        "mean": lambda: shapes.mean(part, span),
        "peak": lambda: shapes.peak(part, site, span, asked.periods),
        "night_flow": lambda: shapes.night_flow(part, span if timed else None),
    }
    return makers[metric]()


def _of_some(asked: Asked, meter: _Meter, part: Series, span: Days) -> Figure | None:
    """The value of some days of the week, or hours of the day, alone; None where it is not told of them."""
    held = costs.on_weekdays(part, asked.weekdays) if asked.weekdays else part
    if asked.hours:
        if part.hours > 1:
            return None
        held = costs.in_hours(held, asked.hours)
    if asked.metric in {"used", "night", "mean"} and asked.price is None and not asked.periods and asked.hours:
        return costs.used_in(part, held, span, asked.weekdays, asked.hours)
    if asked.metric == "used" and asked.price is None and not asked.periods:
        return costs.used_on(part, held, span, asked.weekdays)
    if asked.metric not in {"used", "cost", "night", "mean", "peak"} or held.values.notna().sum() == 0:
        return None
    alone = replace(meter, series=replace(meter.series, cost_eur=None))
    made = _value(replace(asked, weekdays=(), hours=None), alone, held, span, timed=True)
    return made and replace(made, values={**made.values, "span": costs.spelled(span, asked.weekdays, asked.hours)})


def _in_periods(asked: Asked, site: SiteConfig, part: Series, span: Days) -> Figure | None:
    if not site.tariff.get("toll"):
        return None
    return amounts.period_share(part, site, span, asked.periods[0])


def _months(span: Days) -> list[Days]:
    """The whole months within a span."""
    found, start = [], span.first.replace(day=1)
    while start <= span.last:
        following = date(start.year + start.month // 12, start.month % 12 + 1, 1)
        found.append(Days(start, date.fromordinal(following.toordinal() - 1)))
        start = following
    return [one for one in found if one.within(span) == one]


def _meters(asked: Asked, target: Target) -> list[_Meter]:
    """The meters that are named; else those of what is asked about, electricity first."""
    held = {name: one for name, one in target.readings.items() if one.carrier != "temperature"}
    if asked.metric == "specific":
        power = [one for one in held.values() if one.carrier == "electricity"]
        return [_Meter(target, power[0])] if power and _flow(target) else []
    wanted = _carriers(asked, held)
    fitting = {name: one for name, one in held.items() if one.carrier in wanted}
    chosen = [fitting[name] for name in target.meters if name in fitting]
    if not chosen:
        chosen = [one for name, one in fitting.items() if asked.treats or not _handles(name, target.site)]
    return [_Meter(target, one) for one in chosen]


def _carriers(asked: Asked, held: Mapping[str, Series]) -> set[Carrier]:
    if asked.metric == "night_flow":
        return {"water"}
    if asked.carrier == "electricity" and asked.everywhere:
        return {"electricity", "gas", "heat", "fuel"} if asked.metric in {"used", "cost"} else {"electricity"}
    if asked.carrier:
        return {asked.carrier}
    if asked.treats and any(one.carrier == "water" for one in held.values()):
        return {"water"}
    return (
        {"electricity"} if any(one.carrier == "electricity" for one in held.values()) else {one.carrier for one in held.values()}
    )


def _handles(meter: str, site: SiteConfig) -> bool:
    """Whether a meter measures water that the site treats or produces, and does not use."""
    config = next((one for one in site.meters if one.id == meter), None)
    if config is None or config.carrier != "water":
        return False
    told = any(one.use == "handled" for one in site.meters)
    return config.use == "handled" if told else site.kind in TREATS


def _factor(meter: _Meter) -> Quantity | None:
    """What a kWh of the meter emits, as the site's configuration says; None for what is no electricity."""
    told = meter.target.site.grid_factor.get("kg_co2_per_kwh")
    if told is None or meter.series.carrier != "electricity":
        return None
    source = str(meter.target.site.grid_factor.get("source", ""))
    return Quantity("grid_factor", float(told), "kg/kWh", source, "configured")


def _flow(target: Target) -> Series | None:
    flows = [one for one in target.readings.values() if one.carrier == "water" and not one.blocked("specific")]
    return flows[0] if len(flows) == 1 else None


def _paid(asked: Asked, meter: _Meter, found: Figure) -> list[Figure]:
    """The day or month that was found, and what it cost."""
    if asked.grain == "hour" or "which" not in found.values:
        return [found]
    return costs.with_cost(found, meter.series, meter.target.site, asked.grain or "day", asked.price)


def _leaks(targets: Sequence[Target], price: float | None) -> Iterator[tuple[SiteConfig, Figure]]:
    """What the named meters show; else the open rises of all of them, and that the others have none."""
    for target in targets:
        held = {
            name: one
            for name, one in target.readings.items()
            if one.carrier == "water" and not one.blocked("night_flow") and not _handles(name, target.site)
        }
        if chosen := [held[name] for name in target.meters if name in held]:
            yield from ((target.site, leaks.told(one, target.site, price)) for one in chosen)
            continue
        opened = [one for one in held.values() if leaks.is_open(one)]
        yield from ((target.site, leaks.told(one, target.site, price)) for one in opened)
        if closed := [one for one in held.values() if one not in opened]:
            yield target.site, leaks.none_open(closed)
