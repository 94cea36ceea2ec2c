"""Passages: whole blocks where they fit, cut where a reader would, never across an article, heading or page."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rag.ingest.split import LONGEST, TARGET, split
from rag.models import Document, Locator
from rag.ports import Block

DOCUMENT = Document("d", "s", "u", "t", frozenset({"everyone"}))
SENTENCE = "El caudal nocturno de la red baja cuando se regula la presión en el sector. "
words = st.text(alphabet=st.sampled_from("abcé .,;:\n|1A¿"), min_size=1, max_size=400)
places = st.builds(Locator, page=st.none() | st.integers(1, 3), headings=st.sampled_from([(), ("Uno",), ("Uno", "Dos")]))
blocks = st.lists(st.builds(Block, text=words, locator=places, is_table=st.booleans()), max_size=12)


def test_neighbours_merge_up_to_the_target() -> None:
    """Paragraphs of one section share passages, in order; none is longer than it may be."""
    passages = split([Block(SENTENCE.strip(), Locator(1, ("A",)))] * 30, DOCUMENT)
    assert all(400 < len(passage.text) <= TARGET for passage in passages)
    assert "\n".join(passage.text for passage in passages) == "\n".join([SENTENCE.strip()] * 30)


def test_nothing_crosses_a_place() -> None:
    """Page, heading, article and sheet each end a passage."""
    here = Locator(1, ("A",), "Artículo 1", "Hoja")
    others = [
        replace(here, page=2),
        replace(here, headings=("B",)),
        replace(here, article="Artículo 2"),
        replace(here, sheet="X"),
    ]
    passages = split([Block("Uno.", here), *(Block("Dos.", other) for other in others)], DOCUMENT)
    assert [passage.locator for passage in passages] == [here, *others]


def test_long_paragraph_is_cut_between_sentences() -> None:
    """Every piece is a run of whole sentences."""
    passages = split([Block((SENTENCE * 40).strip(), Locator())], DOCUMENT)
    assert len(passages) > 2
    assert all(passage.text.startswith("El caudal") and passage.text.endswith("sector.") for passage in passages)


def test_list_stays_with_its_lead_in() -> None:
    """A sentence that ends in a colon is not left at the end of a passage, away from its list."""
    filler = Block((SENTENCE * 11).strip(), Locator())
    items = [Block(f"{letter}) {SENTENCE.strip()}", Locator()) for letter in "abcd"]
    passages = split([filler, Block("Se exige lo siguiente:", Locator()), *items], DOCUMENT)
    assert passages[1].text.startswith("Se exige lo siguiente:\na)")


def test_table_rows_stay_whole_under_their_header() -> None:
    """A long table is cut between rows, and each part begins with the header."""
    rows = [f"Bomba {n} | {n} kW | {SENTENCE.strip()}" for n in range(40)]
    passages = split([Block("\n".join(["Equipo | Potencia | Nota", *rows]), Locator(), True)], DOCUMENT)
    assert all(
        passage.text.startswith("Equipo | Potencia | Nota\nBomba") and len(passage.text) <= LONGEST for passage in passages
    )
    assert [row for passage in passages for row in passage.text.split("\n")[1:]] == rows


def test_rows_of_merged_tables_are_joined() -> None:
    """A sheet's title row and its table make one passage that tells both's rows."""
    title = Block("Costes 2024", Locator(sheet="H", rows=(1, 1)), True)
    table = Block("Uso | kWh\nLuz | 3", Locator(sheet="H", rows=(4, 4)), True)
    assert [passage.locator.rows for passage in split([title, table], DOCUMENT)] == [(1, 4)]


@given(blocks)
def test_no_word_is_lost_or_invented(given: list[Block]) -> None:
    """Whatever the blocks: passages hold the same characters in the same order, but for repeated table headers."""
    passages = split(given, DOCUMENT)
    plain = [block for block in given if not (block.is_table and len(block.text) > LONGEST)]
    if len(plain) == len(given):
        kept = "".join(re.sub(r"\s", "", passage.text) for passage in passages)
        whole = "".join(re.sub(r"\s", "", block.text) for block in given)
        assert re.sub(r"[^\w]", "", kept) == re.sub(r"[^\w]", "", whole)
    assert all(any(char.isalnum() for char in passage.text) for passage in passages)


@given(blocks)
def test_ids_are_stable_and_distinct(given: list[Block]) -> None:
    """The same blocks give the same ids; positions count from 0; no two passages share an id."""
    passages = split(given, DOCUMENT)
    assert passages == split(given, DOCUMENT)
    assert len({passage.id for passage in passages}) == len(passages)
    assert [passage.position for passage in passages] == list(range(len(passages)))


def test_a_heading_alone_counts_only_where_there_is_nothing_else() -> None:
    """It is no passage beside text; a document of one line that is also its title still can be found."""
    alone = Block("Válvula 3 cerrada", Locator(headings=("Válvula 3 cerrada",)))
    text = Block("Se abre el lunes.", Locator(headings=("Válvula 3 cerrada",), page=2))
    assert [passage.text for passage in split([alone, text], DOCUMENT)] == ["Se abre el lunes."]
    assert [passage.text for passage in split([alone], DOCUMENT)] == ["Válvula 3 cerrada"]
