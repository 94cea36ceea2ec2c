"""Documents in a folder and the folders below it, or one file: lists and fetches them for ingest."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

from rag.connectors.globs import wanted
from rag.connectors.registry import Context, Kind, Options
from rag.errors import DocumentError, InputError
from rag.ingest.parse.formats import LARGEST, NOT_DOCUMENTS, PARSERS, ending, no_parser
from rag.ports import Fetched, Item


class FolderOptions(Options):
    """`path`: a folder with all folders below it, or one file; globs are relative to the folder."""

    path: Path
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


class FolderConnector:
    """Connector for a path. Hidden files, Office lock files and what is no document are passed over; links that lead out, too.

    A `uri` is the path relative to the working directory if it lies in it, else absolute; always with `/`. A folder that cannot
    be looked into is listed as a file that cannot be read, and so is a file of which not even the size can be had.
    """

    def __init__(self, path: Path, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        self._include, self._exclude = include, exclude
        self._here = Path.cwd()
        self._root = Path(os.path.abspath(path))
        self._closed: dict[str, str] = {}
        self._unread: dict[str, str] = {}

    @property
    def complete(self) -> bool:
        """Whether every folder could be looked into: what lies in one that could not be is not gone."""
        return not self._closed

    def is_gone(self, uri: str) -> bool:
        """Nothing is known of what lies in a folder that is closed."""
        return False

    async def items(self) -> AsyncIterator[Item]:
        """Every document, ordered by path. InputError if the path does not exist: that must not look like an empty folder."""
        for item in await asyncio.to_thread(lambda: list(self._list())):
            yield item

    async def fetch(self, item: Item) -> Fetched:
        """The file's bytes; DocumentError if it has no parser, is too large or cannot be read."""
        reason = self._closed.get(item.uri) or self._unread.get(item.uri)
        if reason:
            raise DocumentError(reason)
        suffix = ending(item.name)
        if suffix not in PARSERS:
            raise DocumentError(no_parser(suffix))
        return Fetched(item, await asyncio.to_thread(self._read, self._here / item.uri))

    def _list(self) -> Iterator[Item]:
        if self._root.is_file():
            yield self._item(self._root)
            return
        if not self._root.is_dir():
            raise InputError(f"no such file or folder: {self._root}")
        found = []
        closed: list[OSError] = []
        unread: list[OSError] = []
        for folder, folders, names in os.walk(self._root, onerror=closed.append):
            folders[:] = [name for name in folders if not name.startswith(".") and name not in ("__pycache__", "__MACOSX")]
            found += [Path(folder) / name for name in names if _is_document(name)]
        for path in sorted(found, key=lambda path: path.relative_to(self._root).parts):
            relative = path.relative_to(self._root).as_posix()
            try:
                if wanted(relative, self._include, self._exclude) and path.is_file() and self._stays_inside(path):
                    yield self._item(path)
            except FileNotFoundError:
                pass  # it has gone since it was listed
            except OSError as error:  # of a folder that may be listed but not entered, or a network drive's
                unread.append(error)
        self._closed, self._unread = self._reasons(closed), self._reasons(unread)
        yield from (Item(uri, Path(uri).name, reason) for uri, reason in (self._closed | self._unread).items())

    def _reasons(self, errors: Sequence[OSError]) -> dict[str, str]:
        return {self._uri(Path(error.filename)): f"cannot be read: {error.strerror}" for error in errors}

    def _item(self, path: Path) -> Item:
        state = path.stat()
        return Item(self._uri(path), _printable(path.name), f"{state.st_mtime_ns}-{state.st_size}")

    def _uri(self, path: Path) -> str:
        return _printable((path.relative_to(self._here) if path.is_relative_to(self._here) else path).as_posix())

    def _stays_inside(self, path: Path) -> bool:
        return not path.is_symlink() or path.resolve().is_relative_to(self._root.resolve())

    def _read(self, path: Path) -> bytes:
        if path != self._root and not self._stays_inside(path):
            raise DocumentError("a link that leads out of the folder")
        try:
            with path.open("rb") as file:
                data = file.read(LARGEST + 1)
        except OSError as error:
            raise DocumentError(f"cannot be read: {error.strerror or error}") from error
        if len(data) > LARGEST:
            raise DocumentError(f"larger than {LARGEST // 1_000_000} MB")
        return data


def _is_document(name: str) -> bool:
    return not name.startswith((".", "~$")) and name not in ("Thumbs.db", "desktop.ini") and ending(name) not in NOT_DOCUMENTS


def _printable(text: str) -> str:
    """Names that are not UTF-8 cannot be stored; such a file is listed, and fails with its reason when it is fetched."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _connect(options: FolderOptions, _: Context) -> FolderConnector:
    return FolderConnector(options.path, options.include, options.exclude)


KIND = Kind(FolderOptions, _connect)
