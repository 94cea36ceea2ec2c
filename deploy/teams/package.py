"""Makes the package that an administrator uploads to Teams: the manifest with the company's values, its English texts, two icons.

.venv/bin/python deploy/teams/package.py --app-id ID --company "Aguas de Valdemora" --website https://example.com
"""

from __future__ import annotations

import argparse
import json
import math
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
_GREEN = (11, 110, 79, 255)
_WHITE = (255, 255, 255, 255)
_CLEAR = (255, 255, 255, 0)
Pixel = tuple[int, int, int, int]


def fill(template: str, app_id: str, company: str, website: str) -> str:
    """The manifest as JSON text, with its placeholders replaced; ValueError says what is wrong with a value."""
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", app_id):
        raise ValueError("the app id is not one: 8-4-4-4-12 hexadecimal digits")
    if not 0 < len(company) <= 32:
        raise ValueError("the company's name needs 1 to 32 characters")
    if not website.startswith("https://"):
        raise ValueError("the web site must begin with https://")
    for name, value in {"TEAMS_APP_ID": app_id, "COMPANY": company, "WEBSITE": website}.items():
        template = template.replace("{{" + name + "}}", json.dumps(value, ensure_ascii=False)[1:-1])
    json.loads(template)
    return template


def in_drop(x: float, y: float) -> bool:
    """Whether a point of the unit square lies in the drop: a circle below, its tangents meeting above."""
    centre, radius, tip = 0.61, 0.26, 0.12
    if math.hypot(x - 0.5, y - centre) <= radius:
        return True
    height = centre - tip
    touch = centre - radius * radius / height  # where the tangents meet the circle
    return tip <= y <= touch and abs(x - 0.5) <= (y - tip) * radius / math.sqrt(height * height - radius * radius)


def in_bolt(x: float, y: float) -> bool:
    """Whether a point lies in the lightning bolt inside the drop."""
    upper = 0.42 <= y <= 0.63 and 0.44 + (0.63 - y) * 0.35 - 0.06 <= x <= 0.50 + (0.63 - y) * 0.35
    lower = 0.59 <= y <= 0.80 and 0.44 + (0.80 - y) * 0.35 <= x <= 0.50 + (0.80 - y) * 0.35
    return upper or lower


def colour(x: float, y: float) -> Pixel:
    """The colour icon: a white drop with a green bolt on green."""
    return _WHITE if in_drop(x, y) and not in_bolt(x, y) else _GREEN


def outline(x: float, y: float) -> Pixel:
    """The outline icon: white on nothing."""
    return _WHITE if in_drop(x, y) and not in_bolt(x, y) else _CLEAR


def png(size: int, paint: Callable[[float, float], Pixel], samples: int = 4) -> bytes:
    """A square PNG of `size` pixels, each the mean of samples x samples points."""
    rows = bytearray()
    for row in range(size):
        rows.append(0)
        for column in range(size):
            points = [
                paint((column + (i + 0.5) / samples) / size, (row + (j + 0.5) / samples) / size)
                for i in range(samples)
                for j in range(samples)
            ]
            rows += bytes(round(sum(point[channel] for point in points) / len(points)) for channel in range(4))
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    chunks = (struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def write(target: Path, app_id: str, company: str, website: str) -> None:
    """Write the package; the same values give the same bytes."""
    files = {
        "manifest.json": fill((HERE / "manifest.json").read_text(encoding="utf-8"), app_id, company, website).encode(),
        "en.json": (HERE / "en.json").read_bytes(),
        "color.png": png(192, colour),
        "outline.png": png(32, outline),
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)


def main(arguments: list[str]) -> int:
    """Exit code 0, or 2 for values that cannot be."""
    parser = argparse.ArgumentParser(description="Package the adviser for Teams.")
    parser.add_argument("--app-id", required=True, help="TEAMS_APP_ID, the bot's Microsoft app id")
    parser.add_argument("--company", required=True)
    parser.add_argument("--website", required=True, help="https address with the company's privacy and terms pages")
    parser.add_argument("--output", type=Path, default=Path("var/teams-package.zip"))
    given = parser.parse_args(arguments)
    try:
        write(given.output, given.app_id, given.company, given.website)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print(given.output)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
