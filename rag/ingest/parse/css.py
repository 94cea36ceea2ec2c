"""The stylesheets that stand in a page: what they and an element's own `style` declare for it. Pure.

As much of CSS as tells what is hidden, for a desk's screen: selectors of tags, classes, ids and `*`, within each other by a space
or `>`; order, weight and `!important`; `@media` by kind and width. Not understood, and passed over: rules with `+`, `~`, `[...]`
or `:...`, `var()`, and sheets that a page only links to, as nothing is fetched for a page.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

_WIDTH = 1280
"""Of the screen that a page is read on, in pixels."""
_DEEPEST, _MOST_NESTED, _LONGEST_NESTED = 20, 1_000, 20_000
_NOISE = re.compile(r"""/\*.*?(?:\*/|\Z)|<!--|-->|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))")
_NAME = r"(?:\\.|[\w-]|[^\x00-\x7f])+"
_PART = re.compile(rf"([.#]?)({_NAME})|\*")
_COMPOUND = re.compile(rf"(?:{_NAME}|\*)?(?:[.#]{_NAME})*")
_FEATURE = re.compile(r"\(\s*(min|max)-width\s*:\s*([\d.]+)(px|r?em)\s*\)")
_CONDITIONS = re.compile(r"\s*(?:only\s+)?(?:all|screen)?(?:\s+and\s+)?", re.IGNORECASE)
_ANY = "inherit|initial|unset|revert"
_KNOWN: Mapping[str, re.Pattern[str]] = {
    name: re.compile(f"{values}|{_ANY}")
    for name, values in {
        "display": "none|contents|[a-z-]*(?:block|inline|flex|grid|table|flow|ruby|list)[a-z- ]*",
        "visibility": "visible|hidden|collapse",
        "position": "static|relative|absolute|fixed|(?:-webkit-)?sticky",
        "font-size": r"[+-]?[\d.]+(?:%|[a-z]+)?|[a-z-]+\(.*\)|[x-]*(?:small|large)(?:er)?|medium",
    }.items()
}
"""What a browser understands: any other value of these it passes over, and so would undo nothing."""

Declared = dict[str, str]


@dataclass(frozen=True, slots=True)
class _Compound:
    """`p.note#first`; `child`: it stands directly within the one before."""

    tag: str
    ids: frozenset[str]
    classes: frozenset[str]
    child: bool

    def fits(self, element: Any) -> bool:
        return (
            self.tag in ("", element.tag)
            and (not self.ids or element.get("id") in self.ids)
            and self.classes <= set((element.get("class") or "").split())
        )


@dataclass(frozen=True, slots=True)
class _Rule:
    path: tuple[_Compound, ...]
    weight: tuple[int, int, int]
    declared: tuple[tuple[str, str, bool], ...]


class Sheets:
    """The sheets of one page."""

    def __init__(self, sheets: Iterable[str], properties: frozenset[str]) -> None:
        """`properties` are those asked for; of a shorthand its own name."""
        self._properties = properties
        self._alike: dict[tuple[str, str | None, str | None], list[tuple[int, _Rule]]] = {}
        self._rules: defaultdict[str, list[tuple[int, _Rule]]] = defaultdict(list)
        for order, rule in enumerate(rule for sheet in sheets for rule in self._read(sheet)):
            last = rule.path[-1]
            key = next((f"#{one}" for one in last.ids), next((f".{one}" for one in sorted(last.classes)), last.tag))
            self._rules[key].append((order, rule))

    def declared(self, element: Any) -> Declared:
        """The declarations that hold for an element, of those that hold at all the heaviest of each property."""
        rules = [(one.weight, order, one.declared) for order, one in self._of(element) if _within(one.path, element)]
        style = element.get("style")
        if style:
            rules.append(((2**31, 0, 0), 0, tuple(self._declarations(style))))
        found: Declared = {}
        for important in (False, True) if rules else ():
            for _, _, declared in sorted(rules, key=lambda rule: rule[:2]):
                found.update({name: value for name, value, heavier in declared if heavier == important})
        return found

    def _of(self, element: Any) -> list[tuple[int, _Rule]]:
        """The rules whose last part fits an element, which all of its tag, id and classes share."""
        alike = (element.tag, element.get("id"), element.get("class"))
        if alike not in self._alike:
            classes = dict.fromkeys((alike[2] or "").split())
            keys = ("", alike[0], f"#{alike[1]}", *(f".{one}" for one in classes))
            self._alike[alike] = [one for key in keys for one in self._rules.get(key, ()) if one[1].path[-1].fits(element)]
        return self._alike[alike]

    def _read(self, sheet: str) -> Iterator[_Rule]:
        """The rules of a sheet that declare any of the properties."""
        pieces = re.split(r"([{}])", _NOISE.sub(lambda match: '""' if match.group()[0] in "\"'" else " ", sheet))
        around = [(True, "")]  # of each block: whether it is read, and the selectors of the rule that it is or stands in
        for text, mark in zip(pieces[::2], [*pieces[1::2], "}"], strict=True):
            is_read, selectors = around[-1]
            body, _, prelude = text.rpartition(";") if mark == "{" else (text, "", "")
            declared = tuple(self._declarations(body)) if is_read and selectors else ()
            for path in map(_path, selectors.split(",") if declared else ()):
                if path:
                    yield _Rule(path, _weight(path), declared)
            if mark == "{":
                is_rule = not prelude.strip().startswith("@")
                around.append(
                    (
                        is_read and len(around) < _DEEPEST and (is_rule or _holds(prelude)),
                        _nested(selectors, prelude) if is_rule and is_read else selectors,
                    )
                )
            elif len(around) > 1:
                around.pop()

    def _declarations(self, text: str) -> Iterator[tuple[str, str, bool]]:
        for one in text.split(";"):
            name, _, value = _unescaped(one).lower().partition(":")
            value, _, mark = value.strip().partition("!")
            name, value = name.strip(), value.strip()
            known = _KNOWN.get(name)
            if name in self._properties and value and (known is None or known.fullmatch(value)):
                yield name, value, mark.strip() == "important"


def on_screen(media: str) -> bool:
    """Whether what is meant for these media is for a desk's screen too: «screen and (min-width: 40em)», «print»."""
    return not media.strip() or any(map(_is_met, media.split(",")))


def _is_met(query: str) -> bool:
    widths = _FEATURE.findall(query.lower())
    left = _CONDITIONS.sub("", _FEATURE.sub("", query.lower()), count=1)
    if left.replace("and", "").strip():
        return False
    return all((edge == "min") == (float(size) * (1 if unit == "px" else 16) <= _WIDTH) for edge, size, unit in widths)


def _holds(prelude: str) -> bool:
    """Whether the rules in the block of an at-rule hold."""
    name = re.match(r"\s*@([\w-]*)", prelude)
    kind = name[1].lower() if name else ""
    return on_screen(prelude[name.end() :]) if name and kind == "media" else kind in ("supports", "layer")


def _nested(around: str, inner: str) -> str:
    """The selectors of a rule that stands in another one's block."""
    if not around:
        return inner
    pairs = ((outer, one) for outer in around.split(",") for one in inner.split(","))
    joined = ",".join(one.replace("&", outer) if "&" in one else f"{outer} {one}" for outer, one in islice(pairs, _MOST_NESTED))
    return joined[:_LONGEST_NESTED]


def _path(selector: str) -> tuple[_Compound, ...]:
    """A selector, from the outermost to the element itself; empty if it is not understood."""
    path: list[_Compound] = []
    child = False
    for word in selector.replace(">", " > ").split():
        if word == ">":
            child = True
            continue
        if not _COMPOUND.fullmatch(word):
            return ()
        parts = [(kind, _unescaped(name)) for kind, name in _PART.findall(word)]
        ids, classes = (frozenset(name for kind, name in parts if kind == mark) for mark in "#.")
        path.append(_Compound(next((name.lower() for kind, name in parts if not kind), ""), ids, classes, child))
        child = False
    return tuple(path)


def _weight(path: tuple[_Compound, ...]) -> tuple[int, int, int]:
    return sum(len(one.ids) for one in path), sum(len(one.classes) for one in path), sum(bool(one.tag) for one in path)


def _within(path: tuple[_Compound, ...], element: Any) -> bool:
    """Whether what stands around an element is as the selector says. Takes the nearest that fits, and does not go back."""
    around = element.getparent()
    for inner, outer in zip(path[:0:-1], path[-2::-1], strict=True):
        while around is not None and not inner.child and not outer.fits(around):
            around = around.getparent()
        if around is None or not outer.fits(around):
            return False
        around = around.getparent()
    return True


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda match: chr(min(int(match[1], 16), 0x10FFFF)) if match[1] else match[2], text)
