"""Takes the README's picture of a running chat page: python docs/pictures/make.py http://localhost:3978/ (needs Chromium)."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

from playwright.async_api import async_playwright

QUESTIONS = ("What does a 10 m³/h leak cost us per day?", "¿Qué línea de la desaladora hay que parar primero?")
"""Short ones, whose answers the demo's documents bear out in both languages: look at the picture before it is committed."""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


async def main(address: str) -> None:
    """Ask the questions, open the last answer's first citation, and write chat.png beside this file."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        context = await browser.new_context(viewport={"width": 1280, "height": 1430}, locale="es-ES", reduced_motion="reduce")
        page = await context.new_page()
        await page.goto(address)
        for number, question in enumerate(QUESTIONS):
            await page.get_by_role("textbox").fill(question)
            await page.keyboard.press("Enter")
            await page.locator(".turn.answer").nth(number).locator(".sources").wait_for()
        await page.locator(".turn.answer").last.locator(".cite").first.click()
        await page.locator("mark").first.wait_for()
        await page.screenshot(path=Path(__file__).with_name("chat.png"))
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
