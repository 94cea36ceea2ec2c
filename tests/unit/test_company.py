"""advisor.yaml: read whole, wrong keys and references named with their place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config.company import load_company
from config.settings import SettingsError

ROOT = Path(__file__).resolve().parents[2]


def problems(tmp_path: Path, body: str) -> str:
    """What is refused of a file with this text."""
    path = tmp_path / "advisor.yaml"
    path.write_text(body, "utf-8")
    with pytest.raises(SettingsError) as refused:
        load_company(path)
    return "\n".join(refused.value.problems)


def test_the_demo_is_valid() -> None:
    """The file that is shipped, with a site found by its id and none by another."""
    company = load_company(ROOT / "config" / "advisor.yaml")
    assert company.site("edar-norte") is not None
    assert company.site("atlantis") is None
    assert company.site(None) is None


def test_empty_and_json_are_accepted(tmp_path: Path) -> None:
    """An empty file is an empty company; JSON is YAML."""
    path = tmp_path / "advisor.yaml"
    path.write_text("", "utf-8")
    assert load_company(path).sources == ()
    path.write_text(json.dumps({"sources": [{"name": "a", "path": "b"}]}), "utf-8")
    assert load_company(path).sources[0].audience == ("everyone",)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("sauces: []", "sauces"),
        ("sources: [{name: Not A Name}]", "sources.0.name"),
        ("channels: [{platform: irc, id: x}]", "channels.0.platform"),
        ("sources: [{name: a, audience: [board]}]", "unknown audience board"),
        ("sources: [{name: a, audience: []}]", "audience is empty"),
        ("sources: [{name: a, tags: {site: nowhere}}]", "unknown site nowhere"),
        ("sources: [{name: a}, {name: a}]", "given twice: a"),
        ("channels: [{platform: slack, id: C, site: nowhere}]", "unknown site nowhere"),
        ("channels: [{platform: slack, id: C, audience: [board]}]", "channels C: unknown audience board"),
        ("people: [{platform: slack, id: U, audience: [board]}]", "people U: unknown audience board"),
        ("a: [", "not YAML"),
        ("- just\n- a list", "advisor.yaml"),
        ("text", "advisor.yaml"),
    ],
)
def test_faults_name_their_place(tmp_path: Path, body: str, named: str) -> None:
    """A wrong key, value or reference stops the start and says where it stands."""
    assert named in problems(tmp_path, body)


def test_several_faults_at_once(tmp_path: Path) -> None:
    """Each on a line of its own."""
    assert len(problems(tmp_path, "sources: [{name: a, audience: [x, y], tags: {site: z}}]").splitlines()) == 3


@pytest.mark.parametrize("make", ["missing", "folder", "bytes"])
def test_a_file_that_cannot_be_read(tmp_path: Path, make: str) -> None:
    """No file, a folder, or bytes that are no text: a fault that names the path, not a traceback."""
    path = tmp_path / "advisor.yaml"
    if make == "folder":
        path.mkdir()
    if make == "bytes":
        path.write_bytes(b"\xff\xfe\x00x")
    with pytest.raises(SettingsError) as refused:
        load_company(path)
    assert "advisor.yaml" in refused.value.problems[0]


def test_the_companys_facts_hold_for_sites_without_their_own(tmp_path: Path) -> None:
    """The discount rate of its policy; a site's own figure wins."""
    path = tmp_path / "advisor.yaml"
    path.write_text(
        "facts: {discount_rate: {value: 6, unit: '%', source: policy.pdf}, most_kwp: {value: 90, unit: kW, source: study.pdf}}\n"
        "sites:\n"
        "  - {id: norte, name: Norte, kind: office, facts: {most_kwp: {value: 40, unit: kW, source: roof.pdf}}}\n"
        "  - {id: sur, name: Sur, kind: office}\n",
        encoding="utf-8",
    )
    norte, sur = load_company(path).sites
    assert {key: fact.value for key, fact in norte.facts.items()} == {"discount_rate": 6, "most_kwp": 40}
    assert {key: fact.value for key, fact in sur.facts.items()} == {"discount_rate": 6, "most_kwp": 90}


def test_a_folder_within_another_is_read_by_its_own_readers_alone(tmp_path: Path) -> None:
    """What the management's folder holds is no part of the folder around it, whatever else that leaves out."""
    path = tmp_path / "advisor.yaml"
    path.write_text(
        "audiences: {everyone: all, board: few}\n"
        "sources:\n"
        "  - {name: all, path: docs, exclude: [drafts]}\n"
        "  - {name: minutes, path: ./docs/board, audience: [board]}\n"
        "  - {name: beside, path: docs-old}\n",
        encoding="utf-8",
    )
    around, minutes, beside = load_company(path).sources
    assert tuple(around.options["exclude"]) == ("drafts", "board")
    assert "exclude" not in minutes.options
    assert "exclude" not in beside.options
