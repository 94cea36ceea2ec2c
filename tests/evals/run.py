"""Asks the adviser what it should know and what it should not: `python -m tests.evals.run [DATA]`, or `make eval DATA=...`.

Through ConversationManager as app.py wires it, on an index and a memory of its own. Without DATA: the demo's questions and
conversations, and questions on other matters. DATA holds boe_laws (with questions.jsonl), pdf_es and epa_factsheets: they are
indexed in addition and the laws' questions are asked. Every quote is looked for in its source. Exit code 1 below the floors.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from adapters.console.show import progress_bar
from bot.conversation import ConversationManager
from bot.messages import IncomingMessage, Progress
from bot.oneshot import NoMemory
from config.company import CompanyConfig, SourceConfig, load_company
from config.settings import Settings, load_settings, quiet_threads
from rag.models import Answer, Citation
from tests.evals.verbatim import is_verbatim, squeezed
from upkeep import bring_up_to_date
from wiring import Knowledge, build_knowledge, build_manager, open_memory

FOLDERS = ("boe_laws", "pdf_es", "epa_factsheets")
DEMO_FLOOR, LAWS_FLOOR = 0.85, 12 / 16
"""Shares answered of the demo's questions in each language, and of the laws' questions with the right article cited."""
_DEMO = Path("demo")
_OFF_TOPIC = Path(__file__).with_name("off_topic.jsonl")

Row = dict[str, Any]


class Tally:
    """Counts of one run, the quotes that are not in their source, the seconds of each answer."""

    def __init__(self) -> None:
        self.counts: dict[str, dict[str, int]] = {}
        self.quotes = 0
        self.violations: list[str] = []
        self.seconds: list[float] = []

    def add(self, group: str, **found: bool) -> None:
        """One question of a group, and what holds for its answer."""
        counts = self.counts.setdefault(group, {"questions": 0})
        counts["questions"] += 1
        for name, holds in found.items():
            counts[name] = counts.get(name, 0) + holds

    def check(self, answer: Answer) -> None:
        """Look for every quote of an answer in the file that it names."""
        for citation in (one for one in answer.citations if one.kind == "passage"):
            self.quotes += 1
            if not is_verbatim(citation.quote, Path(citation.uri)):
                self.violations.append(f"{citation.uri} ({citation.locator}): {citation.quote!r}")


class Evaluation:
    """Asks and counts."""

    def __init__(self, knowledge: Knowledge, settings: Settings, company: CompanyConfig, tally: Tally) -> None:
        self._knowledge, self._settings, self._company = knowledge, settings, company
        self._alone = build_manager(knowledge, NoMemory(), settings, company)
        self.tally = tally

    async def ask(self, text: str, manager: ConversationManager | None = None, conversation: str = "") -> Answer:
        """The answer to one message of an employee, its quotes checked."""
        count = len(self.tally.seconds)
        message = IncomingMessage(str(count), "console", "local", conversation, "eval", text, direct=True)
        started = time.perf_counter()
        answer = (await (manager or self._alone).respond(message, _unseen)).answer
        self.tally.seconds.append(time.perf_counter() - started)
        self.tally.check(answer)
        return answer

    async def demo(self, group: str) -> None:
        """The demo's questions, with the document and the words that answer them."""
        for row in _rows(_DEMO / "questions.jsonl"):
            answer = await self.ask(row["text"])
            if row["answerable"]:
                self.tally.add(f"{group} {row['language']}", **_found(answer, row["gold"]))
            else:
                self.tally.add(f"{group} {row['language']}, no answer exists", answered=answer.status == "answered")

    async def off_topic(self, group: str) -> None:
        """Questions that no document answers, nor should."""
        for row in _rows(_OFF_TOPIC):
            answer = await self.ask(row["text"])
            self.tally.add(f"{group} {row['language']}", answered=answer.status == "answered")
            if answer.status == "answered":
                print(f"answered though off topic: {row['text']}\n    {answer.text[:300]}", file=sys.stderr)

    async def conversations(self) -> None:
        """The last turn of each demo conversation, a follow-up that says little alone."""
        async with open_memory(self._settings) as (_, memory):
            manager = build_manager(self._knowledge, memory, self._settings, self._company)
            for row in _rows(_DEMO / "conversations.jsonl"):
                for turn in row["turns"]:
                    answer = await self.ask(turn, manager, row["id"])
                self.tally.add("demo follow-ups", **_found(answer, row["gold"]))

    async def laws(self, folder: Path) -> None:
        """Questions on three laws; right is an answer that cites an article that holds it."""
        for row in _rows(folder / "questions.jsonl"):
            answer = await self.ask(row["text"])
            cited = any(
                gold["law"] in one.uri and gold["article"] == one.locator for one in answer.citations for gold in row["gold"]
            )
            answered = answer.status == "answered"
            self.tally.add("laws", answered=answered, document=answered and cited)
            if not (answered and cited):
                print(f"laws {row['_id']}: {answer.status}, article not cited: {row['text']}", file=sys.stderr)


async def _unseen(_: Progress) -> None:
    """Only whole answers count."""


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _found(answer: Answer, gold: Sequence[Row]) -> dict[str, bool]:
    """Whether it was answered, cites a right document, and quotes the right words first or at all."""
    answered = answer.status == "answered"

    def right(citations: Iterable[Citation]) -> bool:
        return any(squeezed(one["contains"]).lower() in squeezed(each.quote).lower() for each in citations for one in gold)

    return {
        "answered": answered,
        "document": answered and any(each.uri.endswith(one["document"]) for each in answer.citations for one in gold),
        "quoted first": answered and right(answer.citations[:1]),
        "quoted": answered and right(answer.citations),
    }


def failures(tally: Tally) -> list[str]:
    """What lies below its floor, as sentences."""
    problems = [f"{len(tally.violations)} quotes are not verbatim"] if tally.violations else []
    for group, counts in tally.counts.items():
        share = counts["answered"] / counts["questions"]
        if group.startswith("off topic") and share > 0:
            problems.append(f"{group}: {counts['answered']} answered, none should be")
        if group in {"demo es", "demo en"} and share < DEMO_FLOOR:
            problems.append(f"{group}: {share:.0%} answered, {DEMO_FLOOR:.0%} at least")
        if group == "laws" and counts["document"] / counts["questions"] < LAWS_FLOOR:
            problems.append(f"laws: {counts['document']} of {counts['questions']} cite the article, {LAWS_FLOOR:.0%} at least")
    return problems


def show(tally: Tally) -> None:
    """The table for people, and one JSON line for machines."""
    names = ("questions", "answered", "document", "quoted first", "quoted")
    print(f"{'':42}" + "".join(f"{name:>14}" for name in names))
    for group, counts in tally.counts.items():
        print(f"{group:42}" + "".join(f"{counts.get(name, '-'):>14}" for name in names))
    median = round(1000 * statistics.median(tally.seconds))
    slow = round(1000 * statistics.quantiles(tally.seconds, n=20)[-1])
    print(f"quotes: {tally.quotes}, not verbatim: {len(tally.violations)}; answers: median {median} ms, 95 % {slow} ms")
    for violation in dict.fromkeys(tally.violations):
        print(f"    {violation}")
    print(json.dumps({"counts": tally.counts, "quotes": tally.quotes, "not_verbatim": len(tally.violations), "p50_ms": median}))


async def evaluate(data: Path | None, home: Path) -> Tally:
    """Index, ask, count."""
    settings = load_settings(advisor_home=home)
    company = load_company(settings.advisor_config)
    knowledge, tally = build_knowledge(settings, company), Tally()
    evaluation = Evaluation(knowledge, settings, company, tally)
    await bring_up_to_date(knowledge, settings, company.sources, progress_bar, retry=False)
    await evaluation.demo("demo")
    await evaluation.off_topic("off topic, demo")
    await evaluation.conversations()
    if data is not None:
        more = [SourceConfig.model_validate({"name": f"cli-{name}", "path": data / name}) for name in FOLDERS]
        await bring_up_to_date(knowledge, settings, more, progress_bar, retry=False)
        await evaluation.laws(data / "boe_laws")
        await evaluation.off_topic("off topic, demo and DATA")
        await evaluation.demo("demo among DATA")
    return tally


def main() -> int:
    """Command line: 0 if nothing lies below its floor, else 1."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path)
    quiet_threads()
    with tempfile.TemporaryDirectory() as home:
        tally = asyncio.run(evaluate(parser.parse_args().data, Path(home)))
    show(tally)
    problems = failures(tally)
    print("\n".join(problems), file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
