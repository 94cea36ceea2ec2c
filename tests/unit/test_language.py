"""Spanish or English, also of very short texts."""

from __future__ import annotations

import pytest

from rag.ingest.language import detect
from rag.models import Language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("¿y por la noche?", "es"), ("night leak?", "en"), ("and at night", "en"), ("how about VSD?", "en"), ("presión", "es"),
        ("variadores de frecuencia", "es"), ("variable speed drives", "en"), ("cuanto gasta la bomba 3", "es"),
        ("Water | Mm3 | 75\nForest | ha | 81\nRestored area | ha | 59", "en"), ("Lo ha medido la planta", "es"),
        ("The EDAR Norte uses 2,198 MWh a year.", "en"), ("El SCADA registra el set-point de cada blower.", "es"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("default", ["es", "en"])
def test_tells_short_texts(text: str, language: str, default: Language) -> None:
    """A few words are enough, whatever the default."""
    assert detect(text, default) == language


@pytest.mark.parametrize("text", ["", "12,3 | 45 | 7", "SCADA", "kWh", "P-401A\n3.5\n7 %"])
@pytest.mark.parametrize("default", ["es", "en"])
def test_takes_the_default_without_words(text: str, default: Language) -> None:
    """Numbers, units and names are of no language."""
    assert detect(text, default) == default
