"""In which language an answer is given. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.access import Where, channel_settings
from bot.messages import IncomingMessage
from bot.places import unnamed
from config.company import CompanyConfig
from rag.analyse import words
from rag.ingest.language import detect
from rag.models import Language, Turn

_SPANISH = frozenset(
    "ayuda olvida olvidar olvidalo olvidame sitio instalacion fuentes idioma lengua recomienda recomiendame recomendar "
    "recomendaciones".split()
)
"""Words that begin a command and are of one language; "help" and "site" are typed by all."""


def hinted(company: CompanyConfig, where: Where, chosen: str = "") -> Language:
    """Where nothing is said: what is set for the conversation or the channel, else their client's, the company's."""
    settings = channel_settings(company, where)
    hints = (chosen, settings.language if settings else None, where.locale[:2].lower(), company.language)
    return "en" if next(hint for hint in hints if hint in {"es", "en"}) == "en" else "es"


def spoken(company: CompanyConfig, message: IncomingMessage, history: Sequence[Turn], chosen: str = "") -> Language:
    """The one `chosen` for the conversation; else of the message if it tells, of what they said before, or as hinted: what others
    said there tells only of who has said nothing yet and of whose client nothing is known.
    """
    default = hinted(company, message, chosen)
    if chosen in {"es", "en"}:
        return default
    asked = [turn for turn in history if turn.role == "user"]
    own = [turn for turn in asked if turn.user_id in {"", message.user}]
    for turn in own or ([] if message.locale else asked):
        default = detect(turn.text, default)
    if (said := words(message.text)) and said[0] in _SPANISH:
        default = "es"
    return detect(unnamed(message.text, company), default)  # «red» is no English word in «Red de Valdemora»
