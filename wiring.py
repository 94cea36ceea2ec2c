"""Composition root: settings -> what answers. With service.py, which adds the channels, the only one that names concrete classes.

What only some commands need is imported where it is built: `ask` must be there in seconds, and the packages of Slack, Teams,
OpenAI and Pinecone alone take longer than that to load.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from redis.asyncio import Redis

from bot.access import readers, scope
from bot.conversation import ConversationManager
from bot.desk import BotDesk
from bot.messages import IncomingMessage
from bot.ports import Memory
from bot.prompts import Prompts
from bot.records import Records, open_records
from bot.register import Register
from bot.registrar import Registrar
from bot.shelf import Shelf
from config.company import CompanyConfig, SiteConfig
from config.settings import Settings
from config.version import VERSION, prompts_hash
from rag.advice import Advice
from rag.direct import Direct
from rag.embed.embedded import EmbeddedEmbedder
from rag.embed.use import SentenceEncoder
from rag.errors import InputError
from rag.figures import Figures
from rag.ground import EMBEDDED, OTHER, Calibration
from rag.measures.model import Calculation
from rag.models import KINDS, Kind, Scope
from rag.pictured import Pictures
from rag.pipeline import Pipeline
from rag.ports import Embedder, LanguageModel, PassageStore
from rag.readings.meters import Meters
from rag.recommend import Recommender
from rag.retrieve import Retriever
from rag.stores.current import CurrentAudiences
from rag.stores.live import read_live
from rag.stores.place import Folder, Place
from rag.told_peaks import ToldPeaks

if TYPE_CHECKING:
    from rag.evaluate import Metrics

INDEX = "index"
"""The embedded indexes' folder in the state folder."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What answers from documents, shared by every command: `store` to read from, `index` to write to."""

    embedder: Embedder
    store: CurrentAudiences
    index: PassageStore
    pipeline: Pipeline
    recommender: Recommender
    retriever: Retriever
    advice: Advice
    meters: Meters


def build_knowledge(settings: Settings, company: CompanyConfig, now: Callable[[], CompanyConfig] | None = None) -> Knowledge:
    """The retrieval side, as the settings choose it. `now` gives the company as it is when a question comes."""
    similarity = SentenceEncoder()
    embedder, calibration = build_embedder(live_settings(settings), similarity)
    live = read_live(index_place(settings)) if embedded_index(settings) else None
    if live and live.name != embedder.name:
        raise InputError(f"The index was made with {live.name}, which is not to be had any more: run `app.py reembed`")
    index = build_store(settings, embedder)
    store = CurrentAudiences(index, lambda document: readers(now() if now else company, document))
    names = {site.id: (site.name, *site.aliases) for site in company.sites}
    retriever = Retriever(embedder, store, similarity, calibration, [name for called in names.values() for name in called])
    current = now or (lambda: company)
    meters = Meters(settings.advisor_home / "readings")
    advice = Advice(meters.of, meters.assess, current, told=ToldPeaks(retriever, names).of)
    direct = Direct(meters.of, meters.replies, current)
    figures = Figures(meters.of, meters.indicators, current, similarity, direct)
    return Knowledge(
        embedder,
        store,
        index,
        Pipeline(retriever, similarity, build_model(settings), figures),
        Recommender(retriever, similarity, names, advice),
        retriever,
        advice,
        meters,
    )


async def reopen(knowledge: Knowledge, settings: Settings) -> Embedder:
    """Answer from the index that `index/current` names now, with the embedder of its vectors, which is given back.

    Both are at work before anything is asked of them; InputError, EmbeddingError or StoreError leave the old ones in place.
    """
    embedder, calibration = build_embedder(live_settings(settings), SentenceEncoder())
    index = build_store(settings, embedder)
    await embedder.embed_query("¿listo?")
    await index.documents("")
    knowledge.retriever.use(embedder, knowledge.store.over(index), calibration)
    knowledge.store.use(index)
    return embedder


def embedded_index(settings: Settings) -> bool:
    """Whether the index is a folder or a bucket of ours."""
    return settings.advisor_index == "lancedb"


def index_place(settings: Settings) -> Place:
    """Where the embedded indexes lie."""
    if settings.advisor_index_uri is None:
        return Folder(settings.advisor_home / INDEX)
    from rag.stores.bucket import Access, Bucket

    key, secret, token = settings.aws_access_key_id, settings.aws_secret_access_key, settings.aws_session_token
    return Bucket(settings.advisor_index_uri, Access(key, secret, token, settings.aws_region, settings.aws_endpoint_url))


def live_settings(settings: Settings) -> Settings:
    """The settings with the embeddings of the index that answers: until `reembed` has made another, those of its vectors."""
    live = read_live(index_place(settings)) if embedded_index(settings) else None
    if live is None or (live.embeddings, live.model) == configured_embeddings(settings):
        return settings
    if live.embeddings == "openai" and settings.openai_api_key is None:
        raise InputError(f"The index was made with {live.name}, which needs OPENAI_API_KEY: set it, or run `app.py reembed`")
    changed = {"advisor_embeddings": live.embeddings}
    return settings.model_copy(update=changed | ({"openai_embedding_model": live.model} if live.model else {}))


def configured_embeddings(settings: Settings) -> tuple[str, str]:
    """ADVISOR_EMBEDDINGS and the model, which is empty for the embedded ones."""
    return settings.advisor_embeddings, "" if settings.advisor_embeddings == "embedded" else settings.openai_embedding_model


def build_embedder(settings: Settings, similarity: SentenceEncoder) -> tuple[Embedder, Calibration]:
    """The embedder and what was calibrated for it."""
    if settings.advisor_embeddings == "embedded" or settings.openai_api_key is None:
        return EmbeddedEmbedder(similarity), EMBEDDED
    from rag.embed.openai import OpenAIEmbedder

    key = settings.openai_api_key.get_secret_value()
    return OpenAIEmbedder(key, settings.openai_embedding_model, settings.openai_base_url), OTHER


def build_store(settings: Settings, embedder: Embedder) -> PassageStore:
    """The index."""
    if settings.advisor_index == "lancedb" or settings.pinecone_api_key is None or settings.pinecone_host is None:
        from rag.stores.lance import LanceStore

        return LanceStore(index_place(settings), embedder.dimension, embedder.name)
    from rag.stores.pinecone import PineconeStore

    key = settings.pinecone_api_key.get_secret_value()
    return PineconeStore(key, settings.pinecone_host, settings.advisor_tenant, embedder.dimension, embedder.name)


def build_model(settings: Settings) -> LanguageModel | None:
    """The language model that writes answers, if there is a key for one."""
    if settings.openai_api_key is None:
        return None
    from rag.llm.openai import OpenAIModel

    return OpenAIModel(settings.openai_api_key.get_secret_value(), settings.openai_model, settings.openai_base_url)


def build_manager(
    knowledge: Knowledge,
    memory: Memory,
    settings: Settings,
    company: CompanyConfig,
    records: Records | None = None,
    now: Callable[[], CompanyConfig] | None = None,
) -> ConversationManager:
    """The conversation over the knowledge; with `records`, kept for review; `now` gives the company as it is when asked."""
    seconds, registrar = settings.advisor_deadline_seconds, build_registrar(knowledge, records)
    return ConversationManager(knowledge.pipeline, knowledge.recommender, memory, company, seconds, records, now, registrar)


def build_registrar(knowledge: Knowledge, records: Records | None) -> Registrar | None:
    """Who keeps the register of recommendations, where something is kept."""
    return Registrar(records.register, knowledge.meters.of) if records and records.register else None


def build_records(knowledge: Knowledge, settings: Settings, redis: Redis) -> Records:
    """What is kept beside memory, marked with what makes the answers."""
    model = settings.openai_model if settings.model_on else ""
    versions = {"product": VERSION, "prompts": prompts_hash(), "embedder": knowledge.embedder.name, "model": model}
    return open_records(redis, knowledge.store, versions, settings.advisor_tenant)


def build_shelf(knowledge: Knowledge, redis: Redis) -> Shelf:
    """What brings single documents into the index, each read in a confined process."""
    from rag.ingest.parse.isolate import IsolatedParser

    return Shelf(redis, knowledge.store, knowledge.embedder, IsolatedParser)


def build_desk(knowledge: Knowledge, records: Records, company: Callable[[], CompanyConfig]) -> BotDesk:
    """What buttons and forms ask of the bot."""
    registrar, reckoned = build_registrar(knowledge, records), knowledge.advice.calculation

    async def calculation(identity: str, scope: Scope) -> tuple[SiteConfig, Calculation] | None:
        saved = await registrar.calculation(company(), identity, scope) if registrar else None
        return saved or await reckoned(identity, scope)

    async def done_on(site: str, measure: str) -> date | None:
        entries = await registrar.register.of([site]) if registrar else []
        return next((one.done_on for one in entries if one.measure == measure), None)

    return BotDesk(records, Prompts(knowledge.retriever), company, calculation, Pictures(knowledge.advice, done_on))


@asynccontextmanager
async def open_memory(settings: Settings) -> AsyncIterator[tuple[Any, Memory]]:
    """A Redis client and the memory in it; our own server is started if none runs on the state folder."""
    from adapters.web.events import Events
    from bot.brought import BroughtReadings
    from bot.choices import Choices
    from bot.experts import Experts
    from bot.inbox import RedisInbox
    from bot.memory import RedisMemory
    from bot.redis_server import open_redis
    from bot.reviews import RedisReviews
    from bot.shelf import ForgetList

    url = settings.redis_url.get_secret_value() if settings.redis_url else None
    async with open_redis(url, settings.advisor_home) as redis:
        kept = (
            RedisReviews(redis),
            Experts(redis),
            ForgetList(redis),
            BroughtReadings(redis),
            Register(redis, settings.advisor_tenant),
        )
        elsewhere = tuple(one.forget_user for one in (RedisInbox(redis), Events(redis, redis), *kept))
        of_conversations = tuple(one.forget_conversation for one in (Choices(redis), *kept))
        yield redis, RedisMemory(redis, also_forget=elsewhere, also_forget_conversation=of_conversations)


async def write_report(
    knowledge: Knowledge, company: CompanyConfig, message: IncomingMessage, file: Path, kind: Kind | None = None
) -> int:
    """The recommendations that a message may see, as a report in the company's language; the exit code."""
    from rag.report import written

    seen, kinds = scope(company, message, message.site), (kind,) if kind else KINDS
    await written(file, knowledge.advice, knowledge.meters.of, seen, company.language, date.today(), kinds)
    print(file)
    return 0


async def write_register(
    knowledge: Knowledge, settings: Settings, company: CompanyConfig, message: IncomingMessage, file: Path
) -> int:
    """The register of recommendations, as far as a message may see it, as a file; the exit code."""
    from bot.register_file import check, written

    check(file)
    async with open_memory(settings) as (redis, _):
        registrar = build_registrar(knowledge, build_records(knowledge, settings, redis))
        assert registrar is not None, "there are records"  # noqa: S101 - tells the type checker
        await written(registrar, company, scope(company, message, message.site), file)
    print(file)
    return 0


async def measured(settings: Settings, folder: Path, counter: Callable[[str, int], Any]) -> Metrics:
    """Retrieval metrics on a BEIR folder, in an index of its own that is thrown away; `counter` shows how far it is."""
    from rag import evaluate as beir
    from rag.stores.lance import LanceStore

    data = beir.load(folder)
    embedder, calibration = build_embedder(settings, SentenceEncoder())
    with TemporaryDirectory() as place:
        store = LanceStore(Path(place), embedder.dimension, embedder.name)
        with counter(folder.name, len(data.corpus)) as on_done:
            await beir.index(data, embedder, store, on_done)
        return await beir.evaluate(data, embedder, store, calibration)
