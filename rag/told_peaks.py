"""The quarter-hour peak that a site's documents tell, as a figure of the site: contracted power is reckoned with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from config.company import FactConfig, SiteConfig
from rag import states
from rag.cite import shortened
from rag.for_and_against import is_of
from rag.models import Scope
from rag.peaks import quarter_hour_peak
from rag.remarks import pieces
from rag.retrieve import Retriever

FACT = "told_peak"


class ToldPeaks:
    """Searches the documents that a scope may see. Raises as Retriever."""

    def __init__(self, retriever: Retriever, sites: Mapping[str, Sequence[str]]) -> None:
        """`sites` has each site's names by its id."""
        self._retriever, self._sites = retriever, sites

    async def of(self, site: SiteConfig, scope: Scope) -> SiteConfig:
        """The site with the newest of them, kW; as it is where its contract's powers are not known, or no document tells one."""
        if "contracted_kw" not in site.tariff:
            return site
        hits = await self._retriever.search(states.PEAKS, "es", Scope(scope.audiences, site.id))
        found = [
            (states.when(piece, hit.passage.document.date), kilowatts, hit.passage.document.title)
            for hit in hits
            for piece, _ in pieces(hit.passage.text)
            if (kilowatts := quarter_hour_peak(piece, hit.passage.language)) is not None
            and is_of(self._sites, site.id, "peak", piece, hit.passage)
        ]
        if not found:
            return site
        _, kilowatts, title = max(found)
        told = FactConfig(value=kilowatts, unit="kW", source=shortened(title))
        return site.model_copy(update={"facts": {**site.facts, FACT: told}})
