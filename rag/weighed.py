"""Whether what was told last is much or little: the value again, with what readings and documents give to hold it against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from config.texts import LANGUAGES, text
from rag.asides import compares_two
from rag.asked import Asked
from rag.beside import spans
from rag.compose import answered, from_spans
from rag.evidence import Statement
from rag.facility import Facility
from rag.figures import Figures
from rag.judged import against, told, varied
from rag.models import Answer, Language, Scope, Turn
from rag.retrieve import Retriever


@dataclass(frozen=True, slots=True)
class Doubt:
    """«¿Eso es mucho?» of what was told last: `behind` is the question that it was told to."""

    behind: str
    language: Language
    scope: Scope
    history: Sequence[Turn]
    site_name: str
    facility: Facility


async def weighed(doubt: Doubt, retriever: Retriever, figures: Figures | None) -> Answer:
    """Nothing is judged here: an aim, a limit, a design, a former value are told beside it; or that none is known."""
    language, last = doubt.language, next((one.text for one in reversed(doubt.history) if one.role == "assistant"), "")
    again = await figures.again(language, doubt.scope, doubt.history) if figures else None
    wanted, said, usual = again or (Asked(), (), ())
    question = next((one.text for one in reversed(doubt.history) if one.role == "user"), "")
    held = None if compares_two(question) else told(said[0].text if said else "", last, doubt.behind, doubt.facility, language)
    beside = against(held, wanted, doubt.behind, doubt.facility) if held else None
    query = " ".join(
        (doubt.behind, doubt.site_name, *(text(one, "judged.query") for one in LANGUAGES))
    )  # the yardstick may stand in either
    found = await retriever.holding(query, language, doubt.scope, beside.holds) if beside else None
    each = [replace(found, reads=(read,)) for read in found.reads] if found else []
    quoted = varied([span for one in each for span in spans(query, language, one, beside)]) if beside else []
    compared = [*usual, *from_spans(quoted, language)]
    if not compared:
        unknown = text(language, "judged.unknown" if held else "judged.unclear")
        return answered([*said, Statement(unknown, ())], (), language) if said else Answer("not_found", language, unknown)
    compare = Statement(text(language, "judged.compare"), ())
    return answered([*said, compare, *compared], found.hits if found else (), language, site=doubt.site_name)
