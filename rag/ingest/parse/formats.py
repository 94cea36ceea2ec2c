"""Which parser reads which file, by ending or media type, and what is not a document at all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import PurePosixPath

from rag.errors import DocumentError
from rag.ports import Fetched, Parsed, Parser

VERSION = "3"
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
}
"""Where each ending's parser is. Imported with the first file that needs it: a start at which nothing changed loads none."""
_MEDIA_TYPES = {
    "text/markdown": ".md",
    "text/plain": ".txt",
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "text/csv": ".csv",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
NOT_DOCUMENTS = frozenset(
    ".py .pyc .pyi .ipynb .js .mjs .ts .tsx .jsx .css .scss .map .java .class .c .h .cpp .hpp .o .so .dll .exe .bat "
    ".ps1 .sh .go .rs .rb .r .sql .db .sqlite .sqlite3 .parquet .feather .npy .npz .pkl .pickle .h5 .log .lock .tmp "
    ".bak .swp .part .crdownload .lnk .ini .cfg .toml .conf .env .json .jsonl .ndjson .yaml .yml .xml .xsd .inp "
    ".geojson .shp .dbf .prj .shx .qgz .dwg .dxf .png .jpg .jpeg .gif .bmp .tif .tiff .webp .svg .ico .heic .psd "
    ".ai .mp3 .wav .ogg .m4a .mp4 .mov .avi .mkv .webm .woff .woff2 .ttf .otf .eot".split()
)
"""Endings that are passed over in silence: code, data, pictures, sound. Any other unknown ending is listed as a failure."""
LARGEST = 100_000_000
"""Bytes of one file."""


def ending(name: str) -> str:
    """The ending in lower case with its dot, or "" ."""
    return PurePosixPath(name.replace("\\", "/")).suffix.lower()


def no_parser(suffix: str) -> str:
    """The reason why files of this ending are not read."""
    return f"no parser for {suffix}" if suffix else "no parser for a file without an ending"


def parse(fetched: Fetched) -> Parsed:
    """Read a file with the parser for its media type or ending; DocumentError says why it cannot be read."""
    if len(fetched.data) > LARGEST:
        raise DocumentError(f"larger than {LARGEST // 1_000_000} MB")
    if not fetched.data.strip():
        raise DocumentError("empty file")
    suffix = _MEDIA_TYPES.get(fetched.media_type.split(";")[0].strip().lower(), "") or ending(fetched.item.name)
    if suffix not in PARSERS:
        raise DocumentError(no_parser(suffix))
    try:
        parsed = _parser(suffix)(fetched.data, fetched.item.name)
    except DocumentError:
        raise
    except Exception as error:  # the edge to libraries that raise whatever they meet in a hostile or broken file
        raise DocumentError(f"broken file: {type(error).__name__}: {str(error)[:200]}") from error
    if not parsed.blocks:
        raise DocumentError("no text found")
    return parsed


@cache
def _parser(suffix: str) -> Parser:
    module, _, name = PARSERS[suffix].partition(":")
    parser: Parser = getattr(import_module(module), name)
    return parser
