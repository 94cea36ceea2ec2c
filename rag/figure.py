"""A figure: a text that calculations fill, and the statement that it becomes in a language. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from config.company import SiteConfig
from config.texts import text
from rag import explain
from rag.advice import computed
from rag.analyse import content_words
from rag.evidence import Computed, Statement
from rag.measures.model import Calculation
from rag.models import Language
from rag.numerals import all_values
from rag.readings.series import Finding, Series

EVERYWHERE = SiteConfig.model_construct(id="*", name="", kind="")
"""Stands for all facilities together."""
_BULLET = "\n- "


@dataclass(frozen=True, slots=True)
class Figure:
    """An indicator: the text it fills (under `figures` in config/texts), and its calculations.

    values    what fills the text beside quantities: a time as rag.explain.said reads it, a period, a source
    finding   why a value cannot be told, if it cannot
    also      further texts behind it, filled alike
    noted     what is wrong with the readings that it rests on, told behind it
    bullet    one of several that stand side by side; `site_named`: the site is named with the meter
    """

    key: str
    meter: str
    calculations: tuple[Calculation, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    finding: Finding | None = None
    also: tuple[str, ...] = ()
    noted: tuple[Finding, ...] = ()
    bullet: bool = False
    site_named: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A facility that is asked about with its readings; `meters` are those that the question names, none: all of them."""

    site: SiteConfig
    readings: Mapping[str, Series]
    meters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """Figures with their facility, in the order in which they are told. `unread`: the year of which there are no readings."""

    figures: tuple[tuple[SiteConfig, Figure], ...] = ()
    unread: str = ""


def statement(one: Figure, site: SiteConfig, language: Language) -> Statement:
    """An indicator in words, each number resting on its calculation."""
    held = [quantity for made in one.calculations for quantity in (*made.inputs, *made.results)]
    values = {name: _value(name, value, language) for name, value in one.values.items()}
    where = site.name or text(language, "recommend.everywhere")
    told_already = set(content_words(site.name)) <= set(content_words(one.meter))
    meter = f"{where}, {one.meter}" if one.site_named and not told_already else one.meter
    why = explain.finding(one.finding, language) if one.finding else ""
    filled: dict[str, object] = {quantity.key: explain.quantity(quantity, language) for quantity in held}
    filled |= {"meter": meter, "site": where, "finding": why, "periods": explain.by_period(held, language), **values}
    said = " ".join(text(language, f"figures.{key}", **filled) for key in (one.key, *one.also))
    noted = "; ".join(explain.finding(found, language) for found in one.noted)
    said += f" {noted[:1].upper()}{noted[1:]}." if noted else ""
    place = ", ".join(dict.fromkeys(filter(None, (one.meter, *values.values()))))
    told = site.model_copy(update={"name": where})
    evidence = tuple(_evidence(made, told, language, place, (why, noted)) for made in one.calculations)
    marks = "".join(f"[{n}]" for n, _ in enumerate(one.calculations, start=1))
    made = Statement(f"{said} {marks}", evidence)
    return replace(made, lead=_BULLET) if one.bullet else made


def _evidence(made: Calculation, site: SiteConfig, language: Language, place: str, found: tuple[str, str]) -> Computed:
    """A calculation as evidence; `found` are why a value cannot be told, and what is noted: their numbers are the checks'."""
    evidence, (why, noted) = computed(made, site, language, place), found
    more = "\n\n".join(filter(None, (evidence.more, noted)))
    return replace(evidence, values=(*evidence.values, *all_values(f"{why} {noted}", language)), more=more)


def _value(name: str, value: str, language: Language) -> str:
    if name == "parts":
        return ", ".join(text(language, f"bill_parts.{part}") for part in value.split(",") if part)
    return explain.said(value, language)
