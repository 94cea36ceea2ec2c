"""The adviser in Microsoft's Agents Playground, which holds what we send against its schema: python -m bench.playground FOLDER

FOLDER holds the npm package: `npm pack @microsoft/m365agentsplayground@0.2.28 && tar xzf microsoft-m365agentsplayground-*.tgz`
gives `package`. Starts the playground and the adviser on this machine alone, asks as a person would in a browser, takes pictures
into --pictures, and exits with 1 if an answer does not come or the playground complains. Needs node, Chromium and a demo index
in --home (made if it is missing: about two minutes).
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import FloatRect, Page, async_playwright
from playwright.async_api import TimeoutError as PlaywrightTimeout

ROOT = Path(__file__).parent.parent
ADVISER_PORT, PLAYGROUND_PORT = 4978, 56150
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
LOOPBACK = """const net = require("net"), listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (...given) {
  if (typeof given[0] === "object" && given[0] && "port" in given[0]) given[0].host = "127.0.0.1";
  else if (typeof given[0] === "number") given.splice(1, typeof given[1] === "string" ? 1 : 0, "127.0.0.1");
  return listen.apply(this, given);
};
"""
"""The playground has no option for the address that it listens on."""
SCENES = (
    ("question", "¿Qué línea de la desaladora hay que parar primero?", "AI generated"),
    ("follow-up", "¿y en qué periodo debe trabajar?", "AI generated"),
    ("recommend", "recomienda energía en la Desaladora Costa", "Siguiente paso"),
)
PRESSED, THEN = "recomienda estado", "Registro de Desaladora Costa"
"""The button of the recommendations' card that asks on, and how its answer begins."""
USER = "user-id-0"
"""Who writes in the playground."""
CHAT: FloatRect = {"x": 330, "y": 48, "width": 580, "height": 860}
"""Where the conversation stands on the page: what is taken a picture of."""
TOLERATED = ("Task module (task/fetch) is not supported", "Cannot connect to your app", "Events recording")


@contextlib.asynccontextmanager
async def running(name: str, *command: str, folder: Path = ROOT, **environment: str) -> AsyncIterator[None]:
    """A process of ours while within, run in `folder`; what it says goes to a temporary file named after it."""
    with (Path(tempfile.gettempdir()) / f"playground-{name}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env={**os.environ, **environment}, stdout=log, stderr=log
        )
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


async def answers(address: str, seconds: float) -> None:
    """Wait until a server is there."""
    async with aiohttp.ClientSession() as session, asyncio.timeout(seconds):
        while True:
            try:
                async with session.get(address):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.5)


async def shown(page: Page, pictures: Path, name: str, text: str, number: int) -> None:
    """A picture of the chat where a text stands for the `number`th time."""
    await page.wait_for_timeout(1500)
    with contextlib.suppress(PlaywrightTimeout):
        await page.get_by_text(text).nth(number).scroll_into_view_if_needed(timeout=2000)
    await page.screenshot(path=pictures / f"teams-playground-{name}.png", clip=CHAT)


async def press(page: Page, frames: list[str], title: str) -> None:
    """Press a button of the latest card that has it, by the call that the playground's page makes: its buttons of the cards'
    body take no clicks from a headless browser.
    """
    shown = [message for frame in frames if (message := json.loads(frame).get("message")) and title in frame]
    attached = shown[-1]["attachments"][0]["content"]
    (action,) = [one for one in actions(attached) if one.get("title") == title]
    chat = next(found for frame in frames if title in frame and (found := json.loads(frame).get("actionConversationId")))
    body = {"conversation": {"id": chat}, "replyToId": shown[-1]["messageId"], "value": action["data"], "from": {"id": USER}}
    call = "body => fetch('/_conversation/v1/submit', {method: 'POST', headers: {'Content-Type': 'application/json'}, body})"
    await page.evaluate(call, json.dumps(body))


def actions(card: Any) -> Iterator[dict[str, Any]]:
    """The buttons of a card, wherever they stand."""
    if isinstance(card, dict):
        if str(card.get("type", "")).startswith("Action.Submit"):
            yield card
        card = list(card.values())
    for part in card if isinstance(card, list) else ():
        yield from actions(part)


async def converse(page: Page, pictures: Path) -> list[str]:
    """Play the scenes; what went wrong."""
    faults, frames = [], list[str]()
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
    await page.reload()  # so that its socket is seen from the start
    box = page.get_by_role("textbox").first
    await box.wait_for()
    for name, question, expected in SCENES:
        seen = await page.get_by_text(expected).count()
        await box.click()
        await page.keyboard.type(question)
        await page.keyboard.press("Enter")
        try:
            await page.get_by_text(expected).nth(seen).wait_for(timeout=30_000)
        except PlaywrightTimeout:
            faults.append(f"{name}: no answer")
        await shown(page, pictures, name, expected, seen)
    await press(page, frames, PRESSED)
    try:
        await page.get_by_text(THEN).last.wait_for(timeout=30_000)
    except PlaywrightTimeout:
        faults.append("card action: no answer")
    await shown(page, pictures, "card-action", THEN, 0)
    said = await page.locator("body").inner_text()
    return faults + [line for line in said.splitlines() if "(!)" in line and not any(known in line for known in TOLERATED)]


async def main(package: Path, home: Path, pictures: Path) -> int:
    """0 if all went well."""
    with tempfile.TemporaryDirectory() as scratch:
        patch, opener = Path(scratch) / "loopback.js", Path(scratch) / "xdg-open"
        patch.write_text(LOOPBACK, encoding="utf-8")
        opener.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")  # it insists on opening a browser
        opener.chmod(0o755)
        endpoint = f"http://127.0.0.1:{ADVISER_PORT}/api/messages"
        playground = ("node", str(package / "cli.js"), "-e", endpoint, "-c", "msteams", "-p", str(PLAYGROUND_PORT))
        serve = (sys.executable, "app.py", "serve", "--host", "127.0.0.1", "--port", str(ADVISER_PORT))
        ours = {"ADVISOR_HOME": str(home), "DANGEROUSLY_ALLOW_UNAUTHENTICATED_TEAMS": "true"}
        theirs = {"NODE_OPTIONS": f"--require {patch}", "PATH": f"{scratch}:{os.environ['PATH']}"}
        async with (
            running("adviser", *serve, *([] if (home / "index").exists() else ["--ingest"]), **ours),
            running("server", *playground, "--disable-telemetry", folder=Path(scratch), **theirs),
            async_playwright() as playwright,
        ):
            await answers(f"http://127.0.0.1:{ADVISER_PORT}/healthz", 300)
            await answers(f"http://127.0.0.1:{PLAYGROUND_PORT}/", 60)
            browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
            page = await browser.new_page(viewport={"width": 1280, "height": 1000}, locale="es-ES")
            await page.goto(f"http://127.0.0.1:{PLAYGROUND_PORT}/")
            faults = await converse(page, pictures)
            await browser.close()
    print(*(faults or [f"{len(SCENES)} scenes and a card action played, no complaint"]), sep="\n")
    return int(bool(faults))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Play a conversation in Microsoft's Agents Playground.")
    parser.add_argument("package", type=Path)
    parser.add_argument("--home", type=Path, default=Path("var"))
    parser.add_argument("--pictures", type=Path, default=ROOT / "docs" / "pictures")
    given = parser.parse_args()
    raise SystemExit(asyncio.run(main(given.package.resolve(), given.home.resolve(), given.pictures.resolve())))
