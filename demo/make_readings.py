"""Writes a year of hourly readings of the five demo sites, with the faults that readings/SOURCE.md names, from a fixed seed."""

import argparse
import datetime as dt
import math
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent
MADRID = ZoneInfo("Europe/Madrid")
YEAR = 2025
# National holidays that no region moves, plus Good Friday, when the office is closed too.
HOLIDAYS = {(1, 1), (1, 6), (4, 18), (5, 1), (8, 15), (10, 12), (11, 1), (12, 6), (12, 8), (12, 25)}
# Rainy days (month, day) and how many times the usual flow they bring.
RAIN = {
    (1, 9): 1.5, (1, 27): 1.6, (2, 8): 1.7, (2, 21): 1.5, (3, 12): 1.6,
    (4, 3): 1.4, (10, 12): 1.8, (10, 30): 1.5, (11, 20): 1.6, (12, 15): 1.4,
}  # fmt: skip

# The faults, with their true dates and sizes (local time). SOURCE.md tells the same for people.
PILOT = (dt.date(2025, 11, 3), dt.date(2025, 11, 30))
S2_LEAK = (dt.datetime(2025, 5, 12, 0), dt.datetime(2026, 1, 1, 0), 18.0)
S4_LEAK = (dt.datetime(2025, 9, 8, 0), dt.datetime(2025, 10, 1, 18), 9.0)
DEGRADED_FROM = dt.datetime(2025, 3, 3, 6)
CLEANING = dt.datetime(2025, 6, 17, 0)


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of the year: its start in local time and whether people work that day."""

    start: dt.datetime

    @property
    def naive(self) -> dt.datetime:
        """Local wall clock without zone, to compare with the faults' dates."""
        return self.start.replace(tzinfo=None, fold=0)

    @property
    def working(self) -> bool:
        """Monday to Friday and no holiday."""
        return self.start.weekday() < 5 and (self.start.month, self.start.day) not in HOLIDAYS

    @property
    def day(self) -> float:
        """Days since the start of the year."""
        return (self.naive - dt.datetime(YEAR, 1, 1)) / dt.timedelta(days=1)


Model = Callable[[Hour, random.Random], float]


def hours() -> list[Hour]:
    """Every hour of the year in Europe/Madrid, 8760 in all: a day of 23 and one of 25 among them."""
    first = dt.datetime(YEAR, 1, 1, tzinfo=MADRID).astimezone(dt.UTC)
    return [Hour((first + dt.timedelta(hours=i)).astimezone(MADRID)) for i in range(8760)]


def season(hour: Hour, peak_day: float) -> float:
    """A wave of one year between -1 and 1 that is 1 on `peak_day`."""
    return math.cos(2 * math.pi * (hour.day - peak_day) / 365)


def bump(h: float, centre: float, width: float) -> float:
    """A bell over the clock, 1 at `centre` (hours)."""
    distance = min(abs(h - centre), 24 - abs(h - centre))
    return math.exp(-0.5 * (distance / width) ** 2)


def edar_electricity(hour: Hour, rng: random.Random) -> float:
    """kWh of EDAR Norte: three blowers idle at night, two of them stopped in the November trial."""
    h = hour.start.hour
    if h < 6:
        trial = PILOT[0] <= hour.start.date() <= PILOT[1]
        kwh = 183.2 + 0.8 * season(hour, 15) - (69.0 if trial else 0.0) + rng.gauss(0, 1.2)
    else:
        shape = {6: 228, 7: 252, 18: 268, 19: 264, 20: 259, 21: 252, 22: 246, 23: 236}.get(h, 0) or (
            288.5 + 12 * bump(h, 13, 2.5)
        )
        kwh = shape * (1 + 0.015 * season(hour, 45)) + rng.gauss(0, 5)
        kwh += 44 * (RAIN.get((hour.start.month, hour.start.day), 1) - 1)
    if dt.datetime(2025, 1, 22, 4) <= hour.naive <= dt.datetime(2025, 1, 22, 6):
        kwh -= 38  # one blower tripped on undervoltage
    return kwh


def edar_influent(hour: Hour, rng: random.Random) -> float:
    """m³/h of waste water that reaches EDAR Norte."""
    h = hour.start.hour
    flow = 205 + 330 * bump(h, 13, 3.6) + 240 * bump(h, 21, 2.4)
    rain = RAIN.get((hour.start.month, hour.start.day), 1)
    return flow * rain * (1.033 + 0.02 * season(hour, 45)) * (1 + rng.gauss(0, 0.03))


def sector(mean: float, night: float, leak: tuple[dt.datetime, dt.datetime, float] | None = None) -> Model:
    """m³/h into a sector: `mean` over the year, `night` between 02:00 and 04:00, and a leak between two dates."""
    raw = [0.05 * bump(h, 3, 2) + bump(h, 9, 2.4) + 0.8 * bump(h, 14.5, 2) + 0.9 * bump(h, 21, 2.2) for h in range(24)]
    raw = [value - max(raw[2], raw[3]) for value in raw]
    scale = (mean - night) / (sum(raw) / 24)

    def flow(hour: Hour, rng: random.Random) -> float:
        weekend = 0.97 if hour.start.weekday() >= 5 else 1.012
        use = max(0.0, raw[hour.start.hour]) * scale * weekend * (1 + 0.08 * season(hour, 205))
        lost = leak[2] if leak and leak[0] <= hour.naive < leak[1] else 0.0
        return night + use * (1 + rng.gauss(0, 0.05)) + lost + rng.gauss(0, 0.5)

    return flow


SECTORS: dict[str, Model] = {
    "s1": sector(120, 32),
    "s2": sector(135, 38, S2_LEAK),
    "s3": sector(60, 14),
    "s4": sector(85, 22, S4_LEAK),
}


def office_electricity(hour: Hour, rng: random.Random) -> float:
    """kWh of the head office: plant starts at 05:00 though people come at 08:00, and nothing ever nears the contracted 160 kW."""
    h = hour.start.hour
    kwh = 25 + rng.gauss(0, 0.7)
    cold, hot = max(0.0, season(hour, 20)), max(0.0, season(hour, 205))
    hvac = 7 + 24 * cold**2 + 39.5 * hot**3
    if hour.working:
        if 5 <= h < 8:
            kwh += hvac * (0.95, 0.75, 0.65)[h - 5]
        elif 8 <= h < 19:
            kwh += hvac * (0.8 + 0.2 * bump(h, 14, 3)) + 31 * (0.75 if h in (8, 14, 18) else 1.0)
        elif 19 <= h < 21:
            kwh += 12
        kwh += rng.gauss(0, 1.5)
    elif hour.start.weekday() == 5 and 8 <= h < 14:
        kwh += 7.5  # meeting-room ventilation of a course that ended in 2022
    return kwh


def plant_permeate(hour: Hour, rng: random.Random) -> float:
    """m³/h of the desalination plant: two lines always, the third at night and at weekends."""
    h, weekend = hour.start.hour, hour.start.weekday() >= 5
    third = h < 8 or (weekend and h < 17)
    return (1000.0 if third else 667.0) * (1 + rng.gauss(0, 0.008))


def specific_energy(hour: Hour) -> float:
    """kWh/m³ of the whole plant: rises with fouling, falls at the June cleaning and rises again."""
    after = hour.naive >= CLEANING
    return 3.38 + 0.00167 * (hour.day - 167) if after else 3.265 + 0.00142 * hour.day


def tunnel_traffic(hour: Hour, rng: random.Random) -> float:
    """Vehicles in the hour, about 11 400 a day."""
    h = hour.start.hour
    morning = 520 if hour.working else 160
    count = 60 + morning * bump(h, 8, 1.4) + 500 * bump(h, 14, 3.2) + 640 * bump(h, 19, 2.6)
    return max(0.0, round(count * 1.03 * (1 + 0.08 * season(hour, 210)) * (1 + rng.gauss(0, 0.06))))


def tunnel_electricity(hour: Hour, rng: random.Random) -> float:
    """kWh of the tunnel: lights by the clock, and from 3 March four fans whatever the traffic."""
    h = hour.start.hour
    light = 64 + (64 if 6 <= h < 22 else 0)
    if hour.naive >= DEGRADED_FROM:
        fans = 104.0
    else:
        fans = 4 + 62 * bump(h, 8, 1.6) * hour.working + 30 * bump(h, 14, 3) + 58 * bump(h, 19, 2.6)
    first_tuesday = hour.start.weekday() == 1 and hour.start.day <= 7
    if first_tuesday and h == 3:
        fans = max(fans, 12 * 26 * 0.5)  # monthly test, half an hour
    return light + fans + 18 + rng.gauss(0, 1.5)


def decimal(value: float, digits: int) -> str:
    """A number with a decimal comma."""
    return f"{value:.{digits}f}".replace(".", ",")


def datadis(cups: str, series: list[tuple[Hour, float]], estimated: frozenset[dt.datetime] = frozenset()) -> str:
    """Datadis layout: hour ending 01:00..24:00; the extra hour of October repeats 03:00."""
    lines = ["cups;fecha;hora;consumo_kWh;metodoObtencion;energiaVertida_kWh"]
    for hour, kwh in series:
        method = "Estimada" if hour.naive in estimated else "Real"
        lines.append(f"{cups};{hour.start:%Y/%m/%d};{hour.start.hour + 1:02d}:00;{decimal(kwh, 3)};{method};")
    return "\n".join(lines) + "\n"


def cnmc(cups: str, series: list[tuple[Hour, float]]) -> str:
    """CNMC layout: DD/MM/YYYY and the number of the hour in its day, 1..24 (23 in March, 25 in October)."""
    lines = ["CUPS;Fecha;Hora;Consumo_kWh;Metodo_obtencion"]
    count: dict[dt.date, int] = defaultdict(int)
    for hour, kwh in series:
        count[hour.start.date()] += 1
        lines.append(f"{cups};{hour.start:%d/%m/%Y};{count[hour.start.date()]};{decimal(kwh, 3)};R")
    return "\n".join(lines) + "\n"


def scada(column: str, digits: int, series: list[tuple[Hour, float]], gap: frozenset[dt.datetime] = frozenset()) -> str:
    """Telecontrol layout: start of the hour with its offset; a missing value is empty, quality `sin dato`."""
    lines = [f"inicio;{column};calidad"]
    for hour, value in series:
        tail = ";sin dato" if hour.naive in gap else f"{decimal(value, digits)};bueno"
        lines.append(f"{hour.start.isoformat(timespec='minutes')};{tail}")
    return "\n".join(lines) + "\n"


def run(name: str, model: Model) -> list[tuple[Hour, float]]:
    """The year's series of a model, with a seed that depends on its name only."""
    rng = random.Random(f"valdemora {YEAR} {name}")
    return [(hour, model(hour, rng)) for hour in hours()]


def pumping(flows: dict[str, list[tuple[Hour, float]]]) -> list[tuple[Hour, float]]:
    """kWh of La Solana: each day's water is lifted mostly from 08:00 to 23:00, at 0.286 kWh/m³."""
    volume: dict[dt.date, float] = defaultdict(float)
    for series in flows.values():
        for hour, m3 in series:
            volume[hour.start.date()] += m3
    rng = random.Random(f"valdemora {YEAR} pumping")
    weight = [0.115 / 8 if h < 8 else 0.85 / 15 if h < 23 else 0.035 for h in range(24)]
    return [(h, volume[h.start.date()] * weight[h.start.hour] * 0.286 * (1 + rng.gauss(0, 0.04))) for h in hours()]


def desalination() -> tuple[list[tuple[Hour, float]], list[tuple[Hour, float]]]:
    """Permeate (m³) and electricity (kWh) hour by hour; line 3 is the less efficient one."""
    permeate = run("permeate", plant_permeate)
    rng = random.Random(f"valdemora {YEAR} desalination")
    energy = []
    for hour, m3 in permeate:
        line3 = 0.08 if m3 > 830 else -0.093
        energy.append((hour, m3 * (specific_energy(hour) + line3) * (1 + rng.gauss(0, 0.006))))
    return permeate, energy


def build(out: Path) -> list[Path]:
    """Writes every file under `out`; returns them."""
    flows = {name: run(name, model) for name, model in SECTORS.items()}
    permeate, energy = desalination()
    estimated = frozenset(dt.datetime(2025, 7, 9, h) for h in range(9, 15))
    gap = frozenset(dt.datetime(2025, 4, 22, h) for h in range(3, 15))
    files = {
        "edar-norte-electricity.csv": datadis("ES0099000000000001AA", run("edar", edar_electricity), estimated),
        "edar-norte-influent.csv": scada("caudal_m3h", 1, run("influent", edar_influent)),
        "red-valdemora-la-solana-electricity.csv": cnmc("ES0099000000000003CC", pumping(flows)),
        "oficina-central-electricity.csv": datadis("ES0099000000000002BB", run("office", office_electricity)),
        "desaladora-costa-electricity.csv": datadis("ES0099000000000004DD", energy),
        "desaladora-costa-permeate.csv": scada("caudal_m3h", 1, permeate),
        "tunel-sierra-electricity.csv": datadis("ES0099000000000005EE", run("tunnel", tunnel_electricity)),
        "tunel-sierra-traffic.csv": scada("vehiculos", 0, run("traffic", tunnel_traffic)),
    }
    for name, series in flows.items():
        missing = gap if name == "s3" else frozenset()
        files[f"red-valdemora-{name}-flow.csv"] = scada("caudal_m3h", 2, series, missing)
    out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (out / name).write_text(text, encoding="utf-8", newline="\n")
    return [out / name for name in files]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE / "readings")
    for made in build(parser.parse_args().out):
        print(made)
