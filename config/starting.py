"""The first thing that app.py imports: what a program that has just begun need not do."""

from __future__ import annotations

import gc
import importlib.util
import sys
from contextlib import suppress
from types import ModuleType
from typing import Any

LATER = ("lance_namespace_urllib3_client", "langsmith.types")
"""Packages that build hundreds of data models when anything of them is imported; nothing here uses those. The first is lancedb's
client of a catalogue over HTTP, the second what LangSmith's own service exchanges.
"""


class Later(ModuleType):
    """A package whose modules can be imported at once and whose own code runs when something asks the package for a name."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or self.__spec__ is None or self.__spec__.loader is None:
            raise AttributeError(name)
        self.__class__ = ModuleType  # type: ignore[assignment]  # from here on it is the package
        self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def later(name: str) -> None:
    """Put a package off; nothing if it is not installed, or loaded already."""
    spec = None
    with suppress(ModuleNotFoundError):  # the package that it is in
        spec = None if name in sys.modules else importlib.util.find_spec(name)
    if spec is None or spec.submodule_search_locations is None:
        return
    package = Later(name)
    package.__spec__, package.__package__, package.__file__ = spec, name, spec.origin
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules[name] = package
    above, _, own = name.rpartition(".")
    if above:
        setattr(sys.modules[above], own, package)


def started() -> None:
    """All is imported: it stays, so the collector need not look through it again."""
    gc.freeze()
    gc.enable()


gc.disable()  # nothing of what is imported is garbage, and looking through it again and again was a fifth of the time
for _name in LATER:
    later(_name)
