"""The chat page in a real browser: asking, citations, keyboard, reload, phone, languages, what a screen reader needs."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from playwright.async_api import Page, expect

from bot.messages import IncomingMessage, Progress, Reply
from rag.models import Answer
from tests.browser_fixtures import OpenPage
from tests.scenario.page_checks import CONTRAST, NAMES, OVERFLOW
from tests.scenario.web_world import ANSWER, DOCUMENT, QUOTE, World, world

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
QUESTION = "¿Por qué gasta tanto la EDAR Norte por la noche?"


async def ask(page: Page, question: str = QUESTION) -> None:
    """Type and send, and wait for the sources that end an answer."""
    await page.get_by_label("Tu pregunta").fill(question)
    await page.get_by_role("button", name="Enviar").click()
    await expect(page.locator(".turn.answer:not([aria-busy])").last).to_be_visible()


async def test_an_answer_streams_and_ends_with_its_sources(open_page: OpenPage) -> None:
    """Text is shown before the answer is complete; then come bold, list, marks, sources, notice and follow-ups."""
    finish = asyncio.Event()

    async def slow(made: World, message: IncomingMessage) -> None:
        await made.adapter.channel.progress(message, Progress("answer", "El consumo base nocturno"))
        await finish.wait()
        await made.adapter.channel.post(message, Reply(ANSWER))

    async with world(script=slow) as w, open_page(w.base) as page:
        await page.get_by_label("Tu pregunta").fill(QUESTION)
        await page.keyboard.press("Enter")
        await expect(page.locator(".answer[aria-busy]")).to_contain_text("El consumo base nocturno")
        await expect(page.get_by_role("button", name="Dejar de esperar")).to_be_visible()
        finish.set()
        answer = page.locator(".turn.answer").last
        await expect(answer.locator("strong")).to_have_text("182 kWh/h")
        await expect(answer.locator(".text li")).to_contain_text("Tres soplantes")
        await expect(answer.get_by_role("button", name="Fuente 2: Manual de explotación")).to_be_visible()
        await expect(answer.locator(".source")).to_have_count(2)
        await expect(answer.locator(".notice")).to_contain_text("sin modelo")
        await expect(page.get_by_role("status")).to_contain_text("182 kWh/h")
        await answer.get_by_role("button", name="¿Cuánto ahorraríamos si las paramos?").click()
        await expect(page.locator(".said")).to_have_count(2)


async def test_a_citation_opens_its_passage_with_the_quote_marked(open_page: OpenPage) -> None:
    """The panel shows the passage among its neighbours, the quote marked though its white space differs, and the link."""
    async with world() as w, open_page(w.base) as page:
        await ask(page)
        await page.get_by_role("button", name="Fuente 2: Manual de explotación").click()
        panel = page.get_by_role("dialog", name=DOCUMENT.title)
        marked = await panel.locator("mark").inner_text()
        assert " ".join(marked.split()) == QUOTE
        await expect(panel).to_contain_text("p. 14, Aireación · 1 mar 2024")
        await expect(panel.locator(".around")).to_have_count(2)
        link = panel.get_by_role("link", name="Abrir el documento original")
        assert await link.get_attribute("href") == DOCUMENT.uri
        assert "noopener" in str(await link.get_attribute("rel"))
        await page.get_by_role("button", name="Cerrar la fuente").click()
        await page.get_by_role("button", name="Fuente 1: Carga base").click()
        await expect(page.locator("#panel .working")).to_contain_text("percentil 10")


async def test_keyboard_alone_is_enough(open_page: OpenPage) -> None:
    """Ask, reach a mark, open it, close it with Escape: the focus comes back to the mark, and is always visible."""
    async with world() as w, open_page(w.base) as page:
        await expect(page.get_by_label("Tu pregunta")).to_be_focused()
        await page.keyboard.type(QUESTION)
        await page.keyboard.press("Enter")
        mark = page.get_by_role("button", name="Fuente 2: Manual de explotación")
        await expect(mark).to_be_visible()
        for _ in range(30):
            await page.keyboard.press("Shift+Tab")
            if await mark.evaluate("e => e === document.activeElement"):
                break
        await expect(mark).to_be_focused()
        assert await mark.evaluate("e => getComputedStyle(e).outlineStyle") != "none"
        await page.keyboard.press("Enter")
        await expect(page.locator("#panel-body")).to_be_focused()
        await expect(page.locator("#panel mark")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator("#panel")).to_be_hidden()
        await expect(mark).to_be_focused()


async def test_a_reload_keeps_the_conversation(open_page: OpenPage) -> None:
    """History comes back whole, with citations that open; a new conversation is empty; a forgotten one stays so."""
    async with world() as w, open_page(w.base) as page:
        await ask(page)
        await page.reload()
        await expect(page.locator(".said")).to_contain_text(QUESTION)
        await page.get_by_role("button", name="Fuente 2: Manual de explotación").click()
        await expect(page.locator("#panel mark")).to_be_visible()
        await page.keyboard.press("Escape")
        first = w.submitted[0].conversation
        await page.get_by_role("button", name="Olvidar esta conversación").click()
        await page.get_by_role("button", name="Borrar").click()
        await expect(page.get_by_text("Conversación borrada.").first).to_be_visible()
        assert (w.submitted[-1].command, w.submitted[-1].conversation) == ("forget", first)
        await page.reload()
        await expect(page.locator("#welcome")).to_be_visible()
        await expect(page.locator(".turn")).to_have_count(0)
        await ask(page)
        assert w.submitted[-1].conversation not in {"", first}


async def test_what_the_server_forgot_is_not_shown_again(open_page: OpenPage) -> None:
    """The server's memory is the authority: erased there, a reload shows nothing and the browser drops its copy."""
    async with world() as w, open_page(w.base) as page:
        await ask(page)
        await w.memory.forget_user("web", "local", "local")
        await page.reload()
        await expect(page.locator("#welcome")).to_be_visible()
        assert "182" not in str(await page.evaluate("JSON.stringify(localStorage)"))


async def test_a_reload_in_mid_answer_picks_it_up(open_page: OpenPage) -> None:
    """Leaving while an answer is being made loses nothing: it arrives on the page that was opened again."""
    finish = asyncio.Event()

    async def slow(made: World, message: IncomingMessage) -> None:
        await finish.wait()
        await made.adapter.channel.post(message, Reply(ANSWER))

    async with world(script=slow) as w, open_page(w.base) as page:
        await page.get_by_label("Tu pregunta").fill(QUESTION)
        await page.keyboard.press("Enter")
        # not wait_for_function: what it asks again within the page is forbidden by the page's own policy
        while not await page.evaluate("JSON.parse(localStorage['efficiency-advisor'] ?? '{}').pending?.location"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        await page.reload()
        await expect(page.locator(".said")).to_contain_text(QUESTION)
        finish.set()
        await expect(page.locator(".source")).to_have_count(2)
        assert len(w.submitted) == 1


async def test_on_a_phone_nothing_scrolls_sideways(open_page: OpenPage) -> None:
    """At 360 px the page, an answer, recommendations and the source sheet fit; targets are large enough for a finger."""
    async with world() as w, open_page(w.base, **PHONE) as page:
        await expect(page.get_by_role("button", name="Enviar")).to_be_visible()
        assert await page.evaluate(OVERFLOW) == []
        await ask(page)
        assert await page.evaluate(OVERFLOW) == []
        small = await page.evaluate(
            "[...document.querySelectorAll('button:not(.cite)')]"
            ".filter(e => e.offsetWidth && e.offsetHeight < 40).map(e => e.outerHTML)"
        )
        assert small == []
        await page.locator(".source").nth(1).click()
        await expect(page.locator("#panel mark")).to_be_in_viewport()
        assert await page.locator("#panel").evaluate("e => e.matches(':modal')")
        assert await page.evaluate(OVERFLOW) == []
        await page.keyboard.press("Escape")
        await page.locator(".chip.energy").tap()
        await expect(page.locator(".measure")).to_contain_text("61.251")
        assert await page.evaluate(OVERFLOW) == []


async def test_recommendations_with_their_ranges(open_page: OpenPage) -> None:
    """`/recommend energy` and the button do the same; figures are written as Spanish writes them, unknown ones are left out."""
    async with world() as w, open_page(w.base) as page:
        await page.get_by_label("Instalación").select_option("edar-norte")
        await page.get_by_label("Tu pregunta").fill("/recommend energy")
        await page.keyboard.press("Enter")
        card = page.get_by_role("article", name="Variador en las soplantes")
        await expect(card).to_contain_text("entre 52.000 y 70.000")
        await expect(card).to_contain_text("2,9 años")
        assert "Valor actual neto" not in await card.inner_text()
        message = w.submitted[0]
        assert (message.command, message.text, message.site) == ("recommend", "energy", "edar-norte")
        await expect(page.locator(".said")).to_contain_text("Recomienda medidas: energía")
        tall = "[document.scrollingElement.scrollHeight, innerHeight]"
        assert len(set(await page.evaluate(tall))) == 1, "a long answer scrolls inside the page, never the page itself"


async def test_what_stands_below_an_item_belongs_to_it(open_page: OpenPage) -> None:
    """What documents say of a measure is read within its item, on lines of its own, and a source's number on one line."""
    cited = [replace(ANSWER.citations[1], n=n, title="Registro de obligaciones legales " * 4) for n in range(1, 13)]
    below = "- **Bajar la presión** [1]\n  En contra: no de día [12]\n- **Reparar** [2]\n\nJuntas [3]"
    said = f"{below}\n\n{' '.join(f'[{n}]' for n in range(4, 12))}"

    async def listed(made: World, message: IncomingMessage) -> None:
        await made.adapter.channel.post(message, Reply(replace(ANSWER, text=said, citations=tuple(cited))))

    async with world(script=listed) as w, open_page(w.base, **PHONE) as page:
        await ask(page)
        items = page.locator(".answer .text li")
        await expect(items).to_have_count(2)
        await expect(items.first).to_contain_text("En contra: no de día")
        await expect(page.locator(".answer .text p").first).to_contain_text("Juntas")
        number = page.locator(".source .n").last
        lines = "one => { const all = document.createRange(); all.selectNodeContents(one); return all.getClientRects().length; }"
        assert await number.evaluate(lines) == 1


async def test_spanish_and_english(open_page: OpenPage) -> None:
    """The browser's language is taken, the switch changes every sentence, and the choice outlives a reload."""
    async with world() as w, open_page(w.base, locale="en-GB") as page:
        await expect(page.get_by_role("heading", level=1)).to_have_text("Efficiency Advisor")
        assert await page.evaluate("document.documentElement.lang") == "en"
        await page.get_by_role("button", name="Español").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Asesor de eficiencia")
        await page.reload()
        await expect(page.get_by_role("button", name="Enviar")).to_be_visible()
        assert await page.title() == "Asesor de eficiencia"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_what_a_screen_reader_and_weak_eyes_need(open_page: OpenPage, scheme: str) -> None:
    """Every control has a name, ids are unique, landmarks and one h1 exist, and all text has AA contrast, in both schemes."""
    async with world() as w, open_page(w.base, color_scheme=scheme) as page:
        await expect(page.get_by_role("button", name="Enviar")).to_be_visible()
        assert await page.evaluate(NAMES) == []
        assert await page.evaluate(CONTRAST) == []
        await ask(page)
        await page.locator(".chip.energy").click()
        await expect(page.locator(".measure")).to_be_visible()
        await page.get_by_role("button", name="Fuente 2: Manual de explotación").click()
        await expect(page.locator("#panel mark")).to_be_visible()
        assert await page.evaluate(NAMES) == []
        assert await page.evaluate(CONTRAST) == []
        for role in ("banner", "navigation", "main", "status"):
            await expect(page.get_by_role(role)).to_have_count(1)
        await expect(page.get_by_role("heading", level=1)).to_have_count(1)
        assert await page.locator(".turn.answer").first.get_attribute("lang") == "es"


async def test_text_of_documents_is_never_markup(open_page: OpenPage) -> None:
    """Tags and script addresses in an answer, a title or a quote are shown as they are and do nothing."""
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script> **<b>n</b>** [1]"
    citation = ANSWER.citations[0].__class__(1, "calculation", evil, "javascript:alert(3)", evil, evil, "es")

    async def hostile(made: World, message: IncomingMessage) -> None:
        await made.adapter.channel.progress(message, Progress("answer", evil))
        await made.adapter.channel.post(message, Reply(Answer("answered", "es", evil, (citation,), follow_ups=(evil,))))

    async with world(script=hostile) as w, open_page(w.base) as page:
        await ask(page, evil)
        await page.locator(".source").click()
        await expect(page.locator("#panel .working")).to_contain_text("<img src=x")
        assert await page.locator("img, #main script, .turns b, a[href^=javascript]").count() == 0


async def test_not_found_and_failure_are_said(open_page: OpenPage) -> None:
    """An answer that is none says so plainly; a refusal shows the server's reason and can be tried again."""

    async def nothing(made: World, message: IncomingMessage) -> None:
        await made.adapter.channel.post(message, Reply(Answer("not_found", "es", "No está en los documentos.")))

    async with world(script=nothing) as w, open_page(w.base, refusals=True) as page:
        await ask(page)
        await expect(page.locator(".badge.not_found")).to_have_text("No está en las fuentes")
        await w.process.kill()
        await ask(page)
        await expect(page.locator(".badge.failed")).to_be_visible()
        await expect(page.locator(".turn.answer").last).to_contain_text("Ahora mismo no puedo atenderte")
        await w.process.start()
        await page.get_by_role("button", name="Reintentar").click()
        await expect(page.locator(".badge.not_found")).to_have_count(2)


async def test_a_token_is_asked_for_once(open_page: OpenPage) -> None:
    """With tokens set the page asks, refuses a wrong one, keeps the session over a reload and ends it on sign-out."""
    async with world(tokens="s3cret-token:obra") as w, open_page(w.base, refusals=True) as page:
        field = page.get_by_label("Token de acceso")
        await field.fill("wrong")
        await page.get_by_role("button", name="Entrar").click()
        await expect(page.get_by_role("alert")).to_contain_text("token válido")
        await field.fill("s3cret-token")
        await page.get_by_role("button", name="Entrar").click()
        await ask(page)
        assert w.submitted[0].grants == ("obra",)
        cookie = (await page.context.cookies())[0]
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        assert "s3cret" not in str(await page.evaluate("JSON.stringify(localStorage) + document.cookie")) + cookie["value"]
        await page.reload()
        await expect(page.locator(".said")).to_be_visible()
        await page.get_by_role("button", name="Salir").click()
        await expect(field).to_be_visible()
        assert "182" not in str(await page.evaluate("JSON.stringify(localStorage)"))


async def test_files_go_with_a_question(open_page: OpenPage) -> None:
    """Chosen, shown, taken away again, sent; with the question or without one. Too many are told."""
    async with world() as w, open_page(w.base) as page:
        chosen = [{"name": f"lecturas-{n}.csv", "mimeType": "text/csv", "buffer": b"inicio;kWh\n"} for n in range(6)]
        await page.locator("#files").set_input_files(chosen[:2])  # type: ignore[arg-type]
        await page.get_by_role("button", name="Quitar lecturas-0.csv").click()
        await expect(page.locator("#attached li")).to_have_count(1)
        await page.get_by_role("button", name="Enviar").click()
        await expect(page.locator(".said")).to_have_text("Tú: Fichero: lecturas-1.csv")
        await expect(page.locator(".turn.answer:not([aria-busy])")).to_be_visible()
        assert [(one.text, [sent.name for sent in one.files]) for one in w.submitted] == [("", ["lecturas-1.csv"])]
        await page.locator("#files").set_input_files(chosen)  # type: ignore[arg-type]
        await expect(page.get_by_role("alert")).to_have_text("Caben 5 ficheros de 10 MB como mucho.")
        await expect(page.locator("#attached li")).to_have_count(5)
