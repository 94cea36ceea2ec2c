"""What a column is, judged once by its header: words, then unit, then readings or the reason why it is left out. Pure.

Units name what is no consumption, too (€/kWh, generated kWh, last year's m³), so that words come first. What is left out is
named to whoever sent the file; what tells no unit is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from rag.analyse import fold
from rag.errors import InputError
from rag.readings.series import Carrier, Finding
from rag.readings.units import scale_of

Why = Literal[
    "", "price", "ratio", "export", "reactive", "period", "planned", "statistic", "fluid", "hour", "part", "register", "unit"
]
"""Why a column is left out: `readings.findings.left_out_WHY` in config/texts says it."""

_PARTS = {"kwh": "kWh", "mwh": "MWh", "gwh": "GWh", "wh": "Wh", "kw": "kW", "mw": "MW", "m3": "m3", "dam3": "dam3", "hm3": "hm3",
          "l": "l", "°c": "degC", "degc": "degC"}  # fmt: skip
_TIMES = {**dict.fromkeys(("s", "seg", "segundo", "sec", "second"), "s"), **dict.fromkeys(("min", "minuto", "minute"), "min"),
          **dict.fromkeys(("h", "hr", "hora", "hour"), "hour"), **dict.fromkeys(("d", "dia", "day"), "day"),
          **dict.fromkeys(("mes", "month"), "month")}  # fmt: skip
_THOUSAND = {"Wh": "kWh", "kWh": "MWh", "MWh": "GWh", "m3": "dam3", "l": "m3"}
_THOUSANDS = re.compile(r"\bmiles\b(?: de\b)?|\bthousands?\b|\bx ?1\.?000\b|\b1\.?000 ?x\b|\b10\^?3\b(?=.*(?:wh|m3))")
_UNIT = re.compile(
    r"(?<![a-z0-9])(?P<one>[gmk]?w ?h|[mk]w|hm3|dam3|m3|°c|degc|litros?|lit(?:er|re)s?|l(?=\s*/)|\(l\))"
    r"(?:(?P<short>[hd])|[.· ]?(?P<minus>h)-1|\s*(?:/|\bpor\b|\bper\b)\s*(?P<per>[a-z0-9€]+))?(?![a-z0-9])"
)
_OF = re.compile(r"(?:/|\bpor|\bper)\s*$")
_RATE_OR_STATE = re.compile(r"/|^[MG]?k?W$|degC")
_HOUR = re.compile(r"h? ?\d{1,2}(?: \d\d)?(?: h)?")
_WHY: tuple[tuple[Why, re.Pattern[str]], ...] = (
    ("price", re.compile(r"[€$£¥]|\b(?:precio|price|pvpc|omie|spot|importe|costes?|costos?|costs?|eur|euros?|usd|gbp)\b"
                         r"|^(?:tarifa|tariff|rate|amount)\b")),
    ("ratio", re.compile(r"\bco2|\bkgco2|\bemisi|\bemission|\bfactor\b|\bespecific|\bspecific|\bintensi(?:dad|ty)\b")),
    ("reactive", re.compile(r"reactiv|kvar")),
    ("export", re.compile(r"vertid|autocons|excedent|\bexport|surplus|\bexces"
                          r"|\bvent[ae]s?\b|\bvendid|\bsold\b|\bfee?d (?:in|to)\b"
                          r"|\binyecta|\binjected\b|(?:inyeccion|injection) (?:a |to )|devuelt|\breturned|\bentregad|\bdelivered"
                          r"|\bgenera(?:c|d|t)|fotovolt|photovolt|\bsolar\b|\bpv\b|\bfv\b|\beolic|\bwind\b|\byield\b|\boutput\b"
                          r"|^produ[cz]|\bbateria|\bbatter|^as$|^as ")),
    ("period", re.compile(r"anterior|\bprevious\b|\bprior\b|\bpasad[oa]\b|\blast\b|\bmism[oa]\b|\bsame\b|\bytd\b|to date\b")),
    ("planned", re.compile(r"\bprevisi|\bprevist|\bforecast|\bobjetiv|\btarget|\bbaseline|\blinea base|\bpresupuest|\bbudget"
                           r"|\bahorr|\bsaving|\blimite?\b|\bcontratad|\bcontracted"
                           r"|\bconsigna|\bset ?point|\bnominal|\brated\b|\bcapaci"
                           r"|\bplanned\b|\bplan\b|\bestima")),
    ("statistic", re.compile(r"\bmovil\b|\bmoving\b|\brolling\b|\bmax\b|\bmaxim|\bmin\b|\bminim|\bdesviacion|\bdeviation"
                             r"|peak demand|demanda (?:punta|pico)")),
)  # fmt: skip
_MEAN = re.compile(r"\bmedi[oa]s?\b(?! tension)|\bmean\b|\baverage\b|\bavg\b|\bpromedio")
_PEAK = re.compile(r"\bpeak\b|\bpico\b|\bpunta\b")
_FLUID = re.compile(r"\baire?\b|\boxigeno|\boxygen|\bnitrogen|\bo2\b|\bn2\b|\bvapor\b|\bsteam\b")
_COUNTER = re.compile(r"\blectura|\bcontador|totaliz|\bindice|\bindex|\breading|\bcounter|acumulad|cumulat|\bregist|\bodometer")
_NAMED = re.compile(
    r"^(?:ae|consum|energia|energy|caudal|flow|volumen|volume|usage|valor|value|lectura|reading|activa|kwh|wh|mwh|m3)"
)
_CARRIERS: tuple[tuple[Carrier, re.Pattern[str]], ...] = (
    ("fuel", re.compile(r"\bbiogas|\bpropan|\bbutan|\bglp\b|\blpg\b|\bgasole?o|\bgasoil|\bdiesel|\bfuel|\bhidrogen|\bhydrogen"
                        r"|\bbiomas|\bpellet|\bcarbon\b|\bcoal\b")),
    ("gas", re.compile(r"\b(?:consumo)?gas(?![a-z])|\bgasn|\bmetano|\bmethane|\bch4\b|\berdgas|\bgaz\b")),
    ("electricity", re.compile(r"\belectri|\bluz\b|\bpower\b")),
    ("heat", re.compile(r"\bcalor|\bheat|\btermic|\bthermal|\bvapor\b|\bsteam\b")),
    ("water", re.compile(r"\bagua|\bwater")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Header:
    """A column by its header `text`. `unit` as scale_of takes it, "" if it tells none; `why` it is left out, "" if it is not."""

    text: str
    words: str
    unit: str = ""
    why: Why = ""

    @property
    def named(self) -> bool:
        """Whether it begins as a column of readings is called, so that its unit need not be told."""
        return bool(_NAMED.match(plain(self.text)))

    @property
    def counter(self) -> bool:
        """Whether it is called as the readings of a counter are: not what ran through it."""
        return bool(_COUNTER.search(self.words)) and bool(self.unit) and not _RATE_OR_STATE.search(self.unit)

    @property
    def amount(self) -> str:
        """What its readings are amounts of ("kWh", "m3"), "" of a rate, a state or no unit."""
        return "" if not self.unit or _RATE_OR_STATE.search(self.unit) else scale_of(self.unit, timedelta(days=1)).unit


def plain(name: str) -> str:
    """A header for comparing: folded, letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", fold(name).lower())


def judged(text: str) -> Header:
    """What a header tells of its column alone."""
    said = _folded(text)
    found = [*_UNIT.finditer(said)]
    words = _words(_UNIT.sub(" ", said))
    unit, ratio = ("", False) if len(found) != 1 else _unit(found[0], said)
    many = len({one.group("one") for one in found}) > 1 or any(_OF.search(said[: one.start()]) for one in found)
    why: Why = next((why for why, pattern in _WHY if pattern.search(words)), "")
    if not why and (ratio or many):
        why = "ratio"
    state = bool(_RATE_OR_STATE.search(unit))
    if not why and ((_MEAN.search(words) and not state) or (_PEAK.search(words) and unit in {"kW", "MW"})):
        why = "statistic"
    if not why and "m3" in unit and _FLUID.search(words):
        why = "fluid"
    if not why and unit and _HOUR.fullmatch(words):
        why = "hour"
    return Header(text, words, unit, why)


def all_judged(texts: Iterable[str]) -> list[Header]:
    """What each header tells beside the others: a year in one is another year's, if some have none."""
    found = [judged(text) for text in texts]
    readings = [one for one in found if one.unit and not one.why]
    dated = {one.text for one in readings if re.search(r"\b20\d\d\b", one.words)}
    if len(readings) > 1 and dated:
        found = [replace(one, why="period") if one.text in dated else one for one in found]
    return found


def compatible(one: Header, unit: str) -> bool:
    """Whether readings under this header could be a meter's in `unit`; so they could if it tells no unit."""
    if not one.unit or one.unit == unit:
        return True
    held, wanted = (scale_of(name, timedelta(days=1)).unit for name in (one.unit, unit))
    return held == wanted


def left_out(columns: Iterable[Header]) -> list[Finding]:
    """What is said of the columns that are left out: one finding for each reason."""
    named: dict[str, list[str]] = {}
    for one in columns:
        if one.why:
            named.setdefault(one.why, []).append(one.text)
    return [Finding(f"left_out_{why}", "warning", {"columns": ", ".join(texts)}) for why, texts in named.items()]


def carrier_of(unit: str, column: str, file: str) -> Carrier:
    """What a meter measures: its column says it, else its file's name, else its unit. InputError if the file's name says two."""
    if unit == "degC":
        return "temperature"
    volume = "m3" in unit or unit.startswith("l")
    possible = {"water", "gas", "fuel"} if volume else {"electricity", "gas", "fuel", "heat"}
    for said in (column, file):
        told = [carrier for carrier, pattern in _CARRIERS if pattern.search(_words(_folded(said))) and carrier in possible]
        if len(told) > 1:
            raise InputError(f"{file}: column {column} does not tell whether it is {' or '.join(told)}: write it in its header")
        if told:
            return told[0]
    return "water" if volume else "electricity"


def _folded(text: str) -> str:
    """Lower case without accents, the words of «energiaVertida_kWh» apart, units still as they are written."""
    apart = re.sub(r"(?<=[a-záéíóúñ]{2})(?=[A-ZÁÉÍÓÚ](?![A-Z]*\b[a-z]?))", " ", text.replace("º", "°"))
    return re.sub(r"\s+", " ", re.sub(r"[_\[\]]", " ", fold(apart))).replace("m^3", "m3").strip()


def _words(said: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[^a-z0-9€$£¥]+", " ", re.sub(r"(?<=[a-z]{3})(?=\d)", " ", said))).strip()


def _unit(found: re.Match[str], said: str) -> tuple[str, bool]:
    """(Unit, whether it is a ratio of other things than amounts and times)."""
    one = found.group("one").replace(" ", "").strip("()")
    one = _PARTS["l" if one.startswith("l") else one]
    if _THOUSANDS.search(said):
        one = _THOUSAND.get(one, "")
    per = found.group("short") or found.group("minus") or found.group("per")
    if not per or not one:
        return one, False
    time = _TIMES.get(per, _TIMES.get(per.removesuffix("s"), ""))
    if not time or one in {"kW", "MW", "degC"}:
        return "", True
    return f"{one}/{time}", False
