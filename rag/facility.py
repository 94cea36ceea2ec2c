"""Which facility a question is about, and whether a passage speaks of another one instead. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from rag.analyse import words
from rag.models import Hit


@dataclass(frozen=True, slots=True)
class Facility:
    """The facility that a question is about, what it is called and what the others are; empty if it is about none.

    Of the others only proper names count: «la red» is one of them and many other things too.
    """

    site: str = ""
    names: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    def told_of_another(self, hit: Hit, text: str) -> bool:
        """Whether a passage's text is of another facility, by its document or by a name, and does not name the one asked for."""
        if not self.site or hit.passage.document.site == self.site:
            return False
        said = _spaced(" ".join((*hit.passage.locator.headings, text)))
        if any(_spaced(name) in said for name in self.names):
            return False
        return bool(hit.passage.document.site) or any(_spaced(name) in said for name in self.others if name != name.lower())


ANY = Facility()
"""A question that is about no facility in particular."""


def _spaced(text: str) -> str:
    """The folded words, so that a name is found only as whole words."""
    return f" {' '.join(words(text))} "
