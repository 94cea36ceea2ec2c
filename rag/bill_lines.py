"""Questions about a bill that was sent: that they are about it, and which of its lines they ask for. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from config.company import CONVERSATION
from rag.analyse import fold
from rag.beside import ANY, Beside
from rag.brought import Brought
from rag.models import Passage, Scope, Turn

_PARTS = (
    (r"\breactiv", r"\breactiv"),
    (r"\b(iva|vat|igic)\b", r"\b(iva|vat|igic)\b|base imponible|taxable|tax base"),
    (r"\bimpuestos?\b|\btax(es)?\b", r"\bimpuesto|\btax\b|\b(iva|vat|igic)\b"),
    (r"\bpotencia\b|\bpower\b", r"\bpotencia\b|\bpower\b"),
    (r"\b(alquiler|equipos?|rental)\b", r"\b(alquiler|rental)\b"),
    (r"\b(peajes?|tolls?)\b", r"\b(peajes?|tolls?)\b"),
    (r"\b(descuentos?|discounts?)\b", r"\b(descuento|discount)"),
    (r"\b(vence|vencimiento|due)\b", r"\b(vencimiento|due)\b"),
    (r"\bp[1-6]\b", r"\bp[1-6]\b"),
    (r"\b(termino|term) (de |variable )?(la )?energ|\benergy (term|charge)", r"\benerg"),
)
"""What a question names, and the lines that tell it."""
_BILL = r"(factura|recibo|bill|invoice)"
_THE_BILL = re.compile(rf"\b(est[ae]|la|el|mi|this|the|my) {_BILL}\b")
_EXPLAINS = re.compile(rf"\b(expli\w+|desglos\w+|resum\w+|entend\w+|explain|summar\w+|break\w*|understand)\b.*\b{_BILL}\b")
_TABLES = (".csv", ".tsv", ".xlsx", ".xls", ".ods", ".xml", ".parquet", ".json")
_AMOUNT = r"€|\beur|\b[km]wh|\bm[3³]"
_MOST_LINES, _RECENT = 8, 4
"""Lines that are quoted; questions back to which a bill is still spoken of."""


def about_it(question: str, scope: Scope, history: Sequence[Turn], *, elsewhere: bool) -> Scope | None:
    """The scope of what was sent alone, if a question is about a bill in it; `elsewhere`: it names a facility.

    A bill of which no amount could be read is known by its file's name or by what was asked of late.
    """
    own, plain = frozenset(one for one in scope.audiences if one.startswith(CONVERSATION)), fold(question)
    bill = any(is_bill(one) for one in scope.brought)
    asked = [fold(turn.text) for turn in history if turn.role == "user"][-_RECENT:]
    bill = bill or (not scope.brought and any(re.search(_BILL, one) for one in asked))
    named = re.search(rf"\b{_BILL}\b", plain) or _lines(plain) if bill else _THE_BILL.search(plain)
    return replace(scope, audiences=own, site=None) if own and named and not elsewhere else None


def explains(question: str) -> bool:
    """Whether a bill is to be explained as a whole."""
    return _EXPLAINS.search(fold(question)) is not None


def is_bill(held: Brought) -> bool:
    """Whether what was sent is one bill, as a document that can be quoted."""
    return all(
        any(found.rule == "bills" for found in one.findings) and not any(file.lower().endswith(_TABLES) for file in one.files)
        for one in held.readings.values()
    )


def lines(question: str, scope: Scope) -> Beside | None:
    """The lines that tell a part of a bill that is asked for; None if none is, or more than what was sent may answer."""
    if not scope.audiences or not all(one.startswith(CONVERSATION) for one in scope.audiences):
        return None
    found = _lines(fold(question))

    def holds(passage: Passage, said: str) -> bool:
        own = any(one.startswith(CONVERSATION) for one in passage.document.audience)
        return own and found is not None and found.search(fold(said)) is not None and re.search(r"\d", said) is not None

    return Beside(holds, ANY, _MOST_LINES) if found else None


def _lines(plain: str) -> re.Pattern[str] | None:
    told = [line for asked, line in _PARTS if re.search(asked, plain)] or ([_AMOUNT] if _EXPLAINS.search(plain) else [])
    return re.compile("|".join(told)) if told else None
