"""Pictures of readings: what they say in words is what the readings hold, and the picture is one."""

from __future__ import annotations

import io
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from rag import pictures
from rag.models import Language
from rag.readings.series import Series


def series(values: np.ndarray[tuple[int], np.dtype[np.float64]], unit: str = "kWh") -> Series:
    """Hourly readings from 1 January 2025 on, local time."""
    index = pd.date_range("2025-01-01", periods=len(values), freq="h", tz="Europe/Madrid")
    amounts = pd.Series(values, index=index)
    return Series("planta", "m", "Contador", "electricity", unit, timedelta(hours=1), amounts, amounts.isna())


DAY = np.array([20.0] * 6 + [80.0] * 12 + [40.0] * 6)
YEAR = series(np.tile(DAY, 120))


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_picture_is_one_and_says_what_it_shows(language: Language) -> None:
    """PNG of a size that a phone shows, with a text that has the figures."""
    water = series(np.concatenate([np.full(60 * 24, 38.0), np.full(60 * 24, 56.0)]), "m3")
    made = [
        pictures.heat_map(YEAR, language),
        pictures.duration_curve(YEAR, language),
        pictures.night_flow(water, language, date(2025, 3, 2)),
        pictures.before_after(water, date(2025, 3, 2), language),
        pictures.savings([("Soplantes", 14000.0, 0.0), ("LED", 3000.0, 9000.0)], "EDAR Norte", language),
    ]
    for one, figures in zip(made, [("80", "20"), ("80", "20"), ("38", "56"), ("38", "56"), ("9", "14")], strict=True):
        picture = Image.open(io.BytesIO(one.png))
        assert picture.format == "PNG"
        assert 900 <= picture.width <= 1600
        assert all(figure in one.alt for figure in figures), one.alt
    assert len({one.name for one in made}) == len(made)


def test_gaps_are_no_zeros() -> None:
    """What was not read is left out of curve and means."""
    holed = YEAR.values.copy()
    holed.iloc[100:400] = np.nan
    shown = pictures.duration_curve(series(holed.to_numpy()), "es")
    assert "95 % del tiempo 20 kW" in shown.alt


def test_the_same_readings_give_the_same_picture() -> None:
    """Byte for byte, so that a cache may keep it."""
    assert pictures.heat_map(YEAR, "es").png == pictures.heat_map(YEAR, "es").png
