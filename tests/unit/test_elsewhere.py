"""«La otra planta»: which other facility is meant, and what is asked where that is not told."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.elsewhere import Other, other
from config.company import CompanyConfig
from rag.models import Turn
from tests.answer_corpus import COMPANY
from tests.value_world import site

SITES = [
    site("p-1", "EDAR Norte", "wastewater_treatment"),
    site("p-2", "Planta Costa", "desalination"),
    site("o-1", "Oficina central", "office", "la oficina"),
    site("t-1", "Túnel Alto", "road_tunnel"),
    site("t-2", "Túnel Bajo", "road_tunnel"),
]
ALL = CompanyConfig.model_validate({**COMPANY, "sites": SITES, "sources": [], "channels": []})


def asked(*said: str) -> Sequence[Turn]:
    """A conversation of questions alone."""
    return [Turn("user", one) for one in said]


@pytest.mark.parametrize(
    ("before", "said", "meant"),
    [
        (("¿y la Planta Costa?",), "¿y en la otra planta?", "¿y en EDAR Norte?"),
        (("EDAR Norte",), "and the other plant?", "and Planta Costa?"),
        (("EDAR Norte",), "and the other treatment plant?", "and Planta Costa?"),
        (("Túnel Alto",), "¿cuánto gasta el del otro túnel?", "¿cuánto gasta el de Túnel Bajo?"),
        (("Túnel Bajo", "EDAR Norte"), "¿y en el otro túnel?", "¿y en Túnel Bajo?"),
        (("Oficina central", "EDAR Norte"), "¿y la otra instalación?", "¿y Oficina central?"),
        (("Oficina central", "EDAR Norte"), "¿y la otra?", "¿y Oficina central?"),
        (("Oficina central", "EDAR Norte"), "¿y la otra en mayo?", "¿y Oficina central en mayo?"),
        (("EDAR Norte",), "¿y la otra oficina?", "¿y Oficina central?"),
    ],
)
def test_the_other_one(before: Sequence[str], said: str, meant: str) -> None:
    """Of the kind that is named, or the one that was spoken of before the last."""
    assert other(said, asked(*before), ALL, ALL.sites) == Other(meant)


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ((), "¿y en la otra planta?"),
        (("EDAR Norte",), "¿y la otra bomba?"),
        (("EDAR Norte",), "¿y la otra?"),
        (("EDAR Norte",), "¿y el otro túnel, el Túnel Bajo?"),
    ],
)
def test_what_is_no_facility(before: Sequence[str], said: str) -> None:
    """Another pump, one that is named, or none that was spoken of."""
    assert other(said, asked(*before), ALL, ALL.sites) is None


def test_several_or_none_are_asked_back() -> None:
    """With those that it may be; of what may not be seen nothing is told."""
    tunnels = tuple(ALL.sites[3:])
    assert other("¿y en el otro túnel?", asked("EDAR Norte"), ALL, ALL.sites) == Other(sites=tunnels)
    assert other("¿y la otra oficina?", asked("Oficina central"), ALL, ALL.sites) == Other()
    assert other("¿y en la otra planta?", asked("Planta Costa"), ALL, ALL.sites[1:]) == Other()
