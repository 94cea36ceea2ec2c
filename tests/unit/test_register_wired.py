"""The register as the program is put together: from a recommendation to a file, across processes, with a person forgotten."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from bot.messages import Actor, IncomingMessage
from config.company import CompanyConfig
from config.settings import Settings
from rag.advice import Advice
from rag.readings.meters import Meters
from rag.recommend import Recommender
from tests.answer_fixtures import library, unseen
from tests.register_world import BLOWERS, company, plant
from wiring import Knowledge, build_desk, build_manager, build_records, open_memory, write_register


def files(folder: Path) -> CompanyConfig:
    """The company, its plant's readings as files."""
    meters = []
    for name, carrier, unit in (("electricity", "electricity", "kWh"), ("influent", "water", "m3")):
        values: pd.Series[float] = plant()[name].values
        lines = [f"{day:%Y-%m-%dT%H:%M:%S%z};{value:.3f}" for day, value in zip(values.index, values, strict=True)]
        (folder / f"{name}.csv").write_text("\n".join([f"start;{unit}", *lines]), encoding="utf-8")
        meters.append({"id": name, "name": name, "carrier": carrier, "unit": unit, "files": [str(folder / f"{name}.csv")]})
    whole = company().model_dump(mode="json")
    whole["sites"][0] |= {"meters": meters, "proposals": [BLOWERS]}
    return CompanyConfig.model_validate(whole)


async def test_from_a_recommendation_to_a_file(tmp_path: Path) -> None:
    """Recommended, done, measured, opened, exported; kept in the state folder; forgetting takes the name."""
    settings, firm = Settings(_env_file=None, advisor_home=tmp_path / "home"), files(tmp_path)
    meters, base = Meters(tmp_path / "kept"), library()
    advice = Advice(meters.of, meters.assess, lambda: firm)
    retriever = base.retriever()
    recommender = Recommender(retriever, base.similarity, {"edar-norte": ("EDAR Norte",)}, advice)
    knowledge = Knowledge(
        base.embedder, base.store(), base.store(), base.pipeline(), recommender, retriever, advice, meters
    )  # fmt: skip

    def said(text: str) -> IncomingMessage:
        return IncomingMessage(text, "console", "local", "t", "ana", text, direct=True)

    async with open_memory(settings) as (redis, memory):
        records = build_records(knowledge, settings, redis)
        manager = build_manager(knowledge, memory, settings, firm, records)
        first = await manager.respond(said("recommend energy edar-norte"), unseen)
        place = [one.measure for one in first.answer.recommendations].index("blower_control") + 1
        done = await manager.respond(said(f"recommend done {place} 2024-12-31"), unseen)
        assert "Control the blowers** (**EDAR Norte**) is done, on 31 Dec 2024" in done.text
        status = await manager.respond(said("recommend status"), unseen)
        assert "Measured since" in status.text
        opened = next(one for one in status.answer.citations if "/realised." in one.passage_id)
        desk = build_desk(knowledge, records, lambda: firm)
        view = await desk.open_source(Actor("console", "local", "ana", conversation="t", direct=True), status.exchange, opened.n)
        assert "student_t" not in view.text
        assert "Student's t" in view.text
    assert await write_register(knowledge, settings, firm, said(""), tmp_path / "r.csv") == 0
    async with open_memory(settings) as (_, memory):
        await memory.forget_user("console", "local", "ana")
    assert await write_register(knowledge, settings, firm, said(""), tmp_path / "s.csv") == 0
    before, after = (_row(tmp_path / name) for name in ("r.csv", "s.csv"))
    assert (before["status"], before["done_on"], before["decided_by"]) == ("done", "2024-12-31", "console:local:ana")
    assert float(before["realised_low"]) < 87_600 < float(before["realised_high"])
    assert after == {**before, "decided_by": ""}


def _row(file: Path) -> dict[str, str]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return next(one for one in csv.DictReader(opened) if one["measure"] == "blower_control")
