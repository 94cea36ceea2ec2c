"""Chromium for the browser tests; where there is none they are skipped, and the summary says in one line how to get it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-extensions",
]  # fmt: skip
_skipped = 0

OpenPage = Callable[..., AbstractAsyncContextManager[Page]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs Chromium where there is none."""
    global _skipped
    if CHROMIUM:
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium"))
            _skipped += 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line, instead of one for each test."""
    if _skipped:
        terminalreporter.write_line(f"{_skipped} browser tests skipped: no Chromium (Debian: apt-get install chromium)")


@pytest.fixture
def open_page() -> OpenPage:
    """`async with open_page(url, **context_options) as page`: a page that fails the test if it complains or leaves the server."""
    return _open_page


@asynccontextmanager
async def _open_page(url: str, *, refusals: bool = False, **options: Any) -> AsyncIterator[Page]:
    """A fresh browser. `refusals`: the server is meant to refuse something, which the browser reports as an error."""
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        try:
            context = await browser.new_context(**{"locale": "es-ES", "reduced_motion": "reduce", **options})
            page = await context.new_page()
            page.set_default_timeout(8000)
            page.on("pageerror", lambda error: complaints.append(f"exception: {error}"))
            page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}") if _bad(message) else None)
            page.on("request", lambda request: complaints.append(f"left: {request.url}") if not _ours(request, url) else None)
            await page.goto(url)
            yield page
        finally:
            await browser.close()
    if refusals:
        complaints = [complaint for complaint in complaints if "Failed to load resource" not in complaint]
    assert not complaints, complaints


def _bad(message: Any) -> bool:
    return message.type in {"error", "warning"}


def _ours(request: Any, url: str) -> bool:
    return str(request.url).startswith((url, "data:", "blob:"))
