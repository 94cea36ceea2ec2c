"""Green Button (NAESB ESPI) XML: interval readings with their power of ten and unit. Pure.

Codes: NAESB ESPI XSD v4 (2023-12-13): uom 72 Wh, 42 m3, 119 ft3, 128 US gallon, 134 litre, 169 therm, 132 Btu; quality 8, 9
and 12 are estimated. Starts are epoch seconds in UTC.
"""

from __future__ import annotations

import pandas as pd
from lxml import etree

from rag.errors import InputError
from rag.readings.units import scale_of

_UNITS = {"72": ("Wh", 1.0), "42": ("m3", 1.0), "166": ("m3", 1.0), "119": ("m3", 0.028316847), "128": ("gal", 1.0),
          "134": ("l", 1.0), "169": ("therm", 29.30011 / 29.3071), "132": ("Wh", 0.29307107)}  # fmt: skip
_ESTIMATED = frozenset({"8", "9", "12"})
_EXPORT = "19"


def looks_like(data: bytes) -> bool:
    """Whether a file is Green Button."""
    head = data[:2000]
    return head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<") and (b"espi" in head or b"IntervalBlock" in head)


def unit_of(data: bytes, name: str) -> str:
    """What its readings are amounts of: "kWh" or "m3". InputError as `read`."""
    uom = _text(_root(data, name), "uom") or "72"
    if uom not in _UNITS:
        raise InputError(f"{name}: unit {uom} of the ESPI list is not read")
    return scale_of(_UNITS[uom][0], pd.Timedelta(hours=1).to_pytimedelta()).unit


def read(data: bytes, name: str, unit: str) -> pd.DataFrame:
    """Columns value (in the meter's unit) and estimated, by UTC start. InputError for what is no Green Button file."""
    root = _root(data, name)
    power, uom = int(_text(root, "powerOfTenMultiplier") or 0), _text(root, "uom") or "72"
    if uom not in _UNITS:
        raise InputError(f"{name}: unit {uom} of the ESPI list is not read")
    if _text(root, "flowDirection") == _EXPORT:
        raise InputError(f"{name}: these are readings of export, not of consumption")
    rows = [
        (int(_text(one, "start") or 0), float(_text(one, "value") or "nan"), _text(one, "quality") in _ESTIMATED)
        for one in root.iterfind(".//{*}IntervalReading")
    ]
    if not rows:
        raise InputError(f"{name}: no interval readings")
    held, size = _UNITS[uom]
    one_interval = pd.Timedelta(hours=1).to_pytimedelta()
    factor = 10.0**power * size * scale_of(held, one_interval).factor / scale_of(unit, one_interval).factor
    starts, values, estimated = zip(*rows, strict=True)
    index = pd.DatetimeIndex(pd.to_datetime(list(starts), unit="s", utc=True))
    return pd.DataFrame({"value": [value * factor for value in values], "estimated": list(estimated)}, index=index)


def _root(data: bytes, name: str) -> etree._Element:
    try:
        return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False))
    except etree.XMLSyntaxError as error:
        raise InputError(f"{name}: broken XML: {error}") from None


def _text(node: etree._Element, name: str) -> str:
    return (node.findtext(f".//{{*}}{name}") or "").strip()
