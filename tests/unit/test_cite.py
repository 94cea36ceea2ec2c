"""Numbering of citations, and the seam between document text and marks."""

from rag.cite import cite
from rag.evidence import Quoted, Statement, unmarked
from rag.models import Document, Locator, Passage


def passage(n: int) -> Passage:
    """A passage of a document of its own."""
    document = Document(f"d{n}", "s", f"{n}.md", f"Title {n}", frozenset({"everyone"}))
    return Passage(f"p{n}", document, f"First of {n}. Second of {n}.", Locator(page=n), "en", 0)


def test_numbers_run_in_order_of_appearance_and_each_is_used_once() -> None:
    """Two statements on the same quote share a number; another quote of the same passage gets its own."""
    one, two = passage(1), passage(2)
    text, citations = cite(
        [
            Statement("A [1][2].", (Quoted(two, "First of 2."), Quoted(one, "First of 1."))),
            Statement("B [1].", (Quoted(one, "First of 1."),), lead=" "),
            Statement("C [1].", (Quoted(one, "Second of 1."),), lead="\n- "),
        ],
        "en",
    )
    assert text == "A [1][2]. B [2].\n- C [3]."
    assert [(c.n, c.title, c.quote, c.locator) for c in citations] == [
        (1, "Title 2", "First of 2.", "p. 2"),
        (2, "Title 1", "First of 1.", "p. 1"),
        (3, "Title 1", "Second of 1.", "p. 1"),
    ]


def test_document_text_cannot_forge_marks() -> None:
    """A bracketed number in a document is shown with round brackets."""
    assert unmarked("as shown in [12] and [a]") == "as shown in (12) and [a]"
