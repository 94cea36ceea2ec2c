"""Which parser reads which file, by ending or media type, and what is not a document at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from rag.errors import DocumentError
from rag.ingest.parse.docx import parse_docx
from rag.ingest.parse.html import parse_html
from rag.ingest.parse.markdown import parse_markdown
from rag.ingest.parse.pdf import parse_pdf
from rag.ingest.parse.plain import parse_plain
from rag.ingest.parse.tables import parse_csv, parse_xlsx
from rag.ports import Fetched, Parsed, Parser

VERSION = "2"
"""Raised whenever a parser or the splitter gives other passages for the same file: all documents are then read again."""

PARSERS: Mapping[str, Parser] = {
    ".md": parse_markdown,
    ".markdown": parse_markdown,
    ".txt": parse_plain,
    ".text": parse_plain,
    ".html": parse_html,
    ".htm": parse_html,
    ".xhtml": parse_html,
    ".pdf": parse_pdf,
    ".docx": parse_docx,
    ".xlsx": parse_xlsx,
    ".xlsm": parse_xlsx,
    ".csv": parse_csv,
    ".tsv": parse_csv,
}
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
    parser = PARSERS.get(suffix)
    if parser is None:
        raise DocumentError(no_parser(suffix))
    try:
        parsed = parser(fetched.data, fetched.item.name)
    except DocumentError:
        raise
    except Exception as error:  # the edge to libraries that raise whatever they meet in a hostile or broken file
        raise DocumentError(f"broken file: {type(error).__name__}: {str(error)[:200]}") from error
    if not parsed.blocks:
        raise DocumentError("no text found")
    return parsed
