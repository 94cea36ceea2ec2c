"""The parser in a child: the same reading as in this process, its limits, and what happens when the child dies."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from rag.errors import DependencyError, DocumentError
from rag.ingest.build import build
from rag.ingest.parse import child, isolate
from rag.ingest.parse.formats import parse
from rag.ingest.parse.isolate import IsolatedParser
from rag.ports import Fetched, Item
from tests.unit.test_sync import Source

DEMO = Path(__file__).parents[2] / "demo" / "documents"
LABELLED = Source("general", ("direccion",), {"site": "edar-norte"}, "CC BY 4.0")
TEXT = b"# Manual\n\nEl caudal nocturno del sector es de 38 metros por hora y baja al regular.\n"


def file(name: str, data: bytes = TEXT) -> Fetched:
    """A file as a connector brings it."""
    return Fetched(Item(name, name, "1"), data)


@pytest.fixture
async def parser() -> AsyncIterator[IsolatedParser]:
    """A parser whose child ends with the test."""
    async with IsolatedParser() as made:
        yield made


def pid(parser: IsolatedParser) -> int:
    """The child's process number; 0 if there is none."""
    return parser._child.pid if parser._child else 0


def alive(number: int) -> bool:
    """Whether a process runs; one that waits to be reaped does not."""
    status = Path(f"/proc/{number}/status")
    return status.exists() and "\nState:\tZ" not in status.read_text()


def proc(number: int, name: str) -> bytes:
    """What the system tells of a process."""
    return Path(f"/proc/{number}/{name}").read_bytes()


def opened(number: int) -> list[str]:
    """The files that a process has open."""
    return [os.readlink(one) for one in Path(f"/proc/{number}/fd").iterdir()]


async def test_reads_as_this_process_does(parser: IsolatedParser) -> None:
    """Documents and passages of the demo are the same in every field, labels included."""
    paths = sorted(path for path in DEMO.rglob("*") if path.is_file())[:9]
    assert len({path.suffix for path in paths}) > 2
    for path in paths:
        fetched = file(path.name, path.read_bytes())
        assert await parser(LABELLED, fetched) == build(LABELLED, fetched, parse(fetched))


async def test_one_child_reads_all_and_none_starts_for_nothing(parser: IsolatedParser) -> None:
    """The child starts with the first file and stays; it is gone after `close`."""
    assert not pid(parser)
    await parser(Source(), file("a.md"))
    first = pid(parser)
    with pytest.raises(DocumentError, match="no parser for"):
        await parser(Source(), file("a.xyz"))
    await parser(Source(), file("b.md"))
    assert pid(parser) == first
    await parser.close()
    assert not alive(first)


async def test_calls_at_once_do_not_mix(parser: IsolatedParser) -> None:
    """Each caller gets its own document."""
    names = [f"{n}.md" for n in range(8)]
    files = [file(name, TEXT.replace(b"38", name[:1].encode())) for name in names]
    for name, (document, passages) in zip(names, await asyncio.gather(*(parser(Source(), one) for one in files)), strict=True):
        assert document.uri == name
        assert f"es de {name[:1]} metros" in passages[0].text


async def test_too_slow_a_file_is_given_up(parser: IsolatedParser) -> None:
    """Past the limit the child is killed with a reason; the next file is read by another."""
    await parser(Source(), file("a.md"))
    slow, parser._seconds = pid(parser), 0.3
    with pytest.raises(DocumentError, match=r"took longer than 0.3 s"):
        await parser(Source(), file("a.html", b"<p " + b"".join(b"a%d='x' " % n for n in range(100_000)) + b">x"))
    assert not alive(slow)
    parser._seconds = 20.0
    assert (await parser(Source(), file("a.md")))[1]


async def test_a_child_that_dies_is_named_and_replaced(parser: IsolatedParser) -> None:
    """Killed while it reads: the file's error says by which signal, and the next file is read."""
    await parser(Source(), file("a.md"))
    reading = asyncio.create_task(parser(Source(), file("a.md", b"[a](" * 100_000)))
    await asyncio.sleep(0.2)
    os.kill(pid(parser), signal.SIGSEGV)
    with pytest.raises(DocumentError, match="SIGSEGV"):
        await reading
    assert (await parser(Source(), file("a.md")))[1]


async def test_a_cancelled_reading_leaves_nothing_behind(parser: IsolatedParser) -> None:
    """The answer to a cancelled call is never taken for that to the next one."""
    await parser(Source(), file("a.md"))
    reading = asyncio.create_task(parser(Source(), file("slow.md", b"[a](" * 50_000)))
    await asyncio.sleep(0.1)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert (await parser(Source(), file("a.md")))[0].uri == "a.md"


async def test_what_the_child_may_and_knows(parser: IsolatedParser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits on all that it takes; neither the environment nor open files of this process; passwords only on its input."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secreto")
    keep = os.open(__file__, os.O_RDONLY)
    os.set_inheritable(keep, True)
    parser._passwords = {Source().name: ["contraseña"]}
    await parser(Source(), file("a.md"))
    number = pid(parser)
    limits = {line[:25].strip(): line[26:46].strip() for line in proc(number, "limits").decode().splitlines()[1:]}
    assert limits["Max file size"] == limits["Max core file size"] == "0"
    assert limits["Max open files"] == "64"
    assert int(limits["Max cpu time"]) <= 60
    assert 300_000_000 < int(limits["Max address space"]) < 700_000_000
    assert os.getpriority(os.PRIO_PROCESS, number) >= 10
    assert os.getsid(number) == number
    told = proc(number, "environ") + proc(number, "cmdline")
    assert b"secreto" not in told
    assert "contraseña".encode() not in told
    assert __file__ not in opened(number)
    os.close(keep)


async def test_ends_with_its_parent(tmp_path: Path) -> None:
    """A parent that is killed leaves no child behind, even a busy one."""
    script = tmp_path / "parent.py"
    script.write_text(
        textwrap.dedent("""
            import asyncio
            from rag.ingest.parse.isolate import IsolatedParser
            from tests.unit.test_isolate import Source, file

            async def main():
                parser = IsolatedParser()
                await parser(Source(), file("a.md"))
                print(parser._child.pid, flush=True)
                await parser(Source(), file("a.md", b"[a](" * 1_000_000))

            asyncio.run(main())
        """)
    )
    root = Path(__file__).parents[2]
    parent = await asyncio.create_subprocess_exec(
        sys.executable, str(script), stdout=asyncio.subprocess.PIPE, env={"PYTHONPATH": str(root)}, cwd=root
    )
    assert parent.stdout
    orphan = int(await parent.stdout.readline())
    assert alive(orphan)
    parent.kill()
    await parent.wait()
    for _ in range(100):
        if not alive(orphan):
            return
        await asyncio.sleep(0.05)
    pytest.fail("the child outlived its parent")


async def test_an_answer_is_limited(parser: IsolatedParser) -> None:
    """More text than a document holds is refused by the child."""
    data = b"palabra suelta " * (child.MOST_CHARACTERS // 15 + 1000)
    with pytest.raises(DocumentError, match=r"20 million characters in 1 parts: more than is read"):
        await parser(Source(), file("a.txt", data))


@pytest.mark.parametrize("answer", [b"\xff\xff\xff\xff", b"\0\0\0\2{}", b"\0\0\0\3[1]", b"\0\0\0\1x", b"\0\0\0\1"])
async def test_nonsense_for_an_answer_is_a_crash(answer: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that answers otherwise than ours does is ended, whatever it says."""
    fake = tmp_path / "python"
    ready = '\\0\\0\\0\\7"ready"'
    octal = "".join(f"\\{byte:03o}" for byte in answer)
    fake.write_text(f"#!/bin/sh\nprintf '{ready}{octal}'\ncat > /dev/null\n")
    fake.chmod(0o755)
    monkeypatch.setattr(isolate.sys, "executable", str(fake))
    monkeypatch.setattr(isolate, "_REAP_SECONDS", 0.1)
    async with IsolatedParser(seconds=1.0) as made:
        with pytest.raises(DocumentError, match=r"crashed|longer than"):
            await made(Source(), file("a.md"))


async def test_a_child_that_does_not_start_is_no_documents_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run ends with a reason; no document is recorded as unreadable."""
    monkeypatch.setattr(isolate.sys, "executable", "/bin/false")
    async with IsolatedParser() as made:
        with pytest.raises(DependencyError, match="does not start"):
            await made(Source(), file("a.md"))
