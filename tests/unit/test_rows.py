"""A passage survives the trip through a store's row, whatever it holds."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from rag.models import Document, Locator, Passage
from rag.ports import IndexedDocument
from rag.stores.rows import indexed_from_row, indexed_row, passage_from_row, passage_row

texts = st.text(max_size=20)
names = st.text(min_size=1, max_size=12)
optional = st.none() | names
locators = st.builds(
    Locator,
    page=st.none() | st.integers(1, 9999),
    headings=st.lists(names, max_size=3).map(tuple),
    article=optional,
    sheet=optional,
    rows=st.none() | st.tuples(st.integers(1, 50), st.integers(51, 99)),
)
documents = st.builds(
    Document,
    id=names,
    source=texts,
    uri=texts,
    title=texts,
    audience=st.frozensets(names, min_size=1, max_size=3),
    language=texts,
    date=st.none() | st.dates(),
    licence=texts,
    site=optional,
    tags=st.dictionaries(names, texts, max_size=3),
    content_hash=texts,
)
passages = st.builds(
    Passage, id=names, document=documents, text=texts, locator=locators, language=texts, position=st.integers(0, 10**6)
)


@given(passages)
def test_passage_round_trips(passage: Passage) -> None:
    """Every field of passage, document and locator comes back equal."""
    assert passage_from_row(passage_row(passage)) == passage


@given(passages)
def test_row_is_flat_json(passage: Passage) -> None:
    """A row holds only strings, integers and lists of strings, also after JSON, with numbers turned into floats."""
    row = passage_row(passage)
    assert all(isinstance(value, (str, int)) or all(isinstance(item, str) for item in value) for value in row.values())
    as_stored = {name: float(value) if isinstance(value, int) else value for name, value in json.loads(json.dumps(row)).items()}
    assert passage_from_row(as_stored) == passage


@given(st.builds(IndexedDocument, document=documents, version=texts, passages=st.integers(0, 999), indexed_at=texts, error=texts))
def test_manifest_round_trips(indexed: IndexedDocument) -> None:
    """Every line of the manifest comes back equal, failed documents included."""
    assert indexed_from_row(indexed_row(indexed)) == indexed


def test_no_field_is_forgotten() -> None:
    """A field added to the models without a column fails here: the round trip above would not see a default."""
    document = Document("d", "s", "u", "t", frozenset({"a"}), "es", date(2024, 2, 3), "CC", "site", {"k": "v"}, "hash")
    passage = Passage("p", document, "text", Locator(4, ("h",), "Art. 3", "Costes", (2, 9)), "es", 7)
    missing = [field.name for field in fields(Document) if not getattr(document, field.name)]
    missing += [field.name for field in fields(Locator) if not getattr(passage.locator, field.name)]
    missing += [field.name for field in fields(Passage) if not getattr(passage, field.name)]
    assert not missing
    assert passage_from_row(passage_row(passage)) == passage
