"""What became of a measure, as documents tell: a row of a plan with its state, an entry of a log, a sentence. Pure.

Rather nothing than another measure's state: a row counts only where a column of states stands in its table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby

from rag.headings import CELL, cells, is_row, of_lines
from rag.numerals import numerals, value
from rag.table_rows import labelled

SEARCHED = "plan de actuaciones y medidas, estado: aprobada, adjudicada, en licitación, ejecutada, aplazada, pendiente"
TRIALS = "resultados de la prueba: redujo el consumo, se aprueba su implantación definitiva"
PEAKS = "potencia máxima cuarto-horaria del año, maxímetro"
"""What is searched for to find the tables that tell states, what came of trials, the highest powers that are billed."""
_COLUMN = re.compile(r"^\W*(estado|situaci[oó]n|status|state|standing)\b", re.IGNORECASE)
_DONE = (
    r"adjudicad[oa]s?|contratad[oa]s?|encargad[oa]s?|comprad[oa]s?|pedid[oa]s?|ejecutad[oa]s?|hech[oa]s?|implantad[oa]s?"
    r"|instalad[oa]s?|terminad[oa]s?|finalizad[oa]s?|completad[oa]s?|en (ejecuci[oó]n|obras?|marcha|curso|servicio)"
    r"|awarded|ordered|order was placed|done|completed?|finished|implemented|installed|in (progress|operation)|under way"
)
_OPEN = (
    r"aprobad[oa]s?|en (licitaci[oó]n|estudio|espera)|licitad[oa]s?|solicitad[oa]s?|aplazad[oa]s?|pospuest[oa]s?|descartad[oa]s?"
    r"|desestimad[oa]s?|rechazad[oa]s?|cancelad[oa]s?|suspendid[oa]s?|paralizad[oa]s?|pendientes?|(sin|no) \w+ad[oa]s?|sin \w+ar"
    r"|approved|tendered|out to tender|under study|on hold|postponed|deferred|rejected|cancell?ed|discarded|pending|not \w+ed"
)
_STATES = re.compile(rf"\b({_DONE}|{_OPEN})\b", re.IGNORECASE)
_BEGUN = re.compile(rf"(?<!\bno )(?<!\bsin )(?<!\bnot )(?<!\bsin ser )\b({_DONE})\b", re.IGNORECASE)
_TOLD = re.compile(
    r"\b(no )?se (aprob[oó]|adjudic[oó]|encarg[oó]|ejecut[oó]|aplaz[oó]|descart[oó]|implant[oó])\b"
    r"|\b(no )?(fue(ron)?|(ha|han) sido|queda|qued[oó]|est[aá]n?) (aprobad|adjudicad|pedid|encargad|ejecutad|aplazad"
    r"|descartad|instalad)[oa]s?\b|\best[aá]n? en (licitaci[oó]n|ejecuci[oó]n|obras)\b|\bfin de la prueba\b"
    r"|\b(was|were|has been|have been) (\w+ )?(approved|awarded|ordered|installed|postponed|deferred|rejected|completed)\b"
    r"|\border was placed\b|\btrial (ran|ended|finished|was completed)\b",
    re.IGNORECASE,
)
_CELL = re.compile(r"(?:^|; )\W*(?:estado|situaci[oó]n|status|state|standing)\b[^:;]*: ([^;]*)", re.IGNORECASE)
_TRIED = re.compile(
    r"\b(prueba|ensayo|piloto)\b[^.;:]*\b(redujo|baj[oó]|ahorr[oó]|demostr[oó]|confirm[oó]|mostr[oó]|dio|termin[oó]|finaliz[oó]"
    r"|concluy[oó]|se (realiz[oó]|hizo|complet[oó])|ha (reducido|bajado|ahorrado|demostrado|confirmado|terminado|finalizado))\b"
    r"|\bfin de la prueba\b"
    r"|\b(trial|pilot|test) ([^.;:]* )?(ran|ended|finished|reduced|cut|lowered|saved|showed|confirmed|(was|were) completed)\b",
    re.IGNORECASE,
)
_APPROVED = re.compile(
    r"(?<!\bno )(?<!\bnot )\b(se (aprueba|aprob[oó]|adopta|acuerda (su )?implantar\w*)|(queda|fue|ha sido) aprobad[oa]"
    r"|(is|was|were|has been|have been) (approved|adopted))\b",
    re.IGNORECASE,
)
_STOPPED = re.compile(
    r"\b(aplazad[oa]s?|pospuest[oa]s?|descartad[oa]s?|desestimad[oa]s?|rechazad[oa]s?|cancelad[oa]s?|suspendid[oa]s?"
    r"|paralizad[oa]s?|on hold|postponed|deferred|rejected|cancell?ed|discarded)\b",
    re.IGNORECASE,
)
_SPENT = re.compile(r"^\W*(inversi[oó]n|presupuesto|importe|coste|investment|budget|cost|capex)\b", re.IGNORECASE)
_THOUSANDS, _MILLIONS = re.compile(r"\bk ?€|\bkEUR\b|\bmiles\b|\bthousand", re.IGNORECASE), re.compile(r"\bM ?€|\bMEUR\b")
_SEVERAL = re.compile(r"^\W*(varias|varios|todas|todos|several|various|all)\b", re.IGNORECASE)
_DATE = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)\b")


@dataclass(frozen=True, slots=True)
class Row:
    """A table's row that tells a state: verbatim, as a reader is shown it, its cells but for the state, what it takes in EUR."""

    line: str
    shown: str
    cells: tuple[str, ...]
    investment: float | None = None

    @property
    def of_several(self) -> bool:
        """Whether it says that it is of several sites, or of all."""
        return any(_SEVERAL.match(cell) and len(cell.split()) == 1 for cell in self.cells)


@lru_cache(maxsize=8192)
def rows(passage_text: str, language: str = "es") -> tuple[Row, ...]:
    """The rows that tell a state: of tables of which a column is called so and some row of it has a word of a state there."""
    found: list[Row] = []
    for table, lines in groupby(passage_text.split("\n"), is_row):
        if table:
            found += _of_table(list(lines), language)
    return tuple(found)


def _of_table(lines: Sequence[str], language: str) -> list[Row]:
    for place, line in enumerate(lines):  # what stands above a table's headings may look like a row
        headed = of_lines(lines[place:])
        column = next((n for n, name in enumerate(headed.names) if _COLUMN.match(name)), None)
        if column is not None and any(_COLUMN.match(cell) for cell in cells(line)):
            break
    else:
        return []
    names, below = CELL.join(headed.names), lines[place + headed.rows :]
    told = [(one, held) for one in below if len(held := cells(one)) > column and held[column].strip()]
    if not any(_STATES.search(held[column]) for _, held in told):
        return []
    spent = next(((n, name) for n, name in enumerate(headed.names) if _SPENT.match(name)), None)
    return [
        Row(one, labelled(one, names), tuple(held[:column] + held[column + 1 :]), _amount(held, spent, language))
        for one, held in told
    ]


def _amount(held: Sequence[str], column: tuple[int, str] | None, language: str) -> float | None:
    """The amount in the column of investments, by place and heading, in EUR; None where there is none, or no one number."""
    if column is None or len(held) <= column[0]:
        return None
    place, name = column
    found = numerals(held[place])
    number = value(found[0], language) if len(found) == 1 else None
    scale = 1e6 if _MILLIONS.search(name) else 1e3 if _THOUSANDS.search(name) else 1.0
    return number * scale if number else None


def tells(sentence: str) -> bool:
    """Whether a sentence tells that something was approved, awarded, ordered, put off, tried."""
    return _TOLD.search(sentence) is not None


def tried(sentence: str) -> bool:
    """Whether a sentence tells what came of a trial, or that it is over."""
    return _TRIED.search(sentence) is not None


def approved(said: str) -> bool:
    """Whether something is approved in it."""
    return _APPROVED.search(said) is not None


def stopped(said: str) -> bool:
    """Whether what is told is that it is put off or turned down."""
    cell = _CELL.search(said)
    return _STOPPED.search(cell.group(1) if cell else said) is not None


def begun(said: str) -> bool:
    """Whether what is told is that it is ordered, under way or done: who proposes it anew looks there first."""
    cell = _CELL.search(said)
    return _BEGUN.search(cell.group(1) if cell else said) is not None


def when(said: str, otherwise: date | None) -> date:
    """The last date that a log's entry names, else that of its document."""
    named = [held for year, month, day in _DATE.findall(said) if (held := _date(int(year), int(month), int(day)))]
    return max(named, default=otherwise or date.min)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
