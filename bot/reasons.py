"""Why a document cannot be read, in the language of whoever asks: reasons are kept in English and told by their kind."""

from __future__ import annotations

import re
from collections.abc import Sequence

from config.texts import text

_KINDS: Sequence[tuple[str, str]] = (
    (r"restricted in Confluence: only some may read it", "restricted"),
    (r"restricted in Confluence, perhaps: .*", "restricted_perhaps"),
    (r"encrypted: it needs a password", "password"),
    (r"encrypted: none of the passwords given opens it", "wrong_password"),
    (r"encrypted: save it without a password", "encrypted"),
    (r"encrypted, or an old binary Office file: save it as (?P<kind>\w+) without a password", "old_office"),
    (r"no parser for (?P<ending>\.\S+)", "no_parser"),
    (r"no parser for a file without an ending", "no_ending"),
    (
        r"(?:old binary|Word file with macros|PowerPoint show|binary Excel file|rich text file).*save it as (?P<kind>\w+)",
        "old_file",
    ),
    (r"empty file", "empty"),
    (r"no text found", "no_text"),
    (r"no text content found in the page", "no_text_page"),
    (r"scanned: needs OCR \(Tesseract is not installed\)", "scanned"),
    (r"pages? (?P<pages>[\d, -]+): scanned: needs OCR \(Tesseract is not installed\)", "scanned_pages"),
    (r"slide (?P<slide>\d+): a chart, diagram or embedded object is not read", "slide_part"),
    (r"charts, diagrams or formulas that are not read: (?P<count>\d+)", "drawn"),
    (r"sheet «(?P<sheet>.*)»: hidden rows or columns are left out: (?P<count>\d+)", "hidden_cells"),
    (r"sheet «(?P<sheet>.*)»: formulas without a computed value, to be opened and saved anew: (?P<count>\d+)", "formulas"),
    (r"(?:scanned: )?OCR found no text", "ocr_nothing"),
    (r"pages? (?P<pages>[\d, -]+): hidden text left out", "hidden_pages"),
    (r"pages? (?P<pages>[\d, -]+): left out, there was only time for the pages before: split the file", "late_pages"),
    (r"broken file: (?P<why>.*)", "broken_file"),
    (r"broken (?P<kind>\S+) file: (?P<why>.*)", "broken"),
    (r"not an? (?P<kind>\w+) file(?:, whatever its name says)?", "not_file"),
    (r"larger than (?P<size>[\d.]+) MB", "too_large"),
    (r"(?:reading )?took longer than (?P<seconds>\d+) s", "too_long"),
    (r"took (?:longer than \d+ s|too much computing time): split the file or save it anew", "took_too_long"),
    (r"needs more than (?P<size>\d+) MB of memory: .*", "memory"),
    (r"the parser crashed.*", "crashed"),
    (r"(?:more than \d+ |sheet «).*: connect it as readings instead", "as_readings"),
    (r"unpacks to \d+ times its size: refused as a decompression bomb", "bomb"),
    (
        r"(?:unpacks to|holds more than|more than|too many columns|too long for|elements nested|lists nested|nested more|"
        r"a file in a file in a file|\d+ (?:pages|slides),|\d+ million characters).*",
        "too_much",
    ),
    (r"unknown text encoding, or not a text file", "encoding"),
    (r"broken (?P<kind>.+) text at byte \d+", "broken_text"),
    (r"protected against copying: it cannot be read", "protected"),
    (r"broken (?:workbook|e-mail message): (?P<why>.*)", "broken_file"),
    (r"cannot be read: the files are not listed: (?P<why>.*)", "unlisted"),
    (r"a link that leads out of the folder", "leads_out"),
    (r"not a text file: it holds binary data", "binary"),
    (r"cannot be read: the page has gone", "gone"),
    (r"cannot be read: HTTP (?P<status>\d+)", "http"),
    (r"cannot be read: HTTP (?P<status>\d+) after (?P<tries>\d+) tries", "http_tries"),
    (r"cannot be read: (?P<why>.*)", "unreadable"),
    (r"access is refused: HTTP (?P<status>\d+)", "refused"),
    (r"(?P<count>\d+) rows are too few for readings", "few_rows"),
    (r"no header with a date or a time in its first (?P<rows>\d+) rows", "no_dates"),
    (r"no column of readings among (?P<columns>.*)", "no_readings"),
    (r"column (?P<column>.*) tells no unit, .*", "no_unit"),
    (r"is (?P<cell>\S+) a thousand or a decimal\? .*", "thousand"),
    (r"(?P<cell>'.*') is no number", "no_number"),
    (r"(?P<cell>'.*') is no (?:date|hour)", "no_date"),
    (r"a reading without a date", "without_date"),
    (r"are the hours labelled by their start or their end\? .*", "hour_label"),
    (r"the bills of (?P<first>\S+) and (?P<second>\S+) overlap", "bills_overlap"),
    (r"bills of (?P<days>-?\d+) days are not read; .*", "bills_days"),
    (r"no bill tells an amount", "bills_empty"),
    (r"readings (?P<days>\d+) days apart are bills, not a series", "far_apart"),
    (r"its numbers have both marks before their decimals, .*", "both_marks"),
    (r"(?P<cell>'.*') contradicts the decimal mark (?P<mark>[.,]) of the file: .*", "other_mark"),
    (r"it holds (?P<count>\d+) meters \((?P<column>.*?): (?P<meters>.*)\): send one file for each", "many_meters"),
    (r"its readings only rise, as a counter's do: .*", "only_rise"),
    (r"column (?P<column>.*) is called as a counter's readings are, and falls as theirs do not", "no_counter"),
    (r"column (?P<column>.*) does not tell whether it is (?P<carriers>.*): write it in its header", "no_carrier"),
    (r"does (?P<cell>'.*') begin with its day or its month\? .*", "day_or_month"),
    (r"some readings have an offset to UTC and some have none", "some_offsets"),
    (r"no rows beneath its header", "no_rows"),
    (r"are its tariff periods parts of (?P<columns>.*)\? .*", "parts_or_whole"),
    (r"the bill of (?P<day>\S+) is negative: .*", "bill_negative"),
    (r"(?:needs more memory or time than is given to one file|too many readings for a conversation).*", "split_it"),
)
_PATTERNS = tuple((re.compile(pattern, re.DOTALL), kind) for pattern, kind in _KINDS)


def reason_in(language: str, reason: str) -> str:
    """A reason in "es" or "en"; one of no known kind as it is."""
    if language == "en":
        return reason
    return "; ".join(_told(language, part) for part in reason.split("; "))


def _told(language: str, reason: str) -> str:
    """What stands before a known reason and a colon is the name of a file in a file."""
    found = ((pattern.fullmatch(reason), kind) for pattern, kind in _PATTERNS)
    known = next((text(language, f"reason.{kind}", **match.groupdict()) for match, kind in found if match), "")
    name, colon, rest = reason.partition(": ")
    return known or (f"{name}: {_told(language, rest)}" if colon else reason)
