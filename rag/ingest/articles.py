"""The parts of a law or contract that a reader cites: articles, provisions and annexes, in Spanish and English."""

from __future__ import annotations

import re

from rag.ingest.clean import is_contents_line

_NUMBER = r"\d+(?:\.\d+)*(?:\.?[ºª])?(?:\s(?:bis|ter|qu[aá]ter|quinquies|sexies|septies|octies|nonies))?"
_ORDINAL = (
    r"(?:[uú]nic[oa]|primer[oa]?|segund[oa]|tercer[oa]?|cuart[oa]|quint[oa]|sext[oa]|s[eé]ptim[oa]|octav[oa]|noven[oa]"
    r"|(?:und|duod)[eé]cim[oa]|d[eé]cim[oa](?:\s?\w+[oa])?|(?:vig|trig)[eé]sim[oa](?:\s\w+[oa])?)"
)
_ARTICLE = re.compile(rf"(?P<label>(?:art[ií]culo|article)\s+(?:{_NUMBER}|{_ORDINAL}))(?=[.:\s–—-]|$)", re.IGNORECASE)
_PROVISION = re.compile(
    rf"(?P<label>disposici[oó]n\s+(?:adicional|transitoria|derogatoria|final)(?:\s+{_ORDINAL})?)(?=[.:\s]|$)", re.IGNORECASE
)
_ANNEX = re.compile(
    r"(?P<label>(?:anexo|annex|appendix|ap[eé]ndice)(?:\s+(?:[IVXLC]+|\d+|[A-Z])(?:\.(?:[A-Z]|\d+))*)?)(?=[.:\s–—-]|$)",
    re.IGNORECASE,
)
_DIVISION = re.compile(
    r"(?:pre[aá]mbulo|exposici[oó]n de motivos"
    r"|(?:cap[ií]tulo|t[ií]tulo|secci[oó]n|libro|chapter|title|part)\s+(?:[IVXLC\d]+|\w+[oa])\b)",
    re.IGNORECASE,
)
_STANDS_ALONE = re.compile(r"[.:]\s*[A-ZÁÉÍÓÚÑ«]|[.:]?\s*$")


def article_of(heading: str) -> str | None:
    """The citable part that a heading opens, as it is written («Artículo 4 bis», «Anexo I.A»), or None."""
    text = heading.strip()
    for pattern in (_ARTICLE, _PROVISION, _ANNEX):
        found = pattern.match(text)
        if found and (pattern is not _ANNEX or _annex_heading(text, found.end())):
            label = " ".join(found["label"].split()).rstrip(".")
            return _case(label)
    return None


def opens_article(line: str) -> str | None:
    """As `article_of` for a line of running text, where «Artículo 3 de la Ley» may be a wrapped sentence: a title must follow."""
    found = article_of(line) if line[:1].isupper() else None
    if found is None:
        return None
    match = _ARTICLE.match(line) or _PROVISION.match(line) or _ANNEX.match(line)
    if match is None or len(line) > 400 or is_contents_line(line) or not _STANDS_ALONE.match(line[match.end("label") :]):
        return None
    return found


def is_division(heading: str) -> bool:
    """Whether a heading is a chapter or the like, which ends the article before it."""
    return _DIVISION.match(heading.strip()) is not None


def _annex_heading(text: str, end: int) -> bool:
    """«Anexo I» and «ANEXO I: TÍTULO» open an annex; «Anexo a la memoria de cálculo» is an ordinary heading."""
    return len(text) < 200 and _STANDS_ALONE.match(text[end:]) is not None


def _case(label: str) -> str:
    """«ANEXO I» -> «Anexo I», «ARTÍCULO 3» -> «Artículo 3»; numerals keep their case."""
    first, *rest = label.split(" ")
    if not first.isupper():
        return label
    return " ".join(
        [first.capitalize(), *(word if re.fullmatch(r"[IVXLC.]+|[A-Z](?:\..*)?", word) else word.lower() for word in rest)]
    )
