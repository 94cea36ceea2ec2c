"""No client of the outside waits for ever: wherever one is made, a time limit stands beside it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMITS = {
    "ClientSession": "timeout",
    "AsyncOpenAI": "timeout",
    "ChatOpenAI": "timeout",
    "DefaultAsyncHttpxClient": "timeout",
    "AsyncIndex": "timeout",
    "Config": "connect_timeout",
    "Confluence": "timeout",
    "AsyncWebClient": "session",
    "from_url": None,
}
"""Each client that we use, and the argument that limits its waiting; None: by the options that it is given (`**`)."""


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _calls(tree: ast.AST) -> Iterator[tuple[ast.Call, bool]]:
    """Each call that makes a client, and whether it stands in an `async with` that begins with a time limit."""
    timed = {
        id(inner)
        for block in ast.walk(tree)
        if isinstance(block, ast.AsyncWith) and ast.unparse(block.items[0].context_expr).startswith("asyncio.timeout(")
        for inner in ast.walk(block)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node) in LIMITS:
            yield node, id(node) in timed


def test_every_client_has_a_time_limit() -> None:
    """Each of a dozen clients names its limit where it is made, or is made within one."""
    seen, unlimited = 0, []
    for path in [
        *ROOT.glob("*.py"),
        *(one for folder in ("adapters", "bot", "rag", "config") for one in (ROOT / folder).rglob("*.py")),
    ]:
        for call, timed in _calls(ast.parse(path.read_text("utf-8"))):
            seen += 1
            given = {keyword.arg for keyword in call.keywords}
            if not timed and LIMITS[_name(call)] not in given:
                unlimited.append(f"{path.relative_to(ROOT)}:{call.lineno} {ast.unparse(call)[:80]}")
    assert unlimited == []
    assert seen >= 8
