"""The company's file while the bot serves: read again when it changes; a broken one changes nothing and is reported."""

from __future__ import annotations

import logging
import time
from pathlib import Path

from config.company import CompanyConfig, load_company
from config.settings import SettingsError

log = logging.getLogger(__name__)


class LiveCompany:
    """What advisor.yaml says now. Asking costs at most one stat a `seconds`; a file is parsed once a change."""

    def __init__(self, path: Path, company: CompanyConfig, *, seconds: float = 1.0) -> None:
        """`company` is what the file held a moment ago."""
        self._path, self._company, self._seconds = path, company, seconds
        self._mark = self._stat()
        self._looked = time.monotonic()
        self.problem = ""
        """Why the file as it is now is not in force; empty if it is."""

    def now(self) -> CompanyConfig:
        """The company as of the last good file."""
        at = time.monotonic()
        if at - self._looked >= self._seconds:
            self._looked = at
            mark = self._stat()
            if mark != self._mark:
                self._mark = mark
                self._read()
        return self._company

    def _read(self) -> None:
        try:
            self._company, self.problem = load_company(self._path), ""
            log.info("%s has changed and is in force: %d sources", self._path, len(self._company.sources))
        except SettingsError as error:
            self.problem = str(error)
            log.error("%s has changed and cannot work; what it said before stays in force: %s", self._path, error)

    def _stat(self) -> tuple[int, int, int]:
        """Changes with the file, also when an editor puts another in its place."""
        try:
            found = self._path.stat()
        except OSError:
            return (0, 0, 0)
        return (found.st_mtime_ns, found.st_size, found.st_ino)
