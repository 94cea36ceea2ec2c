"""Which paths of a source are wanted: globs relative to its root, where `**` stands for any number of folders.

One without a wildcard names a file, or a folder with all that lies below it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

_PARTS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def wanted(path: str, include: Sequence[str], exclude: Sequence[str]) -> bool:
    """Whether a relative path with `/` matches one of `include` (none: all do) and none of `exclude`."""
    matches = any(_pattern(glob).fullmatch(path) for glob in include) or not include
    return matches and not any(_pattern(glob).fullmatch(path) for glob in exclude)


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", glob.strip("/"))
    below = "(?:/.*)?" if len(parts) == 1 else ""
    return re.compile("".join(_PARTS.get(part) or re.escape(part) for part in parts) + below, re.DOTALL)
