"""What it costs to start any command: seconds of processor until all is loaded, with config/starting.py and without.

`python -m bench.start --rounds 5`. Each round starts both as a process of its own, in turn. Prints both medians and their ratio.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
_TIMED = "import time, app, rag.stores.lance; print(time.process_time())"
_WITHOUT = "import sys, types; sys.modules['config.starting'] = types.SimpleNamespace(started=lambda: None); " + _TIMED


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = [(_seconds(_WITHOUT), _seconds(_TIMED)) for _ in range(parser.parse_args().rounds)]
    before, after = (statistics.median(each) for each in zip(*rounds, strict=True))
    print(f"without {before:.2f} s, with {after:.2f} s: {after / before:.2f} of it (medians of {len(rounds)})")
    return 0


def _seconds(code: str) -> float:
    return float(subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    sys.exit(main())
