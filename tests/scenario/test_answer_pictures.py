"""Pictures beneath an answer: by the interface, and on the chat page in a real browser."""

from __future__ import annotations

import asyncio
import base64

import aiohttp
import jsonschema
import pytest
from playwright.async_api import expect

from adapters.web.openapi import OPENAPI
from bot.messages import IncomingMessage, Reply
from rag.models import Picture
from rag.pictures import duration_curve
from tests.browser_fixtures import OpenPage
from tests.fakes.teams_desk import NotingDesk
from tests.figure_world import hourly
from tests.scenario.page_checks import CONTRAST, NAMES, OVERFLOW
from tests.scenario.web_world import ANSWER, World, world

PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}


async def kept(made: World, message: IncomingMessage) -> None:
    """An answer that is kept for review, so that pictures of it can be asked for."""
    await made.adapter.channel.post(message, Reply(ANSWER, "e1"))


async def drawn() -> Picture:
    """A real picture."""
    return await asyncio.to_thread(duration_curve, hourly(), "es")


async def test_pictures_of_an_answer() -> None:
    """With their words, as the published interface says; another's exchange is not there."""
    picture = await drawn()
    desk = NotingDesk(drawn=(picture,))
    async with world(desk=desk) as made, aiohttp.ClientSession(made.base) as http:
        async with http.get("/v1/exchanges/e1/pictures") as response:
            found = await response.json()
        desk.refuses = True
        async with http.get("/v1/exchanges/e1/pictures") as refused:
            assert refused.status == 404
    schema = {"$ref": "#/components/schemas/Pictures", "components": OPENAPI["components"]}
    jsonschema.Draft202012Validator(schema).validate(found)
    (one,) = found["pictures"]
    assert (one["alt"], base64.b64decode(one["png"])) == (picture.alt, picture.png)


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_shows_them(open_page: OpenPage, scheme: str) -> None:
    """Beneath the answer, no wider than a phone, with the words for who does not see them; without one there is no gap."""
    picture = await drawn()
    desk = NotingDesk(drawn=(picture,))
    async with world(script=kept, desk=desk) as made, open_page(made.base, color_scheme=scheme, **PHONE) as page:
        await page.goto(made.base)
        await page.get_by_role("textbox").fill("¿cuánto consume de noche?")
        await page.get_by_role("button", name="Enviar").click()
        image = page.get_by_role("img", name=picture.alt)
        await expect(image).to_be_visible()
        assert await image.evaluate("one => one.naturalWidth") == 960
        box = await image.bounding_box()
        assert box is not None
        assert 250 < box["width"] <= 360
        for check in (NAMES, CONTRAST, OVERFLOW):
            assert await page.evaluate(check) == []
        desk.drawn = ()
        await page.get_by_role("textbox").fill("¿y de día?")
        await page.get_by_role("button", name="Enviar").click()
        await expect(page.locator(".answer")).to_have_count(2)
        await expect(page.locator(".pictures").last).to_be_hidden()
