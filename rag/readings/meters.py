"""The way to the readings for those who may not need them: pandas, pvlib and scipy are loaded with the first use, not before.

A question about documents must be answered in seconds from a cold start, and these packages alone take one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from config.company import SiteConfig
from rag.asked import Asked
from rag.figure import Figure, Reply, Target
from rag.measures.model import Case, Estimate, NotApplicable
from rag.readings.series import Series

if TYPE_CHECKING:
    from rag.readings.store import Readings


class Meters:
    """Series, estimates and indicators of the company's sites."""

    def __init__(self, folder: Path, root: Path | None = None) -> None:
        """`folder` keeps what was parsed; relative paths of files begin at `root`."""
        self._folder, self._root = folder, root

    @cached_property
    def _readings(self) -> Readings:
        from rag.readings.store import Readings

        return Readings(self._folder, self._root)

    async def load(self) -> None:
        """The packages that readings need, now, and not while the first asker waits."""
        await asyncio.to_thread(_load)

    async def of(self, site: SiteConfig) -> Mapping[str, Series]:
        """The site's series by meter id."""
        readings = await asyncio.to_thread(lambda: self._readings)
        return await readings.of(site)

    def assess(self, case: Case) -> tuple[list[Estimate], list[NotApplicable]]:
        """What each measure would do, and why others do not apply. Takes a tenth of a second: to be called in a thread."""
        from rag.measures.registry import assess

        if case.site.network is not None and self._root is not None:  # like the readings, from where those begin
            placed = case.site.model_copy(update={"network": self._root / case.site.network})
            return assess(replace(case, site=placed))
        return assess(case)

    def indicators(self, site: SiteConfig, readings: Mapping[str, Series]) -> list[Figure]:
        """What may be told of a site's meters. To be called in a thread."""
        from rag.readings.indicators import of_site

        return of_site(site, readings)

    def replies(self, asked: Asked, targets: Sequence[Target], today: date) -> Reply:
        """What readings and contracts answer to what was asked of them. To be called in a thread."""
        from rag.readings.replies import reply

        return reply(asked, targets, today)


def _load() -> None:
    import rag.measures.registry
    import rag.readings.indicators
    import rag.readings.replies
    import rag.readings.store  # noqa: F401 - loaded for those who will need them
