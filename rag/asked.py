"""What a question asks of readings and tariffs: which value, of when, in which tariff period, at what price, of which sites.

A question is answered with a value alone only if every word of it is understood: then nothing else was asked for. So each value
has the words that questions about it are made of (rag.asked_words); what is left over belongs to another question. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from config.company import CompanyConfig
from rag import asked_words as vocabulary
from rag.analyse import content_words
from rag.asides import of_told
from rag.models import Turn
from rag.naming import meter_words, sites_in
from rag.numerals import value
from rag.rewrite import variants
from rag.when import NIGHT, Hours, When, hours, times, weekdays

Metric = Literal[
    "", "used", "cost", "night", "mean", "peak", "most",
    "least", "night_flow", "leak", "specific", "contracted", "price", "tariff",
]  # fmt: skip
Carrier = Literal["", "electricity", "gas", "water"]
Grain = Literal["", "hour", "day", "month"]
Each = Literal["", "day", "month"]
Money = Literal["", "beside", "ranks"]

CONTRACT: frozenset[Metric] = frozenset({"contracted", "price", "tariff"})
_COMMON, _COMPARES = vocabulary.pattern(vocabulary.COMMON), vocabulary.pattern(vocabulary.COMPARES)
_OWN = {metric: vocabulary.pattern(words) for metric, words in vocabulary.OWN.items()}
_NOT_OF_WHAT: frozenset[Metric] = frozenset({"most", "least", "peak", "leak"})
"""Values that are asked for with «cuándo», «en qué mes», «más»."""
_VAGUE: frozenset[Metric] = frozenset({"used", "cost", "night", "mean"})
_EACH: frozenset[Metric] = frozenset({"used", "cost", "leak"})
"""Values that are told for a day or a month."""
_IN_HOURS: frozenset[Metric] = frozenset({"", "used", "cost", "night", "mean", "peak"})
"""Values that are told of some hours of the day."""
_AMOUNTS: frozenset[Metric] = frozenset({"used", "cost", "leak"})
"""Values that a price makes money of."""
_LONGEST = 240
"""Characters of a question for one value: a longer text asks for more."""
_SIZES = {"mwh": 0.001}
_MOST_PRICE, _MOST_BARE = 50.0, 5.0
"""EUR for a kWh or m3: with its unit, and without."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks for.

    metric      the value; "" if it names none
    times       of when; none: of all that was read
    periods     tariff periods, 1 to 6
    price       EUR for a kWh or m3, if it sets one
    sites       facilities that it names, in order; `everywhere`: all of them
    understood  every word of it is about that, so nothing else is asked for
    treats      it asks for what a site treats or produces, not for what it uses
    of_energy   it says that energy or water is meant
    opens       it opens as a follow-up does («¿y ...?»)
    weekdays    only of these days of the week, Monday as 0
    each        the amount a day or a month is asked for
    money       of a day or month: what it cost, too, or that it is found by what it cost
    peaks       of contracted power: what was drawn at most, too
    hours       only from one hour of the day to another
    units       in which the value is wanted, the first that it can be told in; () for its own
    of_then     it asks what was, or comes of it: after a question of some time, of that time
    in_percent  what several differ by is wanted in per cent
    of_us       it asks what is used or paid in all: where no facility is spoken of, by all of them
    """

    metric: Metric = ""
    times: tuple[When, ...] = ()
    periods: tuple[int, ...] = ()
    price: float | None = None
    carrier: Carrier = ""
    grain: Grain = ""
    sites: tuple[str, ...] = ()
    everywhere: bool = False
    understood: bool = False
    treats: bool = False
    of_energy: bool = False
    opens: bool = False
    weekdays: tuple[int, ...] = ()
    each: Each = ""
    money: Money = ""
    peaks: bool = False
    hours: Hours | None = None
    units: tuple[str, ...] = ()
    of_then: bool = False
    in_percent: bool = False
    of_us: bool = False


def asked(question: str, company: CompanyConfig, known: Iterable[str] = (), lent: Metric = "") -> Asked:
    """What a question asks for. `known` are words beside those of the language: what a file that is talked of is called; `lent`
    is the value that was asked for before, whose words one that names none may be made of: "has it been repaired?".
    """
    if len(question) > _LONGEST:
        return Asked()
    named = sites_in(question, company)
    bare = "".join(" " if any(one.start <= n < one.end for one in named) else char for n, char in enumerate(question))
    when, rest = times(bare)
    rest = vocabulary.PUMPS.sub(r"\1\2 supplied", rest)
    price, rest = _price(rest.replace("³", "3"))
    within, rest = hours(rest)
    units, rest = vocabulary.emitted(rest) or _units(rest)
    opens = vocabulary.OPENS.match(rest) is not None
    on, rest = weekdays(rest, weekends=opens or bool(when))  # of all that was read they have an indicator, with holidays
    each: Each = next((cast(Each, one) for one, pattern in vocabulary.EACH.items() if pattern.search(rest)), "")
    sites = tuple(dict.fromkeys(one.site for one in named))
    everywhere = len(sites) < 2 and vocabulary.EVERYWHERE.search(rest) is not None
    several = everywhere or len(sites) > 1 or len(when) > 1
    metric = _metric(rest, several=several) or ("cost" if price is not None else "") or (_of_file(rest, on) if known else "")
    if metric == "night_flow" or (metric == "night" and within == NIGHT):
        within = None  # it is of those hours by itself
    words = set(known) | {word for site in company.sites for own in meter_words(site).values() for word in own}
    return Asked(
        metric=metric,
        times=when,
        periods=tuple(dict.fromkeys(int(a or b) for a, b in vocabulary.PERIOD.findall(rest))),
        price=price,
        carrier=_carrier(rest),
        grain=_grain(rest) if metric in {"most", "least"} else "",
        sites=sites,
        everywhere=everywhere,
        understood=_understood(
            vocabulary.EACH[each].sub(" ", rest) if each and metric in _EACH else rest,
            metric or lent,
            words,
            several=several,
            priced=price is not None,
        )
        and (within is None or metric in _IN_HOURS),
        treats=vocabulary.HANDLED.search(rest) is not None,
        of_energy=vocabulary.OF_ENERGY.search(rest) is not None,
        opens=opens,
        weekdays=() if any(one.first and one.first.day for one in when) else on,
        each=each if metric in _EACH else "",
        money=_money(rest) if metric in {"most", "least"} else "",
        peaks=metric == "contracted" and vocabulary.PEAKS.search(rest) is not None,
        hours=within,
        units=units,
        of_then=vocabulary.OF_THEN.search(rest) is not None,
        in_percent=vocabulary.IN_PERCENT.search(rest) is not None,
        of_us=vocabulary.OF_US.search(rest) is not None,
    )


def follow_up(own: Asked, earlier: Asked) -> Asked:
    """A question that may lean on an earlier one: what it does not name itself is that one's.

    Of a question that names only another place all must be understood of the earlier one; times are lent where it opens as a
    follow-up does, sets a price, names no value, or asks what was without a place.
    """
    if not (own.times or own.periods or own.weekdays or own.metric or earlier.understood):
        return own
    lends_times = own.opens or own.price is not None or not own.metric or (own.of_then and not (own.sites or own.everywhere))
    costs = own.metric == "cost" and (own.price is not None or earlier.metric == "leak")
    metric = earlier.metric if not own.metric or costs else own.metric
    return replace(
        own,
        metric=metric if metric in _AMOUNTS or own.price is None else "cost",
        times=own.times or (earlier.times if lends_times else ()),
        periods=own.periods or (earlier.periods if lends_times else ()),
        carrier=own.carrier or earlier.carrier,
        grain=own.grain or earlier.grain,
        weekdays=own.weekdays or (earlier.weekdays if lends_times and not own.each else ()),
        each=own.each or (earlier.each if not own.metric or own.price is not None else ""),
        money=own.money or (earlier.money if not own.metric else ""),
        sites=own.sites or earlier.sites,
        everywhere=own.everywhere or (earlier.everywhere and not own.sites),
        treats=own.treats or (earlier.treats and not own.metric),
        of_us=own.of_us or earlier.of_us,
        hours=own.hours or (earlier.hours if lends_times and not own.periods else None),
        units=own.units or (earlier.units if not own.metric else ()),
    )


def told_before(history: Sequence[Turn], company: CompanyConfig, known: Iterable[str] = ()) -> Asked:
    """What the last question of a conversation asked for, with what it leant on in turn; none about what was told alone."""
    found, turns = Asked(), list(history)
    for place, turn in enumerate(turns):
        if turn.role == "user" and not of_told(turn.text):
            own = asked(turn.text, company, known)
            leans = variants(turn.text, turns[:place])[-1] != turn.text
            found = follow_up(own, found) if leans else own
    return found


def asked_amount(history: Sequence[Turn], company: CompanyConfig) -> bool:
    """Whether the last question of a conversation asked how much was used, lost or paid, which a price alone then prices."""
    last = told_before(history, company)
    return last.understood and last.metric in {"used", "cost", "leak"}


def answerable(wanted: Asked, earlier: Asked, *, brought: bool) -> bool:
    """Whether readings or contracts are what a question is put to, and all of it is.

    Money, sums and nights are of many things: something else must tell that energy or water is meant, a tariff period, a time, a
    price, the question before, or readings that were brought along.
    """
    if not (wanted.metric and wanted.understood):
        return False
    if wanted.metric == "leak":
        return not wanted.times
    if wanted.metric in CONTRACT:
        return wanted.carrier != "water"
    told = (
        wanted.of_energy
        or wanted.periods
        or wanted.times
        or wanted.weekdays
        or wanted.price is not None
        or brought
        or earlier.metric
    )
    return bool(told) if wanted.metric in _VAGUE else True


def _of_file(rest: str, on: tuple[int, ...]) -> Metric:
    """What is asked of readings that were sent without a word for it: on certain days what was used, since when the leak."""
    return "leak" if vocabulary.BEGAN.search(rest) else "used" if on else ""


def _money(rest: str) -> Money:
    if vocabulary.RANKS_MONEY.search(rest):
        return "ranks"
    return "beside" if re.search(vocabulary.MONEY, rest) else ""


def _metric(rest: str, *, several: bool) -> Metric:
    """Of several facilities or times side by side the one of most is not another value of each."""
    found = (cast(Metric, metric) for metric, pattern in vocabulary.METRICS if re.search(pattern, rest))
    return next((one for one in found if not (several and one in {"most", "least"})), "")


def _carrier(rest: str) -> Carrier:
    if re.search(r"\b(agua|water|caudal|flow|m3)\b", rest):
        return "water"
    if re.search(r"\bgas\b", rest):
        return "gas"
    return "electricity" if re.search(r"\b(electric\w*|energia|energy|luz|kwh|potencia|power)\b", rest) else ""


def _grain(rest: str) -> Grain:
    return next((cast(Grain, grain) for grain, pattern in vocabulary.GRAIN.items() if re.search(pattern, rest)), "day")


def _price(rest: str) -> tuple[float | None, str]:
    """The price that is set, and the text without it: with its unit, or as money after «a» ("at")."""
    for match in vocabulary.PRICE.finditer(rest):
        number = value(match.group("number"), "es")
        money, unit = match.group("money") or ("€" if "€" in match.group() else ""), match.group("unit") or ""
        if number is None or not money or not (unit or match.group("lead") in {"a", "at", "con", "with"}):
            continue
        price = number * (1.0 if money.startswith(("€", "eur")) else 0.01) * _SIZES.get(unit, 1.0)
        if 0 < price <= (_MOST_PRICE if unit else _MOST_BARE):
            return price, f"{rest[: match.start()]} {rest[match.end() :]}"
    return None, rest


def _units(rest: str) -> tuple[tuple[str, ...], str]:
    """The units in which a value is wanted, and the text without «en MWh»; «cuántos MWh gasta» stays: it tells what is asked."""
    said = [one for match in vocabulary.IN_UNITS.finditer(rest) for one in match.groups() if one]
    named = tuple(dict.fromkeys(unit for one in said for unit, like in vocabulary.UNITS.items() if re.fullmatch(like, one)))
    left = vocabulary.HOW_MANY.sub(" ", rest)
    if content_words(left):  # more is said than «¿cuántos MWh son?»
        left = vocabulary.HOW_MANY.sub(lambda match: match.group() if "wh" in match.group() else " m3 ", rest)
    return named, vocabulary.IN_UNIT.sub(" ", left)


def _understood(rest: str, metric: Metric, known: set[str], *, several: bool, priced: bool) -> bool:
    """Whether all that a text says, but for names, times and prices, is about the value."""
    if vocabulary.REASONS.search(rest) or (not priced and metric != "leak" and vocabulary.SUPPOSES.search(rest)):
        return False
    if metric == "leak" and vocabulary.WORKS.search(rest):
        return False
    if not several and vocabulary.WHO.search(rest):
        return False
    if not several and metric not in _NOT_OF_WHAT and vocabulary.OF_WHAT.search(rest):
        return False
    own = _OWN.get(metric)
    left = re.sub(r"\b\d{1,2}\b", " ", rest) if metric == "night" else rest  # «de 0 a 6 h»
    return all(
        _COMMON.fullmatch(word) or word in known or (own and own.fullmatch(word)) or (several and _COMPARES.fullmatch(word))
        for word in content_words(left)
    )
