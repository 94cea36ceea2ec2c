"""Recommendations as one page to print or to send: measures, their calculations with every input and source, and pictures.

Self-contained HTML that prints on paper and reads in light and dark, or PDF on A4; both draw the same blocks.
What comes from documents and settings is escaped.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from html import escape
from pathlib import Path

from config.texts import text
from rag.advice import Advice, Assessed, ReadingsOf
from rag.errors import InputError
from rag.models import KINDS, Kind, Language, Picture, Scope
from rag.pictured import of_site
from rag.report_blocks import Block, Heading, Listed, Table, Words, Working, blocks
from rag.report_pdf import pdf

ENDINGS = (".html", ".htm", ".pdf")
_STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #8886; vertical-align: top; }
td.n { text-align: right; white-space: nowrap; } img { max-width: 100%; border-radius: .4rem; } details { margin: .5rem 0; }
code { font-size: .95em; } .small { opacity: .75; font-size: .9em; } h2, h3 { break-after: avoid-page; }
@media print { details > summary { list-style: none; } }
"""


async def written(
    file: Path, advice: Advice, readings: ReadingsOf, scope: Scope, language: Language, today: date, kinds: Sequence[Kind] = KINDS
) -> None:
    """Write the report on the sites of a scope, with the measures of these kinds.

    InputError for a name that ends otherwise than ENDINGS, or a place that cannot be written to.
    """
    ending = file.suffix.lower()
    if ending not in ENDINGS:
        raise InputError(f"{file}: a report is written as {', '.join(ENDINGS)}")
    if not await asyncio.to_thread(file.parent.is_dir):
        raise InputError(f"{file}: cannot be written: there is no folder {file.parent}")
    assessed, pictures = await _gathered(advice, readings, scope, language, kinds)
    if ending == ".pdf":
        made = await asyncio.to_thread(pdf, blocks(assessed, pictures, language, today), language)
    else:
        made = page(assessed, pictures, language, today).encode()
    try:
        await asyncio.to_thread(file.write_bytes, made)
    except OSError as error:
        raise InputError(f"{file}: cannot be written: {error.strerror}") from None


async def _gathered(
    advice: Advice, readings: ReadingsOf, scope: Scope, language: Language, kinds: Sequence[Kind]
) -> tuple[list[Assessed], dict[str, list[Picture]]]:
    assessed = [
        replace(one, estimates=tuple(held for held in one.estimates if held.kind in kinds))
        for one in await advice.assessed(scope)
    ]
    return assessed, {one.site.id: await asyncio.to_thread(of_site, one, language) for one in assessed}


def page(assessed: Sequence[Assessed], pictures: Mapping[str, Sequence[Picture]], language: Language, today: date) -> str:
    """The HTML. Pure."""
    body = "\n".join(_html(one) for one in blocks(assessed, pictures, language, today))
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(text(language, 'report.title'))}</title><style>{_STYLE}</style></head><body>{body}</body></html>"
    )


def _html(one: Block) -> str:
    match one:
        case Heading():
            return f"<h{one.level}>{escape(one.text)}</h{one.level}>"
        case Words():
            said = escape(one.text)
            inside = {"strong": f"<b>{said}</b>", "code": f"<code>{said}</code>"}.get(one.style, said)
            return f"<p class=small>{inside}</p>" if one.style == "small" else f"<p>{inside}</p>"
        case Table():
            return _table(one)
        case Working():
            held = "".join(_html(part) for part in one.held)
            return f"<details open><summary>{escape(one.title)}</summary>{held}</details>"
        case Listed():
            return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in one.items) + "</ul>"
        case Picture():
            data = base64.b64encode(one.png).decode("ascii")
            return f'<figure><img alt="{escape(one.alt)}" src="data:image/png;base64,{data}"></figure>'


def _table(one: Table) -> str:
    kinds = [" class=n" if n in one.amounts else " class=small" if n in one.small else "" for n in range(len(one.rows[0]))]
    head = "".join(f"<th>{escape(name)}</th>" for name in one.head)
    rows = "".join(
        "<tr>" + "".join(f"<td{kind}>{escape(cell)}</td>" for kind, cell in zip(kinds, row, strict=True)) + "</tr>"
        for row in one.rows
    )
    return f"<table>{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{rows}</tbody></table>"
