"""The times that a text names, in Spanish and English: days, months, seasons, years, ranges. Which days: rag.days. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rag.analyse import fold

_ES = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split()
_EN = "january february march april may june july august september october november december".split()
MONTHS = {name: number for names in (_ES, _EN) for number, name in enumerate(names, start=1)} | {"setiembre": 9}
_SHORT = {name[:3]: number for name, number in MONTHS.items()} | {"sept": 9}
_LONG = "|".join(sorted(MONTHS.keys() - {"may"}, key=len, reverse=True))
_ANY = "|".join(sorted(MONTHS.keys() | _SHORT.keys(), key=len, reverse=True))
_YEAR = r"20[0-4]\d"
SEASONS = {"winter": 1, "spring": 2, "summer": 3, "autumn": 4}
_SEASON = SEASONS | {"invierno": 1, "primavera": 2, "verano": 3, "otono": 4, "fall": 4}
_ONE_SEASON = "|".join(_SEASON)
_OF = r"(?:(?:de|del|of|,)\s*)?"
WEEK = ("lunes martes miercoles jueves viernes sabado domingo monday tuesday wednesday thursday friday saturday sunday").split()
_PARTS = {
    **{day: place % 7 for place, day in enumerate(WEEK)},
    **dict.fromkeys("semana week".split(), 7),
    **dict.fromkeys("finde weekend".split(), 8),
    **dict.fromkeys("quincena mitad half fortnight".split(), 9),
}
"""What a month has several of, by number as in `Point.part`."""
_NTH = {
    **dict.fromkeys("primer primera primero first".split(), 1),
    **dict.fromkeys("segundo segunda second".split(), 2),
    **dict.fromkeys("tercer tercera tercero third".split(), 3),
    **dict.fromkeys("cuarto cuarta fourth".split(), 4),
    **dict.fromkeys("ultimo ultima last".split(), -1),
}
_POINTS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:(?:el|la|del|the)\s+)?(?P<nth>{'|'.join(_NTH)})\s+(?P<part>{'|'.join(_PARTS)}|fin de semana)\s+"
        rf"(?:de|del|of|in|en)\s+(?:the\s+)?"
        rf"(?P<n>{_LONG}|may)\b(?:\s+{_OF}(?P<y>{_YEAR})\b)?",
        rf"(?<![\d-])(?P<y>{_YEAR})-(?P<m>\d\d)-(?P<d>\d\d)(?![\d-])",
        rf"(?<![\d/.])(?P<d>\d{{1,2}})[/.](?P<m>\d{{1,2}})[/.](?P<y>{_YEAR})(?![\d/])",
        rf"(?<![\w.,])(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+{_OF}(?P<n>{_ANY})\b\.?(?:\s+{_OF}(?P<y>{_YEAR})\b)?",
        rf"\b(?P<n>{_ANY})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![\d.,:]*\d)(?!\s*(?:%|kwh|kw|m3|h\b))(?:,?\s+(?P<y>{_YEAR})\b)?",
        rf"(?<![\d-])(?P<y>{_YEAR})-(?P<m>\d\d)(?![\d-])",
        rf"(?<![\d/])(?P<m>\d\d?)/(?P<y>{_YEAR})(?![\d/])",
        rf"\b(?P<n>{_ANY})\b\.?\s+{_OF}(?P<y>{_YEAR})\b",
        rf"\b(?P<n>{_LONG})\b",
        r"\b(?:in|of|for|and|during|since|from|to|until|between|vs|with)\s+(?P<n>may)\b",
        r"\b(?P<n>may)\s+(?=consumption|usage|use\b|electricity|energy|peak|cost)",
        rf"\b(?:(?P<q>[1-4])(?:er|o|st|nd|rd|th)?|(?P<w>primer|segundo|tercer|cuarto|first|second|third|fourth))\s+(?:trimestre|quarter)"
        rf"(?:\s+{_OF}(?P<y>{_YEAR})\b)?",
        rf"\bq(?P<q>[1-4])\b(?:\s+{_OF}(?P<y>{_YEAR})\b)?",
        rf"(?<!hora de )(?<!horario de )\b(?P<s>invierno|primavera|verano|otono|winter|summer|autumn)\b(?!\s+time)"
        rf"(?:\s+{_OF}(?P<y>{_YEAR})(?:\s*[-/]\s*(?P<z>(?:20)?\d\d))?\b)?",
        rf"\b(?:in|during|of)\s+(?:the\s+)?(?P<s>spring|fall)\b(?!\s+water)(?:\s+{_OF}(?P<y>{_YEAR})\b)?|\b(?P<t>spring|fall)\s+(?P<u>{_YEAR})\b",
        rf"(?<![\w.,/-])(?P<y>{_YEAR})(?![\w/-]|[.,]\d|\s*(?:€|%|eur|kwh|kw\b|m3|h\b))",
    )
)
"""Earlier ones win where two begin at one place or overlap."""
_ORDINAL = re.compile(r"\b(?P<w>primer|segundo|tercer|cuarto|first|second|third|fourth)o?\b(?!\s+\w+mestre)")
"""A quarter where one is named beside it: «el primer trimestre comparado con el segundo»."""
_QUARTERS = {"primer": 1, "segundo": 2, "tercer": 3, "cuarto": 4, "first": 1, "second": 2, "third": 3, "fourth": 4}
_QUARTER = re.compile(r"\b(?:trimestre|quarter)\b")
_RELATIVE = {
    "month": r"(?:(?:el|del)\s+)?mes\s+(?:pasado|anterior)|(?:el\s+|del\s+)?ultimo\s+mes(?:\s+completo)?"
    r"|(?:the\s+)?(?:last|previous)\s+(?:complete\s+|full\s+|whole\s+)?month",
    "year": r"(?:(?:el|del)\s+)?ano\s+(?:pasado|anterior)|(?:the\s+)?(?:last|previous)\s+year",
    "this_year": r"este\s+ano|this\s+year",
    "this_month": r"este\s+mes|this\s+month",
    "before_yesterday": r"\banteayer\b|\bantes de ayer\b|\b(?:the\s+)?day before yesterday\b",
    "yesterday": r"(?<!antes de )\bayer\b|(?<!before )\byesterday\b",
    "today": r"\bhoy\b(?!\s+(?:en\s+)?dia)|\btoday\b",
    "this_week": r"esta\s+semana|this\s+week\b",
    "week": r"(?:la\s+)?semana\s+pasada|(?:the\s+)?(?:last|previous)\s+week\b",
    "weekend": r"(?:el\s+)?(?:fin\s+de\s+semana|finde)\s+pasado|(?:el\s+)?pasado\s+(?:fin\s+de\s+semana|finde)\b"
    r"|(?:the\s+)?last\s+weekend\b",
}
_BARE_DAY = re.compile(
    r"(?:del|desde el|from|between|entre el)\s+(?:the\s+)?(\d{1,2})(?:st|nd|rd|th)?\s+(?:al|y el|y|to|and)\s+$"
)
_RANGE_OPENS = re.compile(r"(?:entre|between|de|del|desde|from)\s+(?:el\s+|the\s+)?$")
_JOINS = re.compile(r"\s*(?:y|and|a|al|to|hasta|until|through|-|–)\s*(?:el\s+|the\s+)?")
_TO = re.compile(r"\s*(?:a|al|to|hasta|until|through|-|–)\s*(?:el\s+|the\s+)?")
_SINCE, _UNTIL = re.compile(r"(?:desde|since)\s+(?:el\s+|the\s+)?$"), re.compile(r"(?:hasta|until)\s+(?:el\s+|the\s+)?$")
_WEEKDAY = re.compile(rf"\b(?:(?:los|el|un|on|a|each|every|cada)\s+)?({'|'.join(WEEK)})s?\b")
_WEEKEND = re.compile(r"\b(?:(?:los|el|on|at|each|cada)\s+)?(?:the\s+)?(?:fin(?:es)?\s+de\s+semana|findes?|weekends?)\b")
_LAST = re.compile(
    rf"\b(?:(?:el|la|del)\s+)?(?:(?P<a>{'|'.join(WEEK)}|{_ONE_SEASON})\s+(?:pasad[oa]|anterior)|"
    rf"(?:pasad[oa]|ultim[oa]|(?:the\s+)?(?:last|previous|past))\s+(?P<b>{'|'.join(WEEK)}|{_ONE_SEASON})|"
    rf"(?P<this>est[ea]|this)\s+(?P<c>{_ONE_SEASON}))\b(?!\s+(?:de|del|of|in|time)\b)"
)
"""The one before today: «el martes pasado», "last winter"; and the season that is, or was last: «este verano»."""
_MOST = 4
"""Times of one question."""


@dataclass(frozen=True, slots=True)
class Point:
    """A day, a month, a quarter, a season or a year as it is said: 0 for what is not. The day may be one that there is not.

    `nth` is which of a month's parts is meant, 1 to 4 or -1 for the last: of its Mondays (`part` 0, to 6 for Sundays), its weeks
    (7; of seven days from the first, the last week its last seven days), its weekends (8) or its halves (9).
    A season is three whole months (1 is December to February, 2 March to May), and a winter is of the year in which it ends.
    """

    year: int = 0
    month: int = 0
    day: int = 0
    quarter: int = 0
    season: int = 0
    nth: int = 0
    part: int = 0


@dataclass(frozen=True, slots=True)
class When:
    """From the beginning of one point to the end of another; None is the beginning or the end of what there is.

    `relative` is a time that is told from today (a key of _RELATIVE; or "last tuesday", "last winter", "this winter") and has no
    points.
    """

    first: Point | None = None
    last: Point | None = None
    relative: str = ""


Hours = tuple[int, int]
NIGHT: Hours = (0, 6)
_CLOCK = r"(?:(?P<{0}>[01]?\d|2[0-4])(?P<{0}m>:00)?(?:\s*(?P<{0}h>h|horas?|hrs|hours?)\b\.?)?)"
_HOURS = re.compile(
    rf"\b(?:de|desde|entre|from|between)\s+(?P<las>las?\s+)?{_CLOCK.format('a')}\s*(?:a|y|hasta|to|and|until|-)\s*(?:las?\s+)?"
    rf"{_CLOCK.format('b')}(?![\d.,:/]*\d)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Found:
    when: When
    start: int
    end: int


def times(text: str) -> tuple[tuple[When, ...], str]:
    """The times that a text names, in order, and the folded text without them."""
    plain = fold(text)
    told_from_today = list(_relatives(plain))
    bare = plain
    for one in told_from_today:
        bare = f"{bare[: one.start]}{'_' * (one.end - one.start)}{bare[one.end :]}"
    found = sorted((*_ranges(bare, list(_points(bare))), *told_from_today), key=lambda one: one.start)[:_MOST]
    rest = plain
    for one in reversed(found):
        rest = f"{rest[: one.start]} {rest[one.end :]}"
    return tuple(one.when for one in found), rest


def _points(plain: str) -> Iterator[tuple[Point, int, int]]:
    taken: list[tuple[int, int]] = []
    for pattern in (*_POINTS, *([_ORDINAL] if _QUARTER.search(plain) else [])):
        for match in pattern.finditer(plain):
            start, end = match.span()
            if any(start < last and first < end for first, last in taken) or (point := _point(match)) is None:
                continue
            taken.append((start, end))
            yield point, start, end


def _point(match: re.Match[str]) -> Point | None:
    """None for a number that is no month, or the day of none."""
    said = match.groupdict()
    if name := said.get("s") or said.get("t"):
        year = int(said.get("y") or said.get("u") or 0)
        return Point(year + (1 if said.get("z") and _SEASON[name] == 1 else 0), season=_SEASON[name])
    name, quarter = said.get("n") or "", said.get("q") or ""
    month = MONTHS.get(name) or _SHORT.get(name) or int(said.get("m") or 0)
    day, year = int(said.get("d") or 0), int(said.get("y") or 0)
    if month > 12 or day > 31 or (said.get("m") and not month):
        return None
    if nth := _NTH.get(said.get("nth") or "", 0):
        part = _PARTS.get(said["part"], 8)
        return None if part == 9 and nth > 2 else Point(year, month, nth=nth, part=part)
    return Point(year, month, day, int(quarter) if quarter else _QUARTERS.get(said.get("w") or "", 0))


def _ranges(plain: str, points: list[tuple[Point, int, int]]) -> Iterator[_Found]:
    """Points, two of them together where the words around say so; what has no year takes the one beside it."""
    ordered = sorted(points, key=lambda one: one[1])
    place = 0
    while place < len(ordered):
        point, start, end = ordered[place]
        before = plain[:start]
        after = ordered[place + 1] if place + 1 < len(ordered) else None
        between = plain[end : after[1]] if after else ""
        opens = _RANGE_OPENS.search(before)
        if after and (_TO.fullmatch(between) or (opens and _JOINS.fullmatch(between))):
            yield _Found(_range(point, after[0]), opens.start() if opens else start, after[2])
            place += 2
            continue
        if (bare := _BARE_DAY.search(before)) and point.day:
            yield _Found(When(replace(point, day=int(bare.group(1))), point), bare.start(), end)
        elif since := _SINCE.search(before):
            yield _Found(When(point, None), since.start(), end)
        elif until := _UNTIL.search(before):
            yield _Found(When(None, point), until.start(), end)
        else:
            said = point if point.year or after is None or not after[0].year else replace(point, year=after[0].year)
            yield _Found(When(said, said), start, end)
        place += 1


def _range(first: Point, last: Point) -> When:
    if last.year and not first.year and first != last:
        earlier = (first.month, first.day) > (last.month, last.day) and bool(first.month and last.month)
        return When(replace(first, year=last.year - earlier), last)
    return When(first, last if last.year or not first.year else replace(last, year=first.year))


def _relatives(plain: str) -> Iterator[_Found]:
    for name, pattern in _RELATIVE.items():
        for match in re.finditer(rf"(?:{pattern})(?!\s+(?:of|in\s+(?:{_LONG}|may))\b)", plain):
            yield _Found(When(relative=name), *match.span())
    for match in _LAST.finditer(plain):
        word = match.group("a") or match.group("b") or match.group("c")
        number = _SEASON.get(word)
        one = list(SEASONS)[number - 1] if number else WEEK[7 + WEEK.index(word) % 7]
        yield _Found(When(relative=f"{'this' if match.group('this') else 'last'} {one}"), *match.span())


def hours(plain: str) -> tuple[Hours | None, str]:
    """The hours of the day that a folded text names, from one up to another («de 22 a 6 h»), and the text without them."""
    for match in _HOURS.finditer(plain):
        said = match.groupdict()
        first, last = int(said["a"]), int(said["b"])
        if first != last and any(said[key] for key in ("las", "am", "ah", "bm", "bh")):
            return (first % 24, last), f"{plain[: match.start()]} {plain[match.end() :]}"
    return None, plain


def weekdays(plain: str, *, weekends: bool) -> tuple[tuple[int, ...], str]:
    """The days of the week that a folded text names, Monday as 0, and the text without them; weekends too, if said."""
    found = {WEEK.index(match.group(1)) % 7 for match in _WEEKDAY.finditer(plain)}
    if weekends and _WEEKEND.search(plain):
        found, plain = found | {5, 6}, _WEEKEND.sub(" ", plain)
    return tuple(sorted(found)), _WEEKDAY.sub(" ", plain)
