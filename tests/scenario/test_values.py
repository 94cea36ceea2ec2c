"""Values that are asked for by name, in a conversation: a month, a comparison, a contract, a leak; figures alone answer."""

from __future__ import annotations

import pytest

from bot.messages import Reply
from rag.direct import Direct
from rag.models import Scope
from rag.readings.replies import reply
from tests.answer_fixtures import EVERYONE, passage
from tests.value_world import COMPANY_OF_SITES, SOURCE, TODAY, ValueWorld, readings


def calculated(reply: Reply) -> set[str]:
    """Kinds of what an answer cites."""
    return {one.kind for one in reply.answer.citations}


async def test_a_month_and_what_follows_it() -> None:
    """July is the sum of its hours at its periods' prices, then the month after it, the peak with its hour, and another price."""
    world = ValueWorld()
    july = await world.ask("¿Cuánto consumió la EDAR Norte en julio?")
    assert "julio de 2025: 7.450 kWh" in july.text  # 744 hours of 10 kWh, and 10 more on the third
    assert calculated(july) == {"calculation"}
    assert "precio de la energía P1 0,19 €/kWh" in july.answer.citations[0].quote
    assert "agosto de 2025: 7.440 kWh" in (await world.ask("¿y en agosto?")).text
    assert "3 jul 2025 a las 12:00" in (await world.ask("¿cuál fue la punta de la depuradora en julio y cuándo?")).text
    assert (
        "7.450 kWh, que a 0,5 €/kWh son 3.725 €"
        in (await world.ask("¿Cuánto cuesta la luz de la EDAR en julio a 0,50 €/kWh?")).text
    )


async def test_a_price_alone_prices_what_was_asked_for() -> None:
    """And recommends nothing: an amount was asked for, not measures."""
    world = ValueWorld()
    await world.ask("How much electricity did the head office use in 2025?")
    priced = await world.ask("and at 0.20 €/kWh?")
    assert "35,040 kWh, which at 0.2 €/kWh are 7,008 €" in priced.text
    assert not priced.answer.recommendations


async def test_what_was_not_read_is_said() -> None:
    """With the days that were, and with what a document says of that year."""
    world = ValueWorld()
    never = await world.ask("¿Cuánto consumió la oficina en 2019?")
    assert "no hay lecturas de 2019; las que hay son de 2025" in never.text
    assert calculated(never) == {"calculation"}
    partly = await world.ask("consumo de la oficina desde diciembre de 2025 hasta enero de 2026")
    assert "diciembre de 2025: 2.976 kWh" in partly.text
    assert "solo hay lecturas de esos días" in partly.text


async def test_of_a_table_the_row_of_the_facility_tells_a_year_that_was_not_read() -> None:
    """Neither its headings, which have the year, nor another facility's row, nor a row without an amount of that year."""
    table = "Instalación | Energía 2019, MWh | Energía 2024, MWh\nEDAR Norte | 2.198 | 2.215\nOficina central | 391 | -"
    report = passage(table)
    heading, plant, office = table.split("\n")
    direct = Direct(readings, reply, lambda: COMPANY_OF_SITES, lambda: TODAY)
    for year, told in ((2019, [office]), (2024, [])):
        asked = f"¿Cuánto consumió la oficina en {year}?"
        found = await direct.told(asked, "es", Scope(EVERYONE), asked)
        assert found is not None
        assert found.beside is not None
        assert [one for one in (heading, plant, office) if found.beside.holds(report, one)] == told
        assert found.beside.holds(report, f"La oficina gastó 391 MWh en {year}.")
        assert not found.beside.holds(report, "La oficina gastó 391 MWh en 2018.")


@pytest.mark.parametrize(
    "question", ["¿Quién gasta más, la EDAR o la oficina?", "compare head office and EDAR consumption in 2025"]
)
async def test_two_sites_side_by_side(question: str) -> None:
    """The higher first, each with its calculation, then by how much."""
    reply = await ValueWorld().ask(question)
    lines = reply.text.split("\n")
    assert "EDAR Norte" in lines[0]
    assert "Electricidad Oficina central" in lines[1]
    assert "2,5" in reply.text or "2.5" in reply.text  # times as much
    assert len(reply.answer.citations) == 3
    assert calculated(reply) == {"calculation"}


async def test_a_little_more_is_told_as_a_percentage() -> None:
    """«1,02 times» is 2 % more; from twice on it is how many times."""
    world = ValueWorld()
    near = await world.ask("compara el consumo de la oficina en enero y en febrero de 2025")
    assert "El más alto es enero de 2025: un 10,7 % más que febrero de 2025 (" in near.text
    far = await world.ask("¿Quién gasta más, la EDAR o la oficina?")
    assert " veces lo de " in far.text


async def test_the_company_as_a_whole() -> None:
    """The sum of the sites that all may see, with its parts; what is the management's is added for the management alone."""
    world = ValueWorld()
    reply = await world.ask("¿Cuánta energía gasta la empresa entera?")
    assert "Juntos suman 122.650 kWh" in reply.text
    assert "Centro de datos" not in reply.text
    boss = await ValueWorld().ask("¿Cuánta energía gasta la empresa entera?", user="U-BOSS", direct=True)
    assert "Juntos suman 998.650 kWh" in boss.text


async def test_a_contract() -> None:
    """Powers and prices as advisor.yaml has them, with the contract that they were read in."""
    world = ValueWorld()
    powers = await world.ask("¿Cuál es la potencia contratada de la oficina?")
    assert "120 kW (P1-P5), 150 kW (P6)" in powers.text
    assert SOURCE in powers.answer.citations[0].locator
    price = await world.ask("P1 price at the head office")
    assert "0.29 €/kWh (P1)" in price.text
    assert calculated(price) == {"calculation"}


async def test_leaks_that_are_open() -> None:
    """With what they cost a day; one that was repaired is told as such, and a meter that is named is told alone."""
    world = ValueWorld()
    opened = await world.ask("¿Cómo va la fuga del Ensanche?")
    assert "18 m³/h el 12 may 2025" in opened.text
    assert "216 €/día" in opened.text  # 18 times 24 at 0.50
    assert "S1" not in opened.text
    everywhere = await world.ask("Are there open leaks in the network?")
    assert "S2 Ensanche" in everywhere.text
    assert "Caudal S1 Centro: no rise of the minimum night flow is still open" in everywhere.text
    ended = await world.ask("¿Hay una fuga en el sector S1?")
    assert "volvió a bajar el 20 jun 2025" in ended.text


async def test_another_question_is_left_to_documents() -> None:
    """Words that are not understood, reasons and things without a meter get no total."""
    world = ValueWorld()
    for question in ("¿Cuánto consumen las soplantes de la EDAR Norte?", "¿Por qué gasta tanto la EDAR Norte en julio?"):
        reply = await world.ask(question)
        assert "Electricidad EDAR Norte, " not in reply.text, question


async def test_a_thread_keeps_its_day_and_a_day_that_there_is_not_is_said() -> None:
    """The hour of the peak is of the day that was asked about; 29 February of 2025 is no other day."""
    world = ValueWorld()
    await world.ask("¿Cuánto consumió la EDAR Norte el 4 de julio?")
    peak = await world.ask("¿a qué hora fue el pico?")
    assert "4 jul 2025: el máximo fue de 10 kW" in peak.text
    gone = await world.ask("¿y el 29 de febrero?")
    assert gone.text.startswith("En febrero de 2025 no hay día 29: el mes acaba el 28 feb 2025.")
    english = await world.ask("How many kWh did the head office use on 30 February?")
    assert english.text.startswith("There is no day 30 in February 2025")
    assert calculated(english) == {"calculation"}


async def test_seasons_and_days_told_from_today() -> None:
    """Summer is June to August; last winter is told for what was read of it; last Tuesday is one day."""
    world = ValueWorld()
    summer = await world.ask("How much did the head office use in summer 2025?")
    assert "1 Jun 2025 - 31 Aug 2025: 8,832 kWh" in summer.text  # 92 days of 4 kW
    winter = await world.ask("electricidad de la oficina el invierno pasado")
    assert "enero de 2025" not in winter.text
    assert "1 ene 2025 - 28 feb 2025: 5.664 kWh" in winter.text
    assert "De 1 dic 2024 - 28 feb 2025 solo hay lecturas de esos días" in winter.text
    assert "there are no readings of 3 Feb 2026" in (await world.ask("what did the head office consume last Tuesday?")).text
    assert "no hay lecturas de 3 feb 2026" in (await world.ask("¿cuánto gastó la oficina el martes pasado?")).text


async def test_what_was_told_in_another_unit() -> None:
    """As a follow-up, in either language, with the conversion cited."""
    world = ValueWorld()
    await world.ask("¿Cuánto consumió la EDAR Norte en agosto?")
    told = await world.ask("¿me lo pasas en MWh?")
    assert "7.440 kWh son 7,44 MWh" in told.text
    assert "valor 7.440 kWh; factor 1.000" in told.answer.citations[-1].quote
    await world.ask("is there a leak in the Ensanche sector?")
    assert "18 m³/h is 5 l/s" in (await world.ask("how many litres per second is that?")).text


async def test_the_time_that_a_question_names_is_never_the_years() -> None:
    """Where more than a value is asked, so that documents are read, what the meter says is of that time, too."""
    reply = await ValueWorld().ask("¿qué máquinas gastan la electricidad de la oficina en julio?")
    assert "julio de 2025: 2.976 kWh" in reply.text
    assert "35.040" not in reply.text
    night = await ValueWorld().ask("how does the head office use energy at night in July?")
    assert "July 2025: from 0 to 6 h" in night.text


@pytest.mark.parametrize(
    ("first", "corrections"),
    [
        (
            "¿Cuánto consumió la EDAR Norte en abril?",
            [
                ("no, en abril no, en agosto", "agosto de 2025: 7.440 kWh"),
                ("me refería a la oficina", "agosto de 2025: 2.976 kWh"),
            ],
        ),
        (
            "How much did the head office use in April?",
            [("no, I meant in August", "August 2025: 2,976 kWh"), ("sorry, I meant EDAR Norte", "August 2025: 7,440 kWh")],
        ),
    ],
)
async def test_a_question_that_is_put_right(first: str, corrections: list[tuple[str, str]]) -> None:
    """What was meant takes the place of what was said; nothing is compared with it."""
    world = ValueWorld()
    await world.ask(first)
    for correction, expected in corrections:
        told = await world.ask(correction)
        assert expected in told.text
        assert len(told.answer.citations) == 1


async def test_whether_a_value_is_much() -> None:
    """It is told again beside what is usual of it; of what nothing is known to hold it against, that is said."""
    world = ValueWorld()
    await world.ask("¿Cuánto consumió la EDAR Norte en agosto?")
    told = await world.ask("¿eso es mucho o poco?")
    assert "agosto de 2025: 7.440 kWh" in told.text
    assert "el mes más alto fue julio de 2025, con 7.450 kWh" in told.text
    assert calculated(told) == {"calculation"}
    await world.ask("How much did the head office use in 2025?")
    unknown = await world.ask("is that a lot?")
    assert "35,040 kWh" in unknown.text
    assert "I do not know whether that is a lot" in unknown.text
    await world.ask("What is the cooling setpoint of the head office in summer?")
    assert "35,040" not in (await world.ask("is that normal?")).text


async def test_the_other_facility_and_what_the_two_differ_by() -> None:
    """The last two values side by side, in per cent if that is asked for; what cannot be put together is asked back."""
    world = ValueWorld()
    await world.ask("¿Cuánto consumió la EDAR Norte en agosto?")
    assert "agosto de 2025: 2.976 kWh" in (await world.ask("¿y la oficina?")).text
    assert "agosto de 2025: 7.440 kWh" in (await world.ask("¿y en la otra instalación?")).text
    apart = await world.ask("diferencia entre los dos en porcentaje")
    assert "El más alto es EDAR Norte: un 150 % más que Oficina central (4.464 kWh)" in apart.text
    assert calculated(apart) == {"calculation"}
    months = ValueWorld()
    await months.ask("How much did the head office use in April?")
    await months.ask("and in May?")
    await months.ask("is that a lot?")
    assert "May 2025: 3.3 % more than April 2025 (96 kWh)" in (await months.ask("what is the difference between the two?")).text
    await months.ask("How much did EDAR Norte use in June?")
    await months.ask("How much did the head office use in July?")
    asked_back = await months.ask("compare the two")
    assert asked_back.answer.status == "needs_input"
    assert "July" not in asked_back.text
    assert "July 2025: 7,450 kWh" in (await months.ask("and the other plant?")).text


async def test_a_day_by_its_place_in_the_month() -> None:
    """The last Tuesday of a month is a day, its first week seven of them."""
    world = ValueWorld()
    assert "25 mar 2025: 240 kWh" in (await world.ask("¿Cuánto consumió la EDAR Norte el último martes de marzo?")).text
    week = await world.ask("How much did the head office use in the first week of April?")
    assert "1 Apr 2025 - 7 Apr 2025: 672 kWh" in week.text


async def test_what_is_used_in_all_is_the_companys() -> None:
    """Where no facility is spoken of, of all that the asker may see, in money, too; and «¿y el coste?» is not asked back."""
    world = ValueWorld()
    total = (await world.ask("¿Cuántos kWh gastamos en total en 2025?")).text
    assert "EDAR Norte" in total
    assert "Oficina central" in total
    money = (await world.ask("¿Y en euros?")).answer
    assert (money.status, money.text.count("que cuestan")) == ("answered", 2)
    await world.ask("consumo total de la empresa en 2025")
    assert (await world.ask("¿y el coste?")).answer.status == "answered"
    assert "Oficina" not in (await ValueWorld().ask("¿Cuánto gastamos en total en la EDAR Norte en 2025?")).text
