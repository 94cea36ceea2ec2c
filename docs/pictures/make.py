"""Takes the README's picture of a running chat page: python docs/pictures/make.py http://localhost:3978/ (needs Chromium)."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

from playwright.async_api import async_playwright

QUESTIONS = ("¿Por qué gasta tanto la EDAR Norte por la noche?", "How much would we save by stopping two blowers at night?")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


async def main(address: str) -> None:
    """Ask the questions, open the first citation, and write chat.png beside this file."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1360, "height": 940}, locale="es-ES")
        await page.goto(address)
        for number, question in enumerate(QUESTIONS, start=1):
            await page.get_by_role("textbox").fill(question)
            await page.keyboard.press("Enter")
            await page.locator(".turn.answer .cite").nth(0).wait_for()
            await page.wait_for_timeout(2000 * number)
        await page.locator(".turn.answer .cite").first.click()
        await page.wait_for_timeout(1000)
        await page.screenshot(path=Path(__file__).with_name("chat.png"))
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
