"""Takes pictures of the cards for Teams with Microsoft's own renderer (needs Chromium and the npm package adaptivecards).

npm pack adaptivecards && tar xzf adaptivecards-*.tgz
python -m docs.pictures.teams_cards package/dist/adaptivecards.min.js
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from datetime import date
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

from adapters.teams import dialogs
from adapters.teams.cards import reply_cards
from adapters.teams.place import Place
from adapters.teams.start import start_page
from bot.ports import ChannelSettings, Home, SourceAge, SourceView
from rag.models import Answer, Citation, Range, Recommendation

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
STYLE = (
    "body{font:14px 'Segoe UI',sans-serif;background:#f5f5f5;padding:16px} #c{background:#fff;border-radius:8px;padding:4px 8px}"
)
HOST = {
    "fontFamily": "Segoe UI, sans-serif",
    "containerStyles": {"default": {"foregroundColors": {"default": {"default": "#242424", "subtle": "#616161"}}}},
    "actions": {"maxActions": 6, "buttonSpacing": 8, "actionsOrientation": "horizontal", "actionAlignment": "left"},
}
DRAW = """([card, host]) => {
  const made = new AdaptiveCards.AdaptiveCard();
  made.hostConfig = new AdaptiveCards.HostConfig(host);
  made.parse(card);
  const faults = made.validateProperties().validationEvents.map((one) => one.message);
  document.getElementById('c').replaceChildren(made.render());
  return faults;
}"""
CITED = tuple(
    Citation(n, "passage", title, "https://docs.example/x.pdf", place, "Cita.", "es", date=date(2025, 3, 3))
    for n, title, place in ((1, "Manual de explotación", "p. 14"), (2, "Auditoría energética", "p. 31"))
)
MEASURES = (
    Recommendation(
        "vsd", "Variador de frecuencia en las soplantes", "energy",
        "Las tres soplantes trabajan a velocidad fija de noche.", (1, 2), "metered",
        "high", energy_kwh=Range(98_000, 121_000, 143_000), cost_eur=Range(11_800, 14_500, 17_200),
        co2_t=Range(11.8, 14.5, 17.2), investment_eur=Range(38_000, 42_000, 48_000), payback_years=Range(2.2, 2.9, 4.1),
        next_step="Medir el caudal de aire de una semana antes de pedir ofertas.",
    ),
    Recommendation(
        "leak", "Reparar la fuga de la conducción norte", "water",
        "El caudal nocturno no baja de 10 m³/h.", (2,), "document", "medium",
        missing="El ahorro no puede calcularse: no hay lecturas del contador de salida.",
    ),
)  # fmt: skip
VIEW = SourceView(
    1, "Manual de explotación", "3.2 Aireación · p. 14", date(2025, 3, 3), "https://docs.example/manual.pdf",
    "Tres soplantes quedan en marcha entre las 00:00 y las 06:00.", "La línea de aireación tiene cuatro soplantes iguales.",
    "El régimen nocturno es fijo. Tres soplantes quedan en marcha entre las 00:00 y las 06:00. La cuarta es de reserva.",
    "El cambio de régimen se hace a mano desde el cuadro.", "es",
)  # fmt: skip
SETTINGS = ChannelSettings(
    "norte", ("everyone",), None, sites=(("norte", "EDAR Norte"), ("sur", "EDAR Sur")),
    audiences=(("everyone", "Todos"), ("works", "Obras")),
)  # fmt: skip


HOME = Home(
    "EDAR Norte", ("¿Cuánto gastan las soplantes?", "¿Qué dice la auditoría de 2024 sobre la aireación?"),
    (("e1", "¿Y el agua de los tamices?"),),
    (SourceAge("edar-norte", 7, 1_763_900_000.0), SourceAge("general", 11, 1_763_900_000.0)),
)  # fmt: skip


def cards() -> dict[str, dict[str, Any]]:
    """The cards to show, by the name of their picture."""
    answer = Answer("answered", "es", "", CITED, MEASURES, ("¿Cuánto gastan las soplantes?", "¿Y en verano?"))
    (reply,) = reply_cards(answer, Place("", "19:x", kind="channel"), exchange="e1", expert="Marta Ruiz")
    (start,) = start_page(HOME, Place("", "a:1", kind="personal"), "es")
    made: dict[str, Any] = {"teams-reply": reply, "teams-start": (start.attachments or [])[0].content}
    for name, dialog in {"teams-source": dialogs.source(VIEW, "es"), "teams-settings": dialogs.settings(SETTINGS, "es")}.items():
        made[name] = dialog["task"]["value"]["card"]["content"]
    return made


async def main(renderer: str) -> int:
    """Write a picture of each card beside this file; 1 if the renderer found a fault in one."""
    faulty = 0
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 640, "height": 400}, locale="es-ES")
        await page.set_content(f"<style>{STYLE}</style><div id='c'></div>")
        await page.add_script_tag(path=renderer)
        await page.add_style_tag(path=str(Path(renderer).with_name("adaptivecards.css")))
        for name, card in cards().items():
            faults = await page.evaluate(DRAW, [card, HOST])
            faulty += len(faults)
            print(name, json.dumps(faults))
            await page.screenshot(path=Path(__file__).with_name(f"{name}.png"), full_page=True)
        await browser.close()
    return int(faulty > 0)


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main(sys.argv[1])))
