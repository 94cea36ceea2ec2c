"""Superscripts as Unicode has them: «182¹ MWh», «10⁶», «m³». In ordinary digits a footnote's mark becomes part of the number."""

from __future__ import annotations

_MARKS = str.maketrans("0123456789+-−=()[]", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾⁽⁾")
_LETTERS = dict(zip("abcdefghijklmnoprstuvwxyz", "ªᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿºᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True))
_LONGEST = 8
"""Characters of a mark or an exponent; a longer text that is set high is only small."""


def raised(text: str) -> str:
    """What to write for a text that is set as a superscript. Of words, «1er» and «4th», the letters stay."""
    mark = text.strip()
    if len(mark) > _LONGEST:
        return f" {text}"
    if mark in _LETTERS:
        return _LETTERS[mark]
    return text.translate(_MARKS) if any(char.isdigit() for char in mark) else text
