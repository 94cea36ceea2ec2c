"""What `ingest --dry-run` prints, in the company's language or as JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from config.limits import Price
from config.texts import day, number, text
from rag.ingest.costs import Cost, Totals, totals
from rag.ingest.estimate import Estimated


def estimates(found: Sequence[Estimated], language: str) -> str:
    """A line a source, what cannot be read, then time and money."""
    whole = totals(found)
    lines = [line for one in found for line in _source(one, language)]
    lines.append(_say(language, "total", documents=whole.documents, passages=whole.passages, tokens=whole.tokens,
                      size=_size(whole.index_bytes, language)))  # fmt: skip
    least, most = (_duration(seconds, language) for seconds in whole.seconds)
    lines.append(text(language, "estimate.embedded", least=least, most=most))
    return "\n".join([*lines, *(_cost(cost, language) for cost in whole.costs), text(language, "estimate.nothing")])


def estimates_json(found: Sequence[Estimated]) -> str:
    """One object: sources, totals and costs, each with its price, date and source."""
    whole = totals(found)
    return json.dumps({"sources": [_row(one) for one in found], "totals": _whole(whole)}, ensure_ascii=False)


def _row(one: Estimated) -> dict[str, object]:
    report = one.report
    counts = {"new": report.added, "changed": report.changed, "removed": report.removed, "unchanged": report.unchanged}
    sizes = {"passages": report.passages, "tokens": one.tokens, "read_bytes": one.read_bytes, "index_bytes": one.index_bytes}
    return {"source": report.source, **counts, **sizes, "failures": report.failures, "error": report.error}


def _whole(whole: Totals) -> dict[str, object]:
    costs = [{"item": cost.item, "usd": cost.usd, "price": _price(cost.price)} for cost in whole.costs]
    return {**asdict(whole), "costs": costs}


def _price(price: Price) -> dict[str, object]:
    return {**asdict(price), "as_of": price.as_of.isoformat()}


def _source(one: Estimated, language: str) -> Iterator[str]:
    report = one.report
    if report.error:
        yield text(language, "estimate.error", source=report.source, reason=report.error)
        return
    counts = {"new": report.added, "changed": report.changed, "removed": report.removed, "unchanged": report.unchanged}
    sizes = {"passages": report.passages, "tokens": one.tokens}
    yield _say(language, "source", source=report.source, size=_size(one.read_bytes, language), **counts, **sizes)
    for uri, reason in report.failures:
        yield text(language, "estimate.failed", uri=uri, reason=reason)


def _cost(cost: Cost, language: str) -> str:
    key = cost.item if cost.item.startswith("pinecone") else "embedding"
    usd = number(cost.usd, language, 2 if cost.usd >= 1 else 4)
    price = number(cost.price.usd, language, 2)
    about = {"usd": usd, "price": price, "day": day(cost.price.as_of, language), "url": cost.price.source}
    return text(language, f"estimate.{key}", model=cost.item, **about)


def _say(language: str, key: str, **values: int | str) -> str:
    shown = {name: number(value, language, 0) if isinstance(value, int) else value for name, value in values.items()}
    return text(language, f"estimate.{key}", **shown)


def _size(count: int, language: str) -> str:
    unit, divisor = next((pair for pair in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)) if count >= pair[1]), ("B", 1.0))
    return f"{number(count / divisor, language, 1)} {unit}"


def _duration(seconds: float, language: str) -> str:
    unit, divisor = next((pair for pair in (("hours", 3600), ("minutes", 60)) if seconds >= 2 * pair[1]), ("seconds", 1))
    return text(language, f"estimate.{unit}", n=number(seconds / divisor, language, 0))
