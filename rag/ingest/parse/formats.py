"""Which parser reads which file, by ending or media type, and what is not a document at all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import PurePosixPath

from rag.errors import DocumentError
from rag.ingest.parse.opening import OCR_SECONDS, SECONDS, Budget, Opening, pages_until
from rag.ports import Fetched, Parsed

VERSION = "9"
"""Raised whenever a parser or the splitter gives other passages for the same file: all documents are then read again."""

PARSERS: Mapping[str, str] = {
    ".md": "rag.ingest.parse.markdown:parse_markdown",
    ".markdown": "rag.ingest.parse.markdown:parse_markdown",
    ".txt": "rag.ingest.parse.plain:parse_plain",
    ".text": "rag.ingest.parse.plain:parse_plain",
    ".html": "rag.ingest.parse.html:parse_html",
    ".htm": "rag.ingest.parse.html:parse_html",
    ".xhtml": "rag.ingest.parse.html:parse_html",
    ".pdf": "rag.ingest.parse.pdf:parse_pdf",
    ".docx": "rag.ingest.parse.docx:parse_docx",
    ".xlsx": "rag.ingest.parse.tables:parse_xlsx",
    ".xlsm": "rag.ingest.parse.tables:parse_xlsx",
    ".csv": "rag.ingest.parse.tables:parse_csv",
    ".tsv": "rag.ingest.parse.tables:parse_csv",
    ".xls": "rag.ingest.parse.workbook:parse_workbook",
    ".ods": "rag.ingest.parse.ods:parse_ods",
    ".pptx": "rag.ingest.parse.pptx:parse_pptx",
    ".pptm": "rag.ingest.parse.pptx:parse_pptx",
    ".odt": "rag.ingest.parse.odf:parse_odf",
    ".odp": "rag.ingest.parse.odf:parse_odf",
    ".json": "rag.ingest.parse.json_text:parse_json",
    ".epub": "rag.ingest.parse.epub:parse_epub",
    ".eml": "rag.ingest.parse.mail:parse_eml",
    ".msg": "rag.ingest.parse.mail:parse_msg",
    ".zip": "rag.ingest.parse.zipped:parse_zip",
}
"""Where each ending's parser is. Imported with the first file that needs it: a start at which nothing changed loads none."""
_OPENED = frozenset({".pdf", ".eml", ".msg", ".zip"})
"""Files that hold others or may have a password: their parsers take an Opening as a third argument."""
_MEDIA_TYPES = {
    "text/markdown": ".md",
    "text/plain": ".txt",
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "application/x-pdf": ".pdf",
    "application/msword": ".doc",
    "application/vnd.ms-powerpoint": ".ppt",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf",
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.presentation": ".odp",
    "application/json": ".json",
    "application/epub+zip": ".epub",
    "message/rfc822": ".eml",
    "application/vnd.ms-outlook": ".msg",
    "application/zip": ".zip",
    "application/x-zip-compressed": ".zip",
}
_OLD = {
    ".doc": "old binary Word file: save it as DOCX",
    ".dot": "old binary Word file: save it as DOCX",
    ".ppt": "old binary PowerPoint file: save it as PPTX",
    ".pps": "old binary PowerPoint file: save it as PPTX",
    ".docm": "Word file with macros: save it as DOCX",
    ".ppsx": "PowerPoint show: save it as PPTX",
    ".xlsb": "binary Excel file: save it as XLSX",
    ".rtf": "rich text file: save it as DOCX",
}
"""Reasons for what people still have and nothing here reads."""
NOT_DOCUMENTS = frozenset(
    ".py .pyc .pyi .ipynb .js .mjs .ts .tsx .jsx .css .scss .map .java .class .c .h .cpp .hpp .o .so .dll .exe .bat "
    ".ps1 .sh .go .rs .rb .r .sql .db .sqlite .sqlite3 .parquet .feather .npy .npz .pkl .pickle .h5 .log .lock .tmp "
    ".bak .swp .part .crdownload .lnk .ini .cfg .toml .conf .env .jsonl .ndjson .yaml .yml .xml .xsd .inp "
    ".geojson .shp .dbf .prj .shx .qgz .dwg .dxf .png .jpg .jpeg .gif .bmp .tif .tiff .webp .svg .ico .heic .psd "
    ".ai .mp3 .wav .ogg .m4a .mp4 .mov .avi .mkv .webm .woff .woff2 .ttf .otf .eot".split()
)
"""Endings that are passed over in silence: code, data, pictures, sound. Any other unknown ending is listed as a failure."""
LARGEST = 100_000_000
"""Bytes of one file."""


def ending(name: str) -> str:
    """The ending in lower case with its dot, or "" ."""
    return PurePosixPath(name.replace("\\", "/")).suffix.lower()


def media_ending(media_type: str) -> str:
    """The ending of files of a media type, or "" for one that says nothing (`application/octet-stream`)."""
    return _MEDIA_TYPES.get(media_type.split(";")[0].strip().lower(), "")


def no_parser(suffix: str) -> str:
    """The reason why files of this ending are not read."""
    if suffix in _OLD:
        return _OLD[suffix]
    return f"no parser for {suffix}" if suffix else "no parser for a file without an ending"


def parse(fetched: Fetched, passwords: Sequence[str] = (), seconds: float = SECONDS) -> Parsed:
    """Read a file with the parser for its media type or ending; DocumentError says why it cannot be read.

    `passwords` are tried on encrypted PDF files, in order. Of a long PDF file the pages are read that `seconds` are enough for.
    """
    opening = Opening(tuple(passwords), budget=Budget(until=pages_until(seconds)))
    return read(fetched.data, fetched.item.name, fetched.media_type, opening)


def seconds_for_ocr(fetched: Fetched) -> float:
    """The longest that recognising scanned pages may take, beyond the time for reading the file."""
    may_hold_scans = _suffix(fetched.item.name, fetched.media_type) in _OPENED
    return OCR_SECONDS if may_hold_scans and shutil.which("tesseract") else 0.0


def read(data: bytes, name: str, media_type: str, opening: Opening) -> Parsed:
    """As `parse`, for a file that may lie within another one."""
    if len(data) > LARGEST:
        raise DocumentError(f"larger than {LARGEST // 1_000_000} MB")
    if not data.strip():
        raise DocumentError("empty file")
    suffix = _suffix(name, media_type)
    if suffix not in PARSERS:
        raise DocumentError(no_parser(suffix))
    arguments = (data, name, opening) if suffix in _OPENED else (data, name)
    try:
        parsed = _parser(suffix)(*arguments)
    except DocumentError:
        raise
    except Exception as error:  # the edge to libraries that raise whatever they meet in a hostile or broken file
        raise DocumentError(f"broken file: {type(error).__name__}: {str(error)[:200]}") from error
    if not parsed.blocks:
        raise DocumentError("; ".join(parsed.notes) or "no text found")
    return parsed


def _suffix(name: str, media_type: str) -> str:
    """The media type decides, but servers call a CSV file «application/vnd.ms-excel» and an XLSX file «application/zip»."""
    stated, own = media_ending(media_type), ending(name)
    return own if own in PARSERS and stated in ("", ".xls", ".zip", ".txt", ".json") else stated or own


@cache
def _parser(suffix: str) -> Callable[..., Parsed]:
    module, _, name = PARSERS[suffix].partition(":")
    parser: Callable[..., Parsed] = getattr(import_module(module), name)
    return parser


def load_all() -> None:
    """Import every parser, so that Python keeps what it compiles: the process that parses may write no file."""
    for suffix in PARSERS:
        _parser(suffix)
