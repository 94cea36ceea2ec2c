"""Limits that a process puts on itself before it reads a byte of a file that somebody sent; and the surroundings it starts in."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

try:
    import resource
except ImportError:  # Windows: the parent's clock is the only limit
    resource = None  # type: ignore[assignment]

ROOT = Path(__file__).resolve().parents[3]
"""Where our code lies."""
_CPU_SECONDS = 22
_OPEN_FILES = 64
_STATM = Path("/proc/self/statm")
_PR_SET_PDEATHSIG = 1


def environment() -> dict[str, str]:
    """For such a process: no secrets, no proxies, what Python needs to find our code and its packages, one thread a library."""
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    system = {"SYSTEMROOT": os.path.expandvars("%SYSTEMROOT%")} if sys.platform == "win32" else {}
    path = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
    return {"PYTHONPATH": path, "PYTHONUTF8": "1", "PATH": os.defpath, **one_thread, **system}


def for_good() -> None:
    """What holds from now on: no file written, few opened, no core dump, low priority, an end with the parent."""
    if resource is None:
        return
    os.nice(10)
    for name, most in (("RLIMIT_CORE", 0), ("RLIMIT_FSIZE", 0), ("RLIMIT_NOFILE", _OPEN_FILES)):
        resource.setrlimit(getattr(resource, name), (most, most))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def for_one(memory: int, seconds: float) -> None:
    """The limits of one file: `memory` in bytes of address space, computing time, and `seconds` on the clock from now on.

    The alarm kills: a library's endless loop in C would not let a handler run. OCR stops this clock while it has its own.
    """
    if resource is None:
        return
    signal.setitimer(signal.ITIMER_REAL, seconds)
    if sys.platform == "linux":  # elsewhere the address space says little of the memory used
        resource.setrlimit(resource.RLIMIT_AS, (memory, resource.RLIM_INFINITY))
    used = resource.getrusage(resource.RUSAGE_SELF)
    computing = int(used.ru_utime + used.ru_stime) + _CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (computing, resource.RLIM_INFINITY))


def stop_clock() -> None:
    """The file is read."""
    if resource is not None:
        signal.setitimer(signal.ITIMER_REAL, 0)


def address_space() -> int:
    """Bytes that this process has mapped; 0 where the system does not tell."""
    return int(_STATM.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE") if _STATM.exists() else 0
