"""Recommendations as one page to print or to send: measures, their calculations with every input and source, and pictures.

Self-contained HTML that prints on paper and reads in light and dark; what comes from documents and settings is escaped.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from html import escape

from config.company import SiteConfig
from config.texts import day, text
from rag import explain
from rag.advice import Advice, Assessed, ReadingsOf, next_step, title, total, why
from rag.measures.model import Calculation, Estimate
from rag.models import KINDS, Kind, Language, Range, Scope
from rag.pictures import Picture, duration_curve, heat_map, night_flow, savings
from rag.readings.series import Series
from rag.readings.water import steps

_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #8886; vertical-align: top; }
td.n { text-align: right; white-space: nowrap; } img { max-width: 100%; border-radius: .4rem; } details { margin: .5rem 0; }
code { font-size: .95em; } .small { opacity: .75; font-size: .9em; } section { break-inside: avoid-page; margin: 2rem 0; }
@media print { details > summary { list-style: none; } }
"""


async def report(
    advice: Advice, readings: ReadingsOf, scope: Scope, language: Language, today: date, kinds: Sequence[Kind] = KINDS
) -> str:
    """The page for the sites of a scope, with the measures of these kinds."""
    assessed = [
        replace(one, estimates=tuple(held for held in one.estimates if held.kind in kinds))
        for one in await advice.assessed(scope)
    ]
    pictures = {one.site.id: await asyncio.to_thread(_pictures, one, await readings(one.site), language) for one in assessed}
    return page(assessed, pictures, language, today)


def page(assessed: Sequence[Assessed], pictures: Mapping[str, Sequence[Picture]], language: Language, today: date) -> str:
    """The HTML. Pure."""
    heading = text(language, "report.title")
    parts = [f"<h1>{escape(heading)}</h1><p class=small>{escape(day(today, language))}</p>"]
    for one in assessed:
        parts.append(f"<h2>{escape(one.site.name)}</h2>")
        added = total([one], language)
        if added:
            parts.append(f"<p>{escape(added.text.replace('**', '').replace(' [1]', ''))}</p>")
        parts.append(_overview(one, language))
        parts += [_picture(held) for held in pictures.get(one.site.id, ())]
        parts += [_measure(held, one.site, language) for held in one.estimates if held.calculations]
    body = "\n".join(parts)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(heading)}</title><style>{_STYLE}</style></head><body>{body}</body></html>"
    )


def _overview(one: Assessed, language: Language) -> str:
    names = ("measure", "saves", "invests", "payback", "npv")
    head = "".join(f"<th>{escape(text(language, f'report.{name}'))}</th>" for name in names)
    rows = []
    for held in one.estimates:
        told = (
            _told(held.cost_eur, "EUR/year", held, language),
            _told(held.investment_eur, "EUR", held, language),
            _told(held.payback_years, "year", held, language),
            _told(held.npv_eur, "EUR", held, language),
        )
        cells = "".join(f"<td class=n>{escape(value)}</td>" for value in told)
        rows.append(f"<tr><td>{escape(title(held, one.site, language))}</td>{cells}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _told(value: Range | None, unit: str, held: Estimate, language: Language) -> str:
    return explain.estimate(Range(value.mid, value.mid, value.mid), unit, language, held.confidence) if value else "–"


def _measure(held: Estimate, site: SiteConfig, language: Language) -> str:
    amounts = ((held.cost_eur, "EUR/year"), (held.energy_kwh, "kWh/year"), (held.water_m3, "m3/year"), (held.co2_t, "t/year"))
    told = ", ".join(explain.estimate(value, unit, language, held.confidence) for value, unit in amounts if value)
    lacking = " ".join(text(language, f"missing.{key}", **values) for key, values in held.missing)
    calculations = "".join(_calculation(one, language) for one in held.calculations)
    return (
        f"<section><h3>{escape(title(held, site, language))}</h3><p><b>{escape(told)}</b></p>"
        f"<p>{escape(why(held, site, language))} {escape(lacking)}</p>"
        f"<p>{escape(text(language, 'advice.next', step=next_step(held, language)))}</p>{calculations}</section>"
    )


def _calculation(one: Calculation, language: Language) -> str:
    inputs, results = explain.lines(one, language)
    rows = "".join(
        f"<tr><td>{escape(line.name)}</td><td class=n>{escape(line.value)}</td><td class=small>{escape(line.source)}</td></tr>"
        for line in (*inputs, *results)
    )
    limits = "".join(f"<p class=small>{escape(caveat)}</p>" for caveat in explain.caveats(one, language))
    return (
        f"<details open><summary>{escape(explain.title(one, language))}</summary><p><code>{escape(one.formula)}</code></p>"
        f"<p>= {escape(explain.formula(one, language))}</p>"
        f"<p>= <code>{escape(explain.with_values(one, language))}</code></p><table>{rows}</table>"
        f"<p class=small>{escape(one.reference)}</p>{limits}</details>"
    )


def _picture(one: Picture) -> str:
    data = base64.b64encode(one.png).decode("ascii")
    return f'<figure><img alt="{escape(one.alt)}" src="data:image/png;base64,{data}"></figure>'


def _pictures(one: Assessed, readings: Mapping[str, Series], language: Language) -> list[Picture]:
    made = []
    for series in readings.values():
        if series.carrier == "electricity":
            made += [heat_map(series, language), duration_curve(series, language)]
        elif rises := [step for step in steps(series) if step.size > 0]:
            made.append(night_flow(series, language, rises[-1].first))
    paid = [
        (title(held, one.site, language), held.cost_eur.mid, held.investment_eur.mid)
        for held in sorted(one.estimates, key=lambda held: held.payback_years.mid if held.payback_years else 99.0)
        if held.cost_eur and held.investment_eur
    ]
    return [*made, savings(paid, one.site.name, language)] if len(paid) > 1 else made
