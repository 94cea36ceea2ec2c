"""What-ifs on EPANET networks: a published network's figures, a pipe worked by hand, and networks that cannot be run."""

from __future__ import annotations

import math
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import wntr
from wntr.library.model_library import ModelLibrary

from config.company import SiteConfig
from config.texts import LANGUAGES
from rag import advice
from rag.errors import InputError
from rag.measures.hydraulics import Leak, Valve, day
from rag.measures.model import Case, Estimate, NotApplicable
from rag.measures.registry import BUILT_IN
from rag.readings.meters import Meters

NET3 = Path(ModelLibrary().get_filepath("Net3"))
LEAK = {"kind": "network_leak", "node": "j", "diameter_mm": 20, "source": "survey"}
VALVE = {"kind": "pressure_valve", "pipe": "main", "setting_m": 30, "required_pressure_m": 25, "source": "study"}


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tank at 60 m above a junction, and two wide pipes between: pressure is 60 m less almost nothing."""
    net = wntr.network.WaterNetworkModel()
    net.add_reservoir("r", base_head=60.0)
    net.add_junction("m", elevation=0.0)
    net.add_junction("j", base_demand=0.001, elevation=0.0)
    net.add_pipe("main", "r", "m", length=10, diameter=0.5, roughness=130)
    net.add_pipe("branch", "m", "j", length=10, diameter=0.5, roughness=130)
    net.options.hydraulic.required_pressure = 20.0
    file = tmp_path_factory.mktemp("network") / "line.inp"
    wntr.network.write_inpfile(net, str(file), units="LPS")
    return file


def hole(diameter_m: float, head_m: float) -> float:
    """m3 a day through it, with a discharge coefficient of 0.75."""
    return 86_400 * 0.75 * math.pi * diameter_m**2 / 4 * math.sqrt(2 * 9.81 * head_m)


def case(network: Path | None, *equipment: dict[str, Any]) -> Case:
    """A site with a network and what is in it."""
    told = {"id": "s", "name": "S", "kind": "water_distribution", "equipment": equipment, "network": network}
    return Case(
        SiteConfig.model_validate({**told, "tariff": {"water_eur_per_m3": 0.4, "water_source": "c"}}), {}, date(2026, 1, 1)
    )


def outcome(measure: str, held: Case) -> Estimate | NotApplicable:
    """What a measure says."""
    return next(one for one in BUILT_IN if one.id == measure).assess(held)


@pytest.mark.parametrize(("diameter", "lost"), [(10, 141.41), (20, 565.01), (50, 3504.2)])
def test_net3_loses_what_is_published(diameter: float, lost: float) -> None:
    """G-22: a hole at node 191 for a day, in m3."""
    assert day(NET3, (Leak("191", diameter),)).lost["191"] == pytest.approx(lost, abs=0.05)


def test_net3_without_leaks() -> None:
    """G-22: what is delivered, and what both pumps take at 75 %."""
    held = day(NET3)
    assert held.delivered == pytest.approx(59_675.65, abs=0.05)
    assert held.pumping_kwh == pytest.approx(868.90 + 2168.76, abs=0.05)


def test_a_hole_and_a_valve_by_hand(line: Path) -> None:
    """Cd A sqrt(2 g h): 20 mm at 60 m 698 m3 a day, at 30 m behind the valve 494."""
    before = day(line, (Leak("j", 20),))
    after = day(line, (Leak("j", 20),), Valve("main", 30))
    assert hole(0.020, 60) == pytest.approx(698.5, abs=0.1)
    assert before.lost["j"] == pytest.approx(hole(0.020, 60), rel=0.001)
    assert after.lost["j"] == pytest.approx(hole(0.020, 30), rel=0.001)
    assert after.least_pressure == pytest.approx(30, abs=0.1)


def test_measures_value_the_network(line: Path) -> None:
    """365 such days at 0.40 EUR/m3, in both languages."""
    leak, pressure = (outcome(name, case(line, LEAK, VALVE)) for name in ("network_leak", "network_pressure"))
    assert isinstance(leak, Estimate)
    assert isinstance(pressure, Estimate)
    assert leak.cost_eur is not None
    assert pressure.water_m3 is not None
    assert leak.cost_eur.mid == pytest.approx(hole(0.020, 60) * 365 * 0.40, rel=0.001)
    assert pressure.water_m3.mid == pytest.approx((hole(0.020, 60) - hole(0.020, 30)) * 365, rel=0.002)
    for language in LANGUAGES:
        said = [advice.statement(one, case(line).site, language).text for one in (leak, pressure)]  # type: ignore[arg-type]  # a literal
        assert not [one for one in said if "{" in one]


@pytest.mark.parametrize(
    ("measure", "held", "changed"),
    [
        ("network_leak", (LEAK, VALVE), ({**LEAK, "diameter_mm": 25}, VALVE)),
        ("network_leak", (LEAK, VALVE), (LEAK, {**LEAK, "node": "m"}, VALVE)),
        ("network_pressure", (LEAK, VALVE), ({**LEAK, "diameter_mm": 25}, VALVE)),
        ("network_pressure", (LEAK, VALVE), (LEAK, {**VALVE, "setting_m": 35})),
        ("network_pressure", (LEAK, VALVE), (LEAK, {**VALVE, "required_pressure_m": 31})),
    ],
)
def test_an_input_that_changes_changes_the_text(
    line: Path, measure: str, held: tuple[dict[str, Any], ...], changed: tuple[dict[str, Any], ...]
) -> None:
    """Each hole, and what is told of the valve."""

    def said(one: Case) -> str:
        found = outcome(measure, one)
        return advice.statement(found, one.site, "en").text if isinstance(found, Estimate) else repr(found)

    assert said(case(line, *held)) != said(case(line, *changed))


def test_what_cannot_be_told_is_not(line: Path, tmp_path: Path) -> None:
    """No network, no leak, too little pressure left, a node or a file that is not there: each says why."""
    reasons = {
        "no_network": [("network_leak", case(None, LEAK)), ("network_leak", case(line)), ("network_pressure", case(line, LEAK))],
        "pressure_needed": [("network_pressure", case(line, LEAK, {**VALVE, "required_pressure_m": 35}))],
        "valve_does_nothing": [("network_pressure", case(line, LEAK, {**VALVE, "setting_m": 90}))],
        "network_fails": [
            ("network_leak", case(line, {**LEAK, "node": "nowhere"})),
            ("network_leak", case(tmp_path / "none.inp", LEAK)),
            ("network_pressure", case(line, LEAK, {**VALVE, "pipe": "nowhere"})),
        ],
    }
    for reason, held in reasons.items():
        for measure, one in held:
            found = outcome(measure, one)
            assert isinstance(found, NotApplicable)
            assert found.reason == reason


def test_a_broken_file_is_told(tmp_path: Path) -> None:
    """As an error that names it."""
    broken = tmp_path / "broken.inp"
    broken.write_text("[PIPES]\n p nowhere\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"broken\.inp"):
        day(broken)


def test_a_changed_network_is_run_again(line: Path, tmp_path: Path) -> None:
    """What is kept is kept of one state of the file; a relative path begins where the readings' paths do."""
    shutil.copy(line, tmp_path / "net.inp")
    held = Meters(tmp_path / "state", tmp_path)
    found = {one.measure: one for one in held.assess(case(Path("net.inp"), LEAK))[0]}["network_leak"]
    text = (tmp_path / "net.inp").read_text(encoding="utf-8")
    lower = "\n".join(row.replace(" 60 ", " 30 ", 1) if row.strip().startswith("r ") else row for row in text.splitlines())
    (tmp_path / "net.inp").write_text(lower + "\n", encoding="utf-8")
    again = {one.measure: one for one in held.assess(case(Path("net.inp"), LEAK))[0]}["network_leak"]
    assert found.water_m3 is not None
    assert again.water_m3 is not None
    assert again.water_m3.mid == pytest.approx(found.water_m3.mid / math.sqrt(2), rel=0.002)
