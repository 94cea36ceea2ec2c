"""Which text of a page no reader sees, by attributes, `style` and the page's own stylesheets: not shown, too small to be, beside
the page, or in the colour of what is under it.

What opens at a press is seen: the panels of tabs, and what a control names as its own (`aria-controls`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from PIL import ImageColor

from rag.ingest.parse.css import Declared, Sheets, on_screen

_SIDES = ("left", "top", "right", "bottom")
_PROPERTIES = frozenset(
    "display visibility font-size color background background-color background-image position text-indent clip".split()
).union(_SIDES)
_ATTRIBUTES = {"color": "color", "background-color": "bgcolor", "background-image": "background"}
_BESIDE = -500
"""Pixels from the page's edge; so far away nothing is in sight."""
_LENGTH = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))([a-z]*|%)")
_PIXELS = {
    "px": 1.0,
    "": 1.0,
    "pt": 1.33,
    "em": 16.0,
    "rem": 16.0,
    "ch": 8.0,
    "vw": 12.8,
    "%": 12.8,
    "vh": 8.0,
    "cm": 37.8,
    "in": 96.0,
}
_ALIKE = 16
"""Of 255, in each of red, green and blue: colours nearer than this cannot be told apart by who does not look for it."""
_WHITE = (255, 255, 255)
_ROOTS = ("html", "body", "head")
"""Programs that show a page only once it is complete hide these: nobody is meant to see nothing."""

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Look:
    """How an element's own text looks; `under` is None where it is not known, be it a picture."""

    hidden: bool = False
    tiny: bool = False
    colour: Colour | None = (0, 0, 0)
    under: Colour | None = _WHITE

    @property
    def unseen(self) -> bool:
        alike = self.colour is not None and self.under is not None and _near(self.colour, self.under)
        return self.hidden or self.tiny or alike


def stylesheets(tree: Any) -> Sheets:
    """The sheets that stand in a page and are meant for the screen."""
    return Sheets((one.text or "" for one in tree.iter("style") if on_screen(one.get("media") or "")), _PROPERTIES)


def drop_unseen(tree: Any, sheets: Sheets) -> None:
    """Drop what no reader sees. Colours are judged where the page itself says what is under the text: a sheet that is
    only linked to may paint a background.
    """
    opened = {name for one in tree.xpath("//*[@aria-controls]") for name in one.get("aria-controls").split()}
    linked = bool(tree.xpath("//link[contains(translate(@rel, 'STYLEH', 'styleh'), 'stylesheet')]"))
    start = _Look(under=None if linked else _WHITE)
    looks: dict[Any, _Look | None] = {}  # None: dropped
    for element in list(tree.iter("*")):
        around = looks.get(element.getparent(), start)
        if around is None:
            looks[element] = None
            continue
        declared, opens = (
            _by_attribute(element) | sheets.declared(element),
            element.get("role") == "tabpanel" or element.get("id") in opened,
        )
        for name in ("hidden", "aria-hidden", "style") if opens else ():
            element.attrib.pop(name, None)
        is_root = element.tag in _ROOTS
        gone = not (opens or is_root) and _is_gone(element, declared)
        looks[element] = look = None if gone else _look(declared, around, keeps=opens or is_root)
        if look is not None and look.unseen:
            element.text = None
            for child in element:
                child.tail = None
    for element in [one for one, look in looks.items() if look is None]:
        if element.getparent() is not None:
            element.drop_tree()


def _by_attribute(element: Any) -> Declared:
    """What letters and old pages declare without a style: `<td bgcolor=navy><font color=white>`."""
    stated = {name: (element.get(attribute) or "").strip().lower() for name, attribute in _ATTRIBUTES.items()}
    return {name: value for name, value in stated.items() if value}


def _is_gone(element: Any, declared: Declared) -> bool:
    """Whether an element is away with all that is in it."""
    if "hidden" in element.attrib or element.get("aria-hidden") == "true" or declared.get("display") == "none":
        return True
    is_placed = declared.get("position", "static") not in ("static", "sticky")
    moved = [declared.get(side) for side in _SIDES] if is_placed else []
    clipped = is_placed and re.match(r"rect\((?:\s*[01](?:px)?[\s,]*){4}\)", declared.get("clip", "")) is not None
    return clipped or any((_pixels(one) or 0) <= _BESIDE for one in (*moved, declared.get("text-indent")))


def _look(declared: Declared, around: _Look, *, keeps: bool) -> _Look:
    look = around
    if not keeps:
        visibility, size = declared.get("visibility", "inherit"), declared.get("font-size", "inherit")
        found = _LENGTH.fullmatch(size)
        relative = found is not None and found[2] in ("em", "%", "ex", "ch")
        look = replace(
            look,
            hidden=look.hidden if visibility == "inherit" else visibility in ("hidden", "collapse"),
            tiny=look.tiny if size == "inherit" or (relative and look.tiny) else found is not None and float(found[1]) <= 0,
        )
    if declared.get("color", "inherit") != "inherit":
        look = replace(look, colour=_transparent(declared["color"], look.under) or _colour(declared["color"]))
    for name in ("background", "background-color", "background-image"):
        value = declared.get(name, "none")
        if value not in ("none", "transparent", "initial", "inherit", "unset"):
            look = replace(look, under=None if name == "background-image" else _colour(value))
    return look


def _transparent(value: str, under: Colour | None) -> Colour | None:
    return under if value == "transparent" else None


def _colour(value: str) -> Colour | None:
    """A plain colour; None for what is none or is not known."""
    try:
        found = ImageColor.getrgb(value)
    except ValueError:
        return None
    return found[:3] if len(found) == 3 or found[3] == 255 else None


def _near(one: Colour, other: Colour) -> bool:
    return all(abs(first - second) < _ALIKE for first, second in zip(one, other, strict=True))


def _pixels(value: str | None) -> float | None:
    found = _LENGTH.fullmatch(value or "")
    return float(found[1]) * _PIXELS[found[2]] if found and found[2] in _PIXELS else None
