"""Pictures of readings and of measures, for those who would rather look: PNG on white, with a text that says the same.

Picture with matplotlib's figures themselves (no pyplot: that keeps a global state and is not safe in threads). A white ground
with margins reads in light and in dark; letters are sized for a phone.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from config import texts
from rag.models import Language, Picture
from rag.readings.series import Series

_INK, _SOFT, _MAIN, _SECOND, _WARN = "#1f2933", "#cbd2d9", "#0b6e99", "#d97706", "#b91c1c"
_SIZE, _DPI = (6.4, 4.0), 150
"""960 x 600 dots: letters can be read at the width of a phone, and Teams takes no more than 1,024."""


def heat_map(series: Series, language: Language) -> Picture:
    """Mean power or flow by hour of the day and day of the year: schedules and idle nights show as bands."""
    rate = series.rate
    local = pd.DatetimeIndex(rate.index)
    table = pd.pivot_table(
        pd.DataFrame({"rate": rate.to_numpy(), "day": local.date, "hour": local.hour}), values="rate", index="hour", columns="day"
    )
    title = _title("heat_map", series, language)
    figure, axes = _figure(title)
    days = pd.DatetimeIndex(pd.to_datetime(table.columns))
    mesh = axes.pcolormesh(days, table.index, table.to_numpy(), cmap="viridis", shading="nearest", rasterized=True)
    axes.set_ylabel(texts.text(language, "pictures.hour"))
    axes.set_yticks(range(0, 24, 4))
    axes.invert_yaxis()
    _dates(axes)
    bar = figure.colorbar(mesh, ax=axes, label=_unit(series))
    bar.ax.yaxis.set_major_formatter(_numbers(language))
    by_hour = table.mean(axis=1)
    hours = [int(hour) for hour in by_hour.index]
    alt = texts.text(
        language,
        "pictures.heat_map_alt",
        title=title,
        high=hours[int(by_hour.argmax())],
        high_rate=_said(float(by_hour.max()), series, language),
        low=hours[int(by_hour.argmin())],
        low_rate=_said(float(by_hour.min()), series, language),
    )
    return _picture("heat-map", series, title, alt, figure)


def duration_curve(series: Series, language: Language) -> Picture:
    """Every interval's power, highest first, against the share of the time that it is reached or exceeded."""
    ordered = np.sort(series.rate.dropna().to_numpy())[::-1]
    share = np.arange(1, len(ordered) + 1) / len(ordered) * 100
    title = _title("duration_curve", series, language)
    figure, axes = _figure(title)
    axes.plot(share, ordered, color=_MAIN, linewidth=2)
    axes.fill_between(share, ordered, color=_MAIN, alpha=0.15)
    axes.set(xlim=(0, 100), ylim=(0, None), xlabel=texts.text(language, "pictures.share_of_time"), ylabel=_unit(series))
    axes.yaxis.set_major_formatter(_numbers(language))
    top, mid, low = (float(np.quantile(ordered, q)) for q in (1, 0.5, 0.05))
    values = {key: _said(one, series, language) for key, one in (("top", top), ("mid", mid), ("low", low))}
    alt = texts.text(language, "pictures.duration_curve_alt", title=title, **values)
    return _picture("duration-curve", series, title, alt, figure)


def night_flow(series: Series, language: Language, step: date | None = None) -> Picture:
    """The least hourly mean of each night between two and four o'clock: what runs when nobody uses water is mostly leakage."""
    hourly = series.rate.resample("1h").mean()
    at_night = hourly[pd.DatetimeIndex(hourly.index).hour.isin([2, 3])]
    nights = at_night.groupby(pd.DatetimeIndex(at_night.index).date).min().dropna()
    title = _title("night_flow", series, language)
    figure, axes = _figure(title)
    days = pd.DatetimeIndex(pd.to_datetime(nights.index))
    axes.plot(days, nights.to_numpy(), color=_MAIN, linewidth=1.5)
    axes.set(ylim=(0, None), ylabel=_unit(series))
    if step is not None:
        axes.axvline(pd.Timestamp(step), color=_WARN, linestyle="--", linewidth=1.5)  # type: ignore[arg-type]  # a date is a place
        axes.annotate(
            texts.day(step, language),
            (pd.Timestamp(step), 0),
            xytext=(6, 8),
            textcoords="offset points",
            color=_WARN,
        )
    _dates(axes)
    axes.yaxis.set_major_formatter(_numbers(language))
    first, last = (float(part.median()) for part in (nights.iloc[:28], nights.iloc[-28:]))
    values = {"first": _said(first, series, language), "last": _said(last, series, language)}
    said = "pictures.night_flow_step_alt" if step else "pictures.night_flow_alt"
    alt = texts.text(language, said, title=title, **values, **({"date": texts.day(step, language)} if step else {}))
    return _picture("night-flow", series, title, alt, figure)


def before_after(series: Series, changed: date, language: Language) -> Picture:
    """The mean day before and after a change, by hour."""
    local = pd.DatetimeIndex(series.rate.index)
    before, after = (series.rate[mask] for mask in (local.date < changed, local.date >= changed))
    title = _title("before_after", series, language)
    figure, axes = _figure(title)
    means = []
    for part, colour, key in ((before, _SOFT, "before"), (after, _MAIN, "after")):
        by_hour = part.groupby(pd.DatetimeIndex(part.index).hour).mean()
        axes.plot(by_hour.index, by_hour.to_numpy(), color=colour, linewidth=3, label=texts.text(language, f"pictures.{key}"))
        means.append(float(part.mean()))
    axes.set(xlim=(0, 23), ylim=(0, None), xlabel=texts.text(language, "pictures.hour"), ylabel=_unit(series))
    axes.legend(frameon=False)
    axes.yaxis.set_major_formatter(_numbers(language))
    alt = texts.text(
        language,
        "pictures.before_after_alt",
        title=title,
        date=texts.day(changed, language),
        before=_said(means[0], series, language),
        after=_said(means[1], series, language),
    )
    return _picture("before-after", series, title, alt, figure)


def savings(measures: Sequence[tuple[str, float, float]], site_name: str, language: Language) -> Picture:
    """Cumulative savings (EUR/year) against cumulative investment (EUR) of (name, savings, investment), in the order given."""
    title = texts.text(language, "pictures.savings", site=site_name)
    figure, axes = _figure(title)
    spent = np.concatenate([[0.0], np.cumsum([one[2] for one in measures])])
    saved = np.concatenate([[0.0], np.cumsum([one[1] for one in measures])])
    axes.plot(spent, saved, color=_MAIN, linewidth=2)
    axes.plot(spent[1:], saved[1:], "o", color=_SECOND, markersize=7)
    for number, (x, y) in enumerate(zip(spent[1:], saved[1:], strict=True), start=1):
        axes.annotate(str(number), (x, y), xytext=(4, -14), textcoords="offset points", color=_INK)
    axes.set(xlabel=texts.text(language, "pictures.investment"), ylabel=texts.text(language, "pictures.savings_a_year"))
    axes.set_ylim(bottom=0)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(_numbers(language))
    listed = "; ".join(
        texts.text(
            language,
            "pictures.savings_item",
            n=number,
            name=name,
            savings=texts.number(round(saving), language, 0),
            investment=texts.number(round(cost), language, 0),
        )
        for number, (name, saving, cost) in enumerate(measures, start=1)
    )
    return Picture("savings", title, f"{title}. {listed}", _png(figure))


def _figure(title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=_SIZE, dpi=_DPI, facecolor="white", layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", color=_INK, fontsize=13, fontweight="bold", wrap=True)
    axes.tick_params(labelsize=12, colors=_INK)
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set(size=12, color=_INK)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(color=_SOFT, linewidth=0.6, alpha=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def _dates(axes: Axes) -> None:
    months = ["%Y", "%m", "%d", "%H:%M", "%H:%M", "%S"]
    locator = AutoDateLocator(maxticks=8)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    formatter = ConciseDateFormatter(locator, formats=months, show_offset=False)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(formatter)


def _numbers(language: Language) -> FuncFormatter:
    return FuncFormatter(lambda value, _: texts.number(value, language))


def _unit(series: Series) -> str:
    return "kW" if series.unit == "kWh" else "m³/h"


def _said(value: float, series: Series, language: Language) -> str:
    return f"{texts.number(value, language, 1 if abs(value) < 100 else 0)} {_unit(series)}"


def _title(kind: str, series: Series, language: Language) -> str:
    return texts.text(language, f"pictures.{kind}", meter=series.name or series.meter)


def _picture(kind: str, series: Series, title: str, alt: str, figure: Figure) -> Picture:
    return Picture(f"{kind}-{series.site}-{series.meter}", title, alt, _png(figure))


def _png(figure: Figure) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})  # the same picture, the same bytes
    return out.getvalue()
