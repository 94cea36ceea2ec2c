"""Questions about a bill that was sent are answered from it, with the lines that tell what they name."""

from __future__ import annotations

from pathlib import Path

import pytest
from redis.asyncio import Redis

from rag.bill_lines import about_it, explains, lines
from rag.models import Scope, Turn
from tests.answer_fixtures import said
from tests.desk_world import DeskWorld
from tests.unit.test_brought import BILL, NAME, office, sending

LINES = "Energía reactiva: 45,20 €\n\nBase imponible: 2.275,84 €\n\nIVA 21 %: 477,93 €\n\n"
WHOLE = BILL.replace("Importe total", f"{LINES}Importe total")
BY_PERIOD = WHOLE.replace("Consumo total: 12.400 kWh", "Consumo P1: 3.400 kWh\n\nConsumo P2: 9.000 kWh")
OWN = Scope(frozenset({"conversation:x", "all"}), "plant")


@pytest.mark.parametrize("bill", [WHOLE, BY_PERIOD])
async def test_its_lines_are_quoted(redis: Redis, tmp_path: Path, bill: str) -> None:
    """Each part that is asked for, from the bill alone, whether an amount could be read from it or not."""
    world = DeskWorld(redis, home=tmp_path)
    world.channel.files["factura.md"] = bill.encode()
    await world.ask(sending("factura.md"))
    for n, (question, line) in enumerate(
        (
            ("¿cuánto se paga de reactiva?", "Energía reactiva: 45,20 €"),
            ("¿está bien calculado el IVA?", "IVA 21 %: 477,93 €"),
            ("average price without VAT", "IVA 21 %: 477,93 €"),
        )
    ):
        reply = await world.ask(said(question, id=f"q{n}", direct=True))
        assert line in reply.text, question
        assert {one.title for one in reply.answer.citations} == {"Factura"}
    explained = await world.ask(said("explain this bill to me", id="e", direct=True))
    assert ("12,400 kWh" if bill is WHOLE else "3.400 kWh") in explained.text


async def test_a_price_that_was_set_holds_for_recommendations(redis: Redis, tmp_path: Path) -> None:
    """«A 0,20 €/kWh» and then "recommend": in money; what it costs a month is then asked of the readings, not of the measures."""
    world = DeskWorld(redis, home=tmp_path)
    world.channel.files[NAME] = office()
    await world.ask(sending(NAME))
    await world.ask(said("at 0.20 €/kWh", id="p1", direct=True))
    reply = await world.ask(said("Recommend", id="p2", direct=True))
    idle = next(one for one in reply.answer.recommendations if one.measure == "idle_load")
    assert idle.energy_kwh
    assert idle.cost_eur
    assert idle.cost_eur.mid == pytest.approx(idle.energy_kwh.mid * 0.2, rel=0.01)
    month = await world.ask(said("¿y a 0,15 €/kWh cuánto cuesta al mes?", id="p3", direct=True))
    assert "Al mes son" in month.text


def test_what_is_about_a_bill() -> None:
    """The bill by its name, or a part of one that was spoken of; not the bill of a facility that is named, nor any question."""
    spoken = [Turn("user", "factura.pdf")]
    assert about_it("explain this bill to me", OWN, [], elsewhere=False)
    assert about_it("¿cuánto es el IVA?", OWN, spoken, elsewhere=False)
    assert about_it("¿cuánto es el IVA?", OWN, [], elsewhere=False) is None
    assert about_it("la factura de la oficina", OWN, spoken, elsewhere=True) is None
    assert about_it("explain this bill", Scope(frozenset({"all"})), spoken, elsewhere=False) is None
    assert lines("¿cuánto es el IVA?", OWN) is None
    assert explains("¿me explicas la factura?")
