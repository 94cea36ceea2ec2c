"""What is named on the command line becomes a source: its labels are those of the configured folder it lies in."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.company import CompanyConfig
from rag.errors import InputError
from upkeep import named_sources


def company(folder: Path) -> CompanyConfig:
    """One folder that only the board may read."""
    board = {"name": "board", "path": str(folder), "audience": ["direccion"], "tags": {"site": "x"}, "licence": "internal"}
    return CompanyConfig.model_validate({"audiences": {"direccion": ""}, "sources": [board], "sites": []})


def test_inside_a_configured_folder_is_as_readable_as_that(tmp_path: Path) -> None:
    """A file of a restricted source stays restricted, with the source's tags and licence; one beside it is for everyone."""
    (tmp_path / "board").mkdir()
    inside, beside = tmp_path / "board" / "a.md", tmp_path / "b.md"
    inside.write_text("x", "utf-8")
    beside.write_text("x", "utf-8")
    first, second = named_sources([str(inside), str(beside)], company(tmp_path / "board"))
    assert (first.audience, first.tags, first.licence) == (("direccion",), {"site": "x"}, "internal")
    assert (second.audience, second.tags) == (("everyone",), {})
    assert first.name != second.name


def test_names_addresses_and_nothing(tmp_path: Path) -> None:
    """A configured name is that source, an address the web connector, nothing all sources; what is none of these is refused."""
    known = company(tmp_path)
    assert named_sources(["board"], known) == named_sources([], known) == list(known.sources)
    (page,) = named_sources(["https://example.org/a"], known)
    assert (page.connector, page.options["url"]) == ("web", "https://example.org/a")
    with pytest.raises(InputError, match="nowhere"):
        named_sources(["nowhere"], known)
