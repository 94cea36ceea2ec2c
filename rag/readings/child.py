"""The process that reads a file of readings: `python -m rag.readings.child NAME SITE`, started by rag.readings.confined.

The file comes on its input; on its output goes a JSON list of series, or an object with the reason for which there are none.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from zipfile import BadZipFile

from rag.errors import DocumentError, InputError
from rag.ingest.parse import confine
from rag.readings.guess import series_in
from rag.readings.kept import dumped

MEMORY = 400_000_000
"""Bytes beyond what the libraries take: a year of quarter-hours as text in a table of strings is 30 MB."""
SECONDS = 15.0
_BROKEN = (csv.Error, ValueError, TypeError, LookupError, OSError, SyntaxError, BadZipFile)
"""What libraries raise for files that are not what they seem; XML errors are syntax errors."""


def main() -> None:
    """Answer once."""
    name, site = sys.argv[1:3]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not get into the answer
    confine.for_good()
    confine.for_one(confine.address_space() + MEMORY, SECONDS)
    try:
        told = [json.loads(dumped(one)) for one in series_in(sys.stdin.buffer.read(), name, site)]
        json.dump(told, answers)
    except (InputError, DocumentError) as error:
        json.dump({"reason": str(error)}, answers)
    except _BROKEN as error:
        json.dump({"reason": f"broken file: {type(error).__name__}"}, answers)
    answers.flush()


if __name__ == "__main__":
    main()
