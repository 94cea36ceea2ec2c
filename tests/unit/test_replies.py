"""Values of readings and contracts, on series whose sums are known by heart."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from config.company import SiteConfig
from rag.asked import asked
from rag.figure import Figure, Target, statement
from rag.readings import checks, leaks, water
from rag.readings.bills import Bill
from rag.readings.bills import series as of_bills
from rag.readings.replies import reply
from rag.readings.series import Series
from tests.value_world import COMPANY_OF_SITES, TODAY, flows, hours, series

PLANT, OFFICE, NETWORK = (COMPANY_OF_SITES.site(one) for one in ("edar-norte", "oficina", "red"))


def told(question: str, held: Series, site: SiteConfig | None = PLANT) -> Figure:
    """The one figure that answers a question about a site with one meter."""
    assert site is not None
    found = reply(asked(question, COMPANY_OF_SITES), [Target(site, {held.meter: held})], TODAY)
    assert len(found.figures) == 1, found
    return found.figures[0][1]


def value(figure: Figure, key: str) -> float:
    """One of its quantities."""
    return next(one.value for made in figure.calculations for one in (*made.results, *made.inputs) if one.key == key)


def test_a_month_at_its_contracts_prices() -> None:
    """The sum of its hours, clock change included; its cost is that of each period."""
    march = told("consumo de la EDAR en marzo", series(hours("2025-01-01", "2026-01-01", 2.0)))
    assert value(march, "overview_total") == 2 * (31 * 24 - 1)
    parts = sum(value(march, f"energy_p{n}") for n in (2, 3, 6))
    assert parts == pytest.approx(value(march, "overview_total"))
    cost = sum(value(march, f"energy_p{n}") * (0.2 - 0.01 * n) for n in (2, 3, 6))
    assert value(march, "energy_cost") == pytest.approx(cost)


def test_peaks_days_and_hours() -> None:
    """When it was highest, the day and month of most and least, the hour of the day."""
    values = hours("2025-01-01", "2025-05-01", 10.0)
    values.loc["2025-02-10 18:00"] = 50.0
    values.loc["2025-03-05"] = 1.0  # type: ignore[call-overload]  # a day of times
    held = series(values)
    peak = told("¿cuál es la punta de la EDAR?", held)
    assert (value(peak, "highest_rate"), peak.values["moment"], peak.values["period"]) == (50.0, "2025-02-10T18:00", "P1")
    assert told("¿qué día consumió más la EDAR?", held).values["which"] == "2025-02-10"
    assert told("¿qué día consumió menos la EDAR?", held).values["which"] == "2025-03-05"
    assert told("¿qué mes consumió menos la EDAR?", held).values["which"] == "2025-02"
    assert told("¿a qué hora consume más la EDAR?", held).values["which"] == "18h"


def test_a_period_is_a_share() -> None:
    """All nights and weekends are P6."""
    part = told("¿cuánto consumió la EDAR en P6 en 2025?", series(hours("2025-01-01", "2026-01-01")))
    assert value(part, "period_energy") == 4680
    assert value(part, "period_share") == pytest.approx(100 * 4680 / 8760)
    assert value(part, "energy_cost") == pytest.approx(4680 * 0.14)
    none = told("¿cuánto consumió la EDAR en P1 en marzo?", series(hours("2025-01-01", "2026-01-01")))
    assert (value(none, "period_energy"), value(none, "energy_cost")) == (0.0, 0.0)  # of a month without it: nothing, not unknown


def test_nights_and_means() -> None:
    """Of the time that is asked for, not of the year."""
    values = hours("2025-01-01", "2026-01-01", 10.0)
    values[(values.index.month == 7) & (values.index.hour < 6)] = 4.0  # type: ignore[attr-defined]  # an index of times
    night = told("consumo de noche de la EDAR en julio", series(values))
    assert (value(night, "night_rate"), value(night, "night_of_day")) == (4.0, pytest.approx(40.0))
    assert value(told("consumo medio diario de la EDAR en agosto", series(values)), "daily_mean") == 240


def test_a_season_with_what_was_read_of_it() -> None:
    """Three whole months; of the winter that began before the readings only January and February."""
    held = series(hours("2025-01-01", "2026-01-01", 2.0))
    assert value(told("consumo de la EDAR en verano", held), "overview_total") == 2 * 24 * 92
    winter = told("consumo de la EDAR en invierno", held)
    assert (value(winter, "overview_total"), winter.also[-1]) == (2 * 24 * 59, "partly")
    assert told("consumo de la EDAR el martes pasado", held).key == "uncovered"


def test_a_day_that_there_is_not() -> None:
    """Is said with its month's last day, and nothing is reckoned."""
    found = told("consumo de la EDAR el 29 de febrero", series(hours("2025-01-01", "2026-01-01", 2.0)))
    assert (found.key, found.values["day"], found.values["last"]) == ("no_day", "29", "2025-02-28")


def test_the_last_month_that_was_read_says_that_it_is_not_the_last() -> None:
    """Today is in February 2026, the readings end with 2025."""
    found = told("consumo de la EDAR el mes pasado", series(hours("2025-01-01", "2026-01-01", 2.0)))
    assert found.values["span"] == "2025-12-01/2025-12-31"
    assert (found.also[-1], found.values["asked"]) == ("last_read", "2026-01-01/2026-01-31")


def test_hours_of_the_day() -> None:
    """Their mean and sum against the mean of all hours, over midnight too; their cost is that of those hours."""
    values = hours("2025-01-01", "2026-01-01", 10.0)
    values[pd.DatetimeIndex(values.index).hour < 8] = 4.0
    july = told("consumo de la EDAR de 0 a 8 horas en julio", series(values))
    assert (value(july, "hours_mean"), value(july, "hours_total")) == (4.0, 4.0 * 8 * 31)
    assert value(told("consumo de la EDAR en julio de 22:00 a 02:00", series(values)), "hours_mean") == pytest.approx(7.0)
    paid = told("¿cuánto cuesta la luz de la EDAR de 0 a 8 h en julio a 0,5 €/kWh?", series(values))
    assert value(paid, "energy_cost") == pytest.approx(0.5 * 4.0 * 8 * 31)


@pytest.mark.parametrize(
    ("said", "converted"),
    [
        ("consumo de la EDAR en julio en MWh", 1.488), ("¿cuántos GWh consumió la EDAR en julio?", 0.001488),
        ("pico de la EDAR en MW", 0.002), ("consumo medio de la EDAR en MWh", 0.048),
    ],
)  # fmt: skip
def test_a_value_in_another_unit(said: str, converted: float) -> None:
    """Beside its own, by a calculation of its own."""
    found = told(said, series(hours("2025-01-01", "2026-01-01", 2.0)))
    assert found.also[-1] == "converted"
    assert value(found, "converted") == pytest.approx(converted)


def test_what_electricity_emits() -> None:
    """By the grid's factor of the site's configuration, cited; without one that is said; of water it is not told."""
    assert PLANT
    plant = PLANT.model_copy(update={"grid_factor": {"kg_co2_per_kwh": 0.19, "source": "the grid's operator"}})
    power = series(hours("2025-01-01", "2026-01-01", 2.0))
    emitted = told("¿cuánto CO2 emitió la EDAR en julio?", power, plant)
    assert value(emitted, "converted") == pytest.approx(1488 * 0.19 / 1000)
    assert emitted.also[-1] == "located"
    assert "0,2827 t CO₂e" in statement(emitted, plant, "es").text
    assert (
        told("tonnes of CO2 of the plant in July", power, PLANT.model_copy(update={"grid_factor": {}})).also[-1] == "unconverted"
    )
    water = series(hours("2025-01-01", "2026-01-01", 2.0), "w", "w", "water")
    assert not reply(
        asked("¿cuánto CO2 emitió la EDAR en julio?", COMPANY_OF_SITES), [Target(plant, {"w": water})], TODAY
    ).figures


def test_a_sum_says_of_how_many_it_is() -> None:
    """Of all facilities it is that of those with a meter; what is not read anywhere is not in it."""
    assert PLANT
    assert OFFICE
    targets = [Target(one, {"m": series(hours("2025-01-01", "2026-01-01", 2.0))}) for one in (PLANT, OFFICE)]
    found = reply(asked("total kWh of all sites in July", COMPANY_OF_SITES), targets, TODAY).figures
    site, added = found[-1]
    assert (added.key, added.also, value(added, "metered_sites")) == ("added", ("added_of",), 2)
    assert "2 facilities with a meter" in statement(added, site, "en").text
    found = reply(asked("how many MWh did all sites use in July", COMPANY_OF_SITES), targets, TODAY).figures
    assert value(found[-1][1], "added") == pytest.approx(2 * 1.488)


def test_water_in_litres_a_second() -> None:
    """A leak, a mean of what was treated; what cannot be told in a unit says so."""
    held = series(flows(18.0), "flow-2", "Caudal S2", "water")
    leak = told("¿cuántos litros por segundo pierde la fuga de la red?", held, NETWORK)
    assert value(leak, "converted") == pytest.approx(5.0)
    handled = series(hours("2025-01-01", "2026-01-01", 36.0), "influent", "Caudal de entrada", "water")
    total = told("¿cuánta agua entró en la red en julio en l/s?", handled, NETWORK)
    assert (total.also[-1], value(total, "converted")) == ("converted_mean", pytest.approx(10.0, rel=1e-3))
    assert told("consumo de la EDAR en julio en l/s", series(hours("2025-01-01", "2026-01-01"))).also[-1] == "unconverted"


def test_what_is_not_there() -> None:
    """A time that was not read, one that was read in part, one with too many gaps."""
    values = hours("2025-03-01", "2025-06-01", 1.0)
    values.loc["2025-04-01":"2025-04-10"] = np.nan  # type: ignore[misc]  # a slice of days
    held = series(values)
    assert told("consumo de la EDAR en 2019", held).key == "uncovered"
    assert told("consumo de la EDAR en abril", held).key == "unread"
    spring = told("consumo de la EDAR entre mayo y julio de 2025", held)
    assert spring.also == ("partly",)
    assert value(spring, "overview_total") == 31 * 24
    assert not reply(asked("¿cuánta agua consume la oficina?", COMPANY_OF_SITES), [Target(OFFICE, {})], TODAY).figures  # type: ignore[arg-type]  # it is there


def test_bills_tell_what_lies_between_them() -> None:
    """A month that is one bill; not the half of one, nor its peak."""
    bills = [Bill(date(2025, 1, 1), date(2025, 1, 31), 3100.0, 310.0), Bill(date(2025, 2, 1), date(2025, 3, 31), 2950.0, 295.0)]
    held = of_bills(bills, "s", "electricity", "facturas", "electricity", "kWh", "facturas.csv")
    assert value(told("consumo de la EDAR en enero", held), "overview_total") == pytest.approx(3100)
    assert told("consumo de la EDAR en febrero", held).key == "untold"
    assert told("¿cuál es la punta de la EDAR?", held).key == "untold"
    whole = told("¿cuánto consume la EDAR?", held)
    assert (whole.key, value(whole, "mean_price"), whole.also) == ("overview_paid", pytest.approx(0.1), ("bill_untold",))
    assert PLANT
    said = statement(told("consumo de la EDAR en febrero", held), PLANT, "es")
    assert "vienen de facturas (2)" in said.text


def test_what_a_bill_is_for() -> None:
    """The whole amount with what it holds, and the energy alone where the bill tells it."""
    bill = Bill(date(2025, 7, 1), date(2025, 7, 31), 25000.0, 5898.3, 4241.9, ("power", "tax", "vat"))
    held = of_bills([bill], "s", "electricity", "factura", "electricity", "kWh", "factura.pdf")
    figure = told("¿cuánto cuesta la luz de la EDAR?", held)
    assert (figure.also, value(figure, "energy_only_price")) == (("bill_whole", "bill_energy"), pytest.approx(0.169676))
    assert PLANT
    said = statement(figure, PLANT, "es").text
    assert "con potencia, impuesto eléctrico, IVA" in said
    assert "0,1697 €/kWh" in said


def test_water_that_is_treated_is_not_used() -> None:
    """A plant's inflow answers what it treats, not what it consumes; a network's flow is its own."""
    inflow = series(hours("2025-01-01", "2026-01-01", 3.0), "flow-1", "Caudal de entrada", "water")
    meters = [{"id": "flow-1", "name": "Caudal de entrada", "carrier": "water", "unit": "m3"}]
    plant = SiteConfig.model_validate(
        {"id": "edar-norte", "name": "EDAR Norte", "kind": "wastewater_treatment", "meters": meters}
    )
    target = [Target(plant, {"flow-1": inflow})]
    treated = reply(asked("¿Cuánta agua trató la EDAR en abril?", COMPANY_OF_SITES), target, TODAY)
    assert value(treated.figures[0][1], "overview_total") == 30 * 24 * 3
    assert not reply(asked("¿Cuánta agua consumió la EDAR en abril?", COMPANY_OF_SITES), target, TODAY).figures


@pytest.mark.parametrize(
    ("steps", "left", "ended"),
    [
        ([(100, 10.0)], [10.0], 0),
        ([(100, 10.0), (200, -10.0)], [], 1),
        ([(100, 10.0), (200, -3.0)], [7.0], 0),
        ([(100, 10.0), (150, 20.0), (200, -20.0)], [10.0], 1),
        ([(100, 10.0), (150, 12.0), (200, -22.0)], [], 2),
    ],
)
def test_rises_that_are_open(steps: list[tuple[int, float]], left: list[float], ended: int) -> None:
    """A fall ends the rise of its size, or several; a small one leaves the rest of it open."""
    values = hours("2025-01-01", "2026-01-01", 50.0)
    values[pd.DatetimeIndex(values.index).hour < 6] = 20.0
    for day, size in steps:
        values.iloc[day * 24 :] += size
    rises, closed = water.open_rises(series(values, "flow", "Caudal", "water"))
    assert [one.size for one in rises] == pytest.approx(left)
    assert len(closed) == ended


def test_a_leak_with_its_cost() -> None:
    """What it loses a day at the site's price of water; without a price its water alone."""
    assert NETWORK
    held = series(flows(18.0), "flow-2", "Caudal S2 Ensanche", "water")
    figure = leaks.told(held, NETWORK)
    assert (value(figure, "water_a_day"), value(figure, "cost_a_day")) == (432.0, 216.0)
    bare = leaks.told(held, NETWORK.model_copy(update={"tariff": {}}))
    assert (bare.also, value(bare, "water_a_year")) == ((), 157_680.0)
    assert leaks.told(replace(held, values=flows(0.0)), NETWORK).key == "no_leak"


@pytest.mark.parametrize(
    "said",
    [
        "¿cuánta potencia tiene contratada la EDAR y cuál es su máximo?",
        "what is the contracted power of EDAR Norte and its peak?",
    ],
)
def test_what_is_contracted_and_what_was_drawn(said: str) -> None:
    """Asked for both, both are told; asked for the one, the one."""
    held = series(hours("2025-01-01", "2025-05-01", 10.0))
    assert PLANT is not None
    target = [Target(PLANT, {held.meter: held})]
    assert [figure.key for _, figure in reply(asked(said, COMPANY_OF_SITES), target, TODAY).figures] == [
        "contracted",
        "peak_in_period",
    ]
    alone = asked("¿cuánta potencia tiene contratada la EDAR?", COMPANY_OF_SITES)
    assert [figure.key for _, figure in reply(alone, target, TODAY).figures] == ["contracted"]


def test_a_contract_that_tells_little() -> None:
    """Only the periods that are asked for; nothing without a contract."""
    assert PLANT
    found = reply(asked("precio del kWh en P3 en la EDAR", COMPANY_OF_SITES), [Target(PLANT, {})], TODAY)
    assert [one.value for one in found.figures[0][1].calculations[0].results] == [pytest.approx(0.17)]
    bare = PLANT.model_copy(update={"tariff": {}})
    assert not reply(asked("¿qué tarifa tiene la EDAR?", COMPANY_OF_SITES), [Target(bare, {})], TODAY).figures


def test_meters_and_times_side_by_side() -> None:
    """Each is told apart by what differs; the sum of a whole company adds each of them once."""
    assert NETWORK
    held = {
        name: series(hours("2025-01-01", "2026-01-01", flow), name, name, "water")
        for name, flow in (("flow-1", 2.0), ("flow-2", 3.0))
    }
    found = reply(asked("compara el agua de la red en enero y marzo", COMPANY_OF_SITES), [Target(NETWORK, held)], TODAY).figures
    assert [one.bullet for _, one in found] == [True, True, True, True, False]
    site, last = found[-1]
    said = statement(last, site, "es").text
    assert "flow-2, enero de 2025" in said
    assert "flow-1, marzo de 2025" in said
    both = reply(asked("agua de la red en enero", COMPANY_OF_SITES), [Target(NETWORK, held)], TODAY).figures
    assert [(value(one, "overview_total"), one.bullet) for _, one in both] == [(1488, True), (2232, True)]


def test_days_of_the_week_and_amounts_a_month() -> None:
    """Saturdays alone against all days; what a month is of what was read, with its cost; nights of Saturdays alone."""
    values = hours("2025-01-06", "2025-03-03", 1.0)
    values[pd.DatetimeIndex(values.index).day_of_week == 5] = 3.0
    held = series(values)
    saturdays = told("consumo de la EDAR los sábados", held)
    assert (value(saturdays, "weekday_mean"), saturdays.values["span"][-4:]) == (72, "|wd5")
    assert value(saturdays, "usual_mean") == pytest.approx((6 * 24 + 72) / 7)
    assert value(told("¿cuánto gasta la EDAR de noche los sábados?", held), "night_rate") == 3
    month = told("¿cuánto cuesta la EDAR al mes a 0,5 €/kWh?", held)
    assert value(month, "each_cost") == pytest.approx(0.5 * (6 * 24 + 72) / 7 * 365 / 12)


def test_the_dearest_month() -> None:
    """By what each month cost, at the contract's prices; and what the month of most use cost."""
    held = series(hours("2025-01-01", "2026-01-01", 2.0))
    dear = told("¿qué mes fue el más caro en la EDAR?", held)
    month = told(f"consumo de la EDAR en {dear.values['which']}", held)
    assert (dear.key, value(dear, "energy_cost")) == ("dear_month", pytest.approx(value(month, "energy_cost")))
    assert value(dear, "most_amount") == pytest.approx(value(dear, "energy_cost"))
    assert PLANT is not None
    question = asked("¿en qué mes consumió más la EDAR y cuánto costó?", COMPANY_OF_SITES)
    found = reply(question, [Target(PLANT, {held.meter: held})], TODAY)
    assert [one.key for _, one in found.figures] == ["most_month", "used_paid"]


def test_a_reading_that_was_set_aside_is_told_where_it_was() -> None:
    """With the numbers of its month, and not with those of another."""
    values = hours("2025-01-01", "2025-05-01", 10.0)
    values.iloc[60] = 900.0
    held = checks.with_findings(series(values), ())
    assert [one.rule for one in told("consumo de la EDAR en enero", held).noted] == ["spike"]
    assert told("consumo de la EDAR en febrero", held).noted == ()
