"""Numerals by value, in both languages' notations."""

import pytest

from rag.analyse import words
from rag.numerals import all_values, numerals, unsupported, value


@pytest.mark.parametrize(
    ("token", "spanish", "english"),
    [
        ("1.234,5", 1234.5, 1234.5),
        ("1,234.5", 1234.5, 1234.5),
        ("1.234", 1234.0, 1.234),
        ("1,234", 1.234, 1234.0),
        ("0,143", 0.143, 0.143),
        ("0.143", 0.143, 0.143),
        ("12,75", 12.75, 12.75),
        ("3.500.000", 3_500_000.0, 3_500_000.0),
        ("10 000", 10_000.0, 10_000.0),
        ("1.2.3", None, None),
    ],
)
def test_value_follows_the_notation_of_the_language(token: str, spanish: float | None, english: float | None) -> None:
    """A dot groups in Spanish and separates decimals in English, unless only one reading makes sense."""
    assert value(token, "es") == spanish
    assert value(token, "en") == english


def test_marks_units_and_names_are_no_numerals() -> None:
    """Citation marks, CO2, m3 and DN150 hold no numeral to verify; dates, times and tariffs do."""
    assert numerals("Tubería DN150, CO2 y m3 [1][12]") == []
    assert numerals("de 00:00 a 06:00, tarifa 6.1TD, el 12 %") == ["00", "00", "06", "00", "6.1", "12"]


def test_number_words_count_as_numbers() -> None:
    """«tres» supports 3, and an unsupported number word is found out."""
    assert 3.0 in all_values("quedan tres soplantes", "es")
    assert unsupported("3 blowers run", "en", "quedan tres soplantes en marcha", "es") == []
    assert unsupported("five years", "en", "diez años", "es") == ["five"]


def test_a_figure_copied_across_languages_must_keep_its_value() -> None:
    """1,234.5 in English is borne out by 1.234,5 in Spanish; 1.234 copied letter by letter is not."""
    assert unsupported("It saves 1,234.5 kWh [1]", "en", "Ahorra 1.234,5 kWh", "es") == []
    assert unsupported("It saves 1.234 kWh", "en", "Ahorra 1.234 kWh", "es") == ["1.234"]
    assert unsupported("ahorra un 20 %", "es", "ahorra un 12 %", "es") == ["20"]


def test_a_raised_mark_is_no_part_of_the_number() -> None:
    """A footnote's mark and an exponent are no digits; an exponent in a claim must stand in the evidence."""
    assert numerals("182¹ MWh, 1.450⁽²⁾ m³/h, 10⁶ W") == ["182", "1.450", "10"]
    assert unsupported("182 MWh", "es", "Fueron 182¹ MWh", "es") == []
    assert unsupported("1821 MWh", "es", "Fueron 182¹ MWh", "es") == ["1821"]
    assert unsupported("10⁶ W", "es", "10⁶ W", "es") == []
    assert unsupported("10⁹ W", "es", "10⁶ W", "es") == ["0⁹"]
    assert words("182¹ MWh, 38 m³/h") == ["182", "mwh", "38", "m3", "h"]
