"""What every index promises (rag.ports.PassageStore). A new one is added with one line in STORES."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.models import Document, Locator, Passage, Scope
from rag.ports import Batch, PassageStore, Query, Relabels
from rag.stores.bucket import Bucket
from rag.stores.lance import LanceStore
from rag.stores.pinecone import PineconeStore
from tests.bucket_fixtures import NAME, access, endpoint
from tests.fakes.openai_words import embedding
from tests.fakes.pinecone_api import FakePinecone

__all__ = ["access", "endpoint"]  # fixtures
DIMENSION = 64
EVERYONE = Scope(frozenset({"everyone"}))
NASTY = [
    "manual:bombeo*", "d'Ávila", 'comillas "dobles"', "a' OR '1'='1", "50 %_", "tubería 日本 \U0001f6b0", "a#b#000001",
    "C:\\x\\y", "línea\nnueva", "https://x.example/a?b=c&d=[e]", "{$ne: 1}", "-- fin; DROP TABLE passages",
]  # fmt: skip


@asynccontextmanager
async def lancedb(folder: Path) -> AsyncIterator[PassageStore]:
    """LanceDB on a folder."""
    yield LanceStore(folder, DIMENSION, "words@64")


@asynccontextmanager
async def pinecone(folder: Path) -> AsyncIterator[PassageStore]:
    """Pinecone's SDK against the stand-in."""
    async with FakePinecone(DIMENSION) as fake:
        store = PineconeStore("pc-test", fake.url, "acme", DIMENSION, "words@64")
        yield store
        await store.close()


Opener = Callable[[Path], AbstractAsyncContextManager[PassageStore]]
STORES: dict[str, Opener] = {"lancedb": lancedb, "pinecone": pinecone}


@pytest.fixture(params=[*STORES, "bucket"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[PassageStore]:
    """An empty index of each kind; the embedded one also in a bucket."""
    if request.param == "bucket":
        place = Bucket(f"s3://{NAME}/{tmp_path.name}", request.getfixturevalue("access"))
        yield LanceStore(place, DIMENSION, "words@64")
        return
    async with STORES[request.param](tmp_path) as opened:
        yield opened


def document(identifier: str, *, audience: tuple[str, ...] = ("everyone",), site: str | None = None) -> Document:
    """A document with every field filled."""
    return Document(
        identifier, "manuales", f"file:///{identifier}.pdf", f"Título {identifier}", frozenset(audience), "es",
        date(2024, 5, 17), "CC BY 4.0", site, {"kind": "manual"}, "abc123",
    )  # fmt: skip


def batch(of: Document, *texts: str, version: str = "1", language: str = "es") -> Batch:
    """The document with a passage for each text."""
    passages = tuple(
        Passage(f"{of.id}/{version}/{n}", of, text, Locator(n + 1, ("Capítulo",), rows=(2, 9)), language, n)
        for n, text in enumerate(texts)
    )
    vectors = np.array([embedding(text, DIMENSION) for text in texts], dtype=np.float32).reshape(-1, DIMENSION)
    return Batch(of, version, passages, vectors)


def query(text: str, limit: int = 10, language: str = "es") -> Query:
    """A question with its vector."""
    return Query(text, language, embedding(text, DIMENSION), limit)


async def found(store: PassageStore, text: str, scope: Scope = EVERYONE, limit: int = 50) -> list[str]:
    """The texts found, best first."""
    return [hit.passage.text for hit in await store.search(query(text, limit), scope)]


async def test_empty_index_is_no_error(store: PassageStore) -> None:
    """Before anything was written every read answers with nothing, and deleting nothing or the unknown is fine."""
    await store.delete([])
    await store.delete(["unknown"])
    await store.optimize()
    assert await store.search(query("bombeo"), EVERYONE) == []
    assert await store.passage("unknown", EVERYONE) == []
    assert await store.documents() == []


async def test_finds_what_was_written_whole(store: PassageStore) -> None:
    """A hit's passage equals the one written, in every field of passage, document and locator."""
    written = batch(document("manual"), "Los variadores ahorran energía en el bombeo.", "La red tiene fugas de noche.")
    await store.write([written])
    hits = await store.search(query("fugas en la red"), EVERYONE)
    assert hits[0].passage == written.passages[1]
    assert sorted((hit.passage for hit in hits), key=lambda passage: passage.position) == list(written.passages)


async def test_best_first_with_its_parts(store: PassageStore) -> None:
    """Hits come by falling score; the dense part is the cosine, the lexical part at most 1 and 0 without a common word."""
    texts = ["fugas en la red de agua", "tarifa eléctrica de seis periodos", "red de agua potable"]
    await store.write([batch(document("d"), *texts)])
    hits = await store.search(query("fugas en la red de agua"), EVERYONE)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].passage.text == texts[0]
    assert hits[0].dense == pytest.approx(1.0, abs=1e-4)
    assert 1 >= hits[0].lexical == max(hit.lexical for hit in hits) > 0.3
    assert next(hit for hit in hits if hit.passage.text == texts[1]).lexical == 0.0


async def test_words_of_another_language_count_nothing(store: PassageStore) -> None:
    """A passage in another language than the question's gets no lexical score."""
    await store.write([batch(document("d"), "bombeo solar", language="en")])
    (hit,) = await store.search(query("bombeo solar"), EVERYONE)
    assert hit.lexical == 0.0


async def test_another_language_is_not_crowded_out(store: PassageStore) -> None:
    """However many passages of the question's own language are nearer, one in another gets its chance."""
    await store.write([batch(document("es"), *["bombeo solar"] * 150), batch(document("en"), "unrelated words", language="en")])
    hits = await store.search(replace(query("bombeo solar", 5), cross_language=2.0), EVERYONE)
    assert hits[0].passage.language == "en"


def placed(near: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """A unit vector whose similarity to the first axis is `near`."""
    return np.array([near, np.sqrt(1 - near**2), *[0] * (DIMENSION - 2)], dtype=np.float32)


@pytest.mark.parametrize(
    "question",
    ["¿Qué alimenta el BK-4471?", "bk 4471", "¿Dónde está el BK4471/A?", "¿Cuál es el compresor Kaeser?", "compresor kaeser"],
)
async def test_a_rare_word_is_found_though_hundreds_are_nearer(store: PassageStore, question: str) -> None:
    """A code or a make that one passage holds brings it to the top, though by its vector it is among the last."""
    many = batch(document("many"), *(f"bombeo y soplantes de la línea {n} en 2024-05" for n in range(300)))
    rare = batch(document("rare"), "La ficha dice: BK-4471/A, BK4471 alimenta a Kaeser, compresor de reserva.")
    await store.write([replace(many, vectors=np.array([placed(0.8)] * 300)), replace(rare, vectors=np.array([placed(0.77)]))])
    await store.optimize()
    asked = Query(question, "es", placed(1.0), 10)
    assert (await store.search(asked, EVERYONE))[0].passage == rare.passages[0]
    assert {hit.passage.document.id for hit in await store.search(replace(asked, text="solar"), EVERYONE)} == {"many"}


async def test_a_rare_word_opens_nothing(store: PassageStore) -> None:
    """Asked for by its code, a passage of another audience or site stays unseen."""
    await store.write(
        [batch(document("d", audience=("dirección",)), "contrato BK-4471"), batch(document("s", site="sur"), "BK-4471")]
    )
    assert await found(store, "BK-4471") == ["BK-4471"]
    assert await found(store, "BK-4471", Scope(EVERYONE.audiences, "norte")) == []


async def test_limit_holds(store: PassageStore) -> None:
    """Never more hits than asked for."""
    await store.write([batch(document("d"), *(f"bombeo número {n}" for n in range(20)))])
    assert len(await store.search(query("bombeo", 7), EVERYONE)) == 7


async def test_repeated_question_same_answer(store: PassageStore) -> None:
    """Equal questions get equal hits in equal order."""
    await store.write([batch(document("d"), *(f"bombeo {n % 3}" for n in range(12)))])
    assert await store.search(query("bombeo 1"), EVERYONE) == await store.search(query("bombeo 1"), EVERYONE)


async def test_writing_again_changes_nothing(store: PassageStore) -> None:
    """A repeated write leaves one copy of each passage and document."""
    for _ in range(3):
        await store.write([batch(document("d"), "bombeo", "soplantes")])
    assert sorted(await found(store, "bombeo")) == ["bombeo", "soplantes"]
    (line,) = await store.documents()
    assert (line.passages, line.version, line.error) == (2, "1", "")


async def test_replaces_whole_documents(store: PassageStore) -> None:
    """The new version has only its own passages, the old one's are gone, and other documents stay."""
    await store.write(
        [batch(document("a"), "bombeo viejo", "bombeo antiguo", "bombeo caduco"), batch(document("b"), "bombeo otro")]
    )
    await store.write([batch(document("a"), "bombeo nuevo", version="2")])
    assert sorted(await found(store, "bombeo")) == ["bombeo nuevo", "bombeo otro"]
    assert await store.passage("a/1/0", EVERYONE) == []
    assert {line.document.id: (line.version, line.passages) for line in await store.documents()} == {"a": ("2", 1), "b": ("1", 1)}


async def test_replacing_can_take_an_audience_away(store: PassageStore) -> None:
    """A document whose audience was narrowed is no longer found by those who lost it."""
    await store.write([batch(document("a", audience=("everyone", "obras")), "bombeo")])
    await store.write([batch(document("a", audience=("obras",)), "bombeo")])
    assert await found(store, "bombeo") == []
    assert await found(store, "bombeo", Scope(frozenset({"obras"}))) == ["bombeo"]


async def test_deletes_documents_with_their_passages(store: PassageStore) -> None:
    """A deleted document is nowhere; one that is unknown is ignored; the others stay."""
    await store.write([batch(document("a"), "bombeo a"), batch(document("b"), "bombeo b")])
    await store.delete(["a", "unknown"])
    assert await found(store, "bombeo") == ["bombeo b"]
    assert await store.passage("a/1/0", EVERYONE) == []
    assert [line.document.id for line in await store.documents()] == ["b"]


async def test_failed_documents_are_listed_with_their_reason(store: PassageStore) -> None:
    """A document that cannot be read is listed, without passages; its former passages go; a later success clears it."""
    failed = Batch(document("a"), "2", error="está cifrado")
    await store.write([batch(document("a"), "bombeo"), Batch(document("b"), "1", error="no es un PDF")])
    await store.write([failed])
    assert {line.document.id: line.error for line in await store.documents()} == {"a": "está cifrado", "b": "no es un PDF"}
    assert await found(store, "bombeo") == []
    await store.write([batch(document("a"), "bombeo", version="3")])
    assert {line.document.id: line.error for line in await store.documents()} == {"a": "", "b": "no es un PDF"}
    assert await found(store, "bombeo") == ["bombeo"]


async def test_manifest_is_whole_and_by_source(store: PassageStore) -> None:
    """documents() gives every field back, of all sources or of one, in a stable order."""
    first, other = document("a"), replace(document("b"), source="web", date=None, site="edar", tags={}, licence="")
    await store.write([batch(other, "x"), batch(first, "y")])
    assert [line.document for line in await store.documents()] == [first, other]
    assert [line.document for line in await store.documents("web")] == [other]
    assert await store.documents("nada") == []
    assert all(line.indexed_at for line in await store.documents())


async def test_passage_with_its_neighbours(store: PassageStore) -> None:
    """A passage comes between the one before and the one after, in order; at the ends with one neighbour."""
    await store.write([written := batch(document("a"), "uno", "dos", "tres", "cuatro"), batch(document("b"), "otro")])
    assert await store.passage("a/1/1", EVERYONE) == list(written.passages[0:3])
    assert await store.passage("a/1/0", EVERYONE) == list(written.passages[0:2])
    assert await store.passage("a/1/3", EVERYONE) == list(written.passages[2:4])
    assert [passage.text for passage in await store.passage("b/1/0", EVERYONE)] == ["otro"]


async def test_passage_of_others_is_as_good_as_unknown(store: PassageStore) -> None:
    """Outside its audience a passage is not shown, even to one who knows its id."""
    await store.write([batch(document("a", audience=("dirección",)), "secreto")])
    assert await store.passage("a/1/0", EVERYONE) == []
    assert len(await store.passage("a/1/0", Scope(frozenset({"dirección"})))) == 1


async def test_no_search_without_scope() -> None:
    """A scope without audiences cannot be made, so a forgotten one fails instead of reading everything."""
    with pytest.raises(ValueError, match="audience"):
        Scope(frozenset())


async def test_site_admits_its_own_and_those_of_no_site(store: PassageStore) -> None:
    """Asked about a site: that site's documents and the general ones. Asked about none: all."""
    sites = {"norte": "edar-norte", "sur": "edar-sur", "general": None}
    await store.write([batch(document(name, site=site), f"bombeo {name}") for name, site in sites.items()])
    assert set(await found(store, "bombeo", Scope(EVERYONE.audiences, "edar-norte"))) == {"bombeo norte", "bombeo general"}
    assert set(await found(store, "bombeo", Scope(EVERYONE.audiences, "otra"))) == {"bombeo general"}
    assert len(await found(store, "bombeo")) == 3


@pytest.mark.parametrize("store", STORES, indirect=True)  # names lie within the engine's files, wherever these are
@pytest.mark.parametrize("name", NASTY)
async def test_any_string_is_a_name(store: PassageStore, name: str) -> None:
    """Ids, audiences, sites and sources with quotes, wildcards, separators and other scripts work and escape nothing."""
    odd = replace(document(name, audience=(name,), site=name), source=name, tags={name: name})
    written = batch(odd, "bombeo", version=name)
    await store.write([written, batch(document("secreto", audience=("dirección",)), "bombeo secreto")])
    scope = Scope(frozenset({name}), name)
    assert await found(store, "bombeo", scope) == ["bombeo"]
    assert await store.passage(f"{name}/{name}/0", scope) == list(written.passages)
    assert [line.document for line in await store.documents(name)] == [odd]
    await store.delete([name])
    assert await found(store, "bombeo", scope) == []
    assert [line.document.id for line in await store.documents()] == ["secreto"]


AUDIENCES = ("everyone", "obras", "dirección", "a:b*")
SITES = (None, "norte", "sur")
GROUPS = [group for size in (1, 2, 3) for group in combinations(AUDIENCES, size)]
MATRIX = [document(f"{'+'.join(group)}@{site}", audience=group, site=site) for group in GROUPS for site in SITES]


@pytest.mark.parametrize("store", STORES, indirect=True)  # scopes are the engine's, wherever its files lie
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    audiences=st.frozensets(st.sampled_from((*AUDIENCES, "nadie", "every", "*")), min_size=1),
    site=st.sampled_from((*SITES, "oeste", "")),
)
async def test_audience_matrix(store: PassageStore, audiences: frozenset[str], site: str | None) -> None:
    """For any scope exactly the documents are found that it shares an audience with and whose site fits."""
    if not await store.documents():
        await store.write([batch(one, f"bombeo {one.id}") for one in MATRIX])
    hits = await store.search(query("bombeo", 100), Scope(audiences, site))
    expected = {one.id for one in MATRIX if one.audience & audiences and (site is None or one.site in (None, site))}
    assert {hit.passage.document.id for hit in hits} == expected


async def test_relabelling_keeps_passages_and_vectors(store: PassageStore) -> None:
    """A relabelled document is found by its new audience and site only, with its passages as they were; others stay."""
    assert isinstance(store, Relabels), "an index need not relabel: leave it out here, ingest then embeds again"
    written = batch(document("a"), *(f"bombeo {n}" for n in range(120)))
    await store.write([written, batch(document("b"), "bombeo b")])
    now = document("a", audience=("obras", "dirección"), site="edar-norte")
    await store.relabel(now, "2")
    await store.relabel(now, "2")
    assert await found(store, "bombeo") == ["bombeo b"]
    scope = Scope(frozenset({"obras"}), "edar-norte")
    assert await store.passage("a/1/7", scope) == [replace(one, document=now) for one in written.passages[6:9]]
    (hit, *_) = await store.search(query("bombeo 7"), scope)
    assert hit.passage.text == "bombeo 7"
    assert hit.dense == pytest.approx(1.0, abs=1e-4)
    first, _ = await store.documents()
    assert (first.document, first.version, first.passages) == (now, "2", 120)


async def test_relabelling_the_unknown_does_nothing(store: PassageStore) -> None:
    """No document comes into being by its labels."""
    assert isinstance(store, Relabels), "an index need not relabel: leave it out here, ingest then embeds again"
    await store.relabel(document("a"), "1")
    assert await store.documents() == []


async def test_a_long_document_is_written_whole(store: PassageStore) -> None:
    """More passages than one request or page holds arrive, and go."""
    await store.write([batch(document("largo"), *(f"bombeo {n}" for n in range(350)))])
    await store.optimize()
    (line,) = await store.documents()
    assert line.passages == 350
    assert [passage.position for passage in await store.passage("largo/1/349", EVERYONE)] == [348, 349]
    await store.write([batch(document("largo"), "bombeo", version="2")])
    assert await found(store, "bombeo") == ["bombeo"]
