"""The command line: one function a command. What they are made of is built in wiring.py."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import config.starting  # noqa: F401 - before everything that it makes lighter
from adapters.console import show
from bot.contract import answer_json
from bot.conversation import ConversationManager
from bot.feedback import exported
from bot.messages import IncomingMessage, Progress
from bot.oneshot import NoMemory
from config.company import CompanyConfig, SourceConfig, load_company
from config.live import LiveCompany
from config.logs import configure
from config.settings import Settings, SettingsError, load_settings, quiet_threads
from config.starting import started
from rag.errors import AdvisorError, InputError
from wiring import Knowledge, build_knowledge, build_manager, build_records, measured, open_memory, write_register, write_report

started()
DONE, FAILURES, WRONG_USE = 0, 1, 2


async def serve(args: argparse.Namespace, settings: Settings, company: CompanyConfig) -> int:
    """Answer on every configured channel until SIGTERM or SIGINT, then finish what is under way."""
    from service import LOOPBACK, run
    from upkeep import check_sources, stale_index

    if settings.dangerously_allow_unauthenticated_teams and args.host not in LOOPBACK:
        raise SettingsError(["DANGEROUSLY_ALLOW_UNAUTHENTICATED_TEAMS: only with --host 127.0.0.1"])
    check_sources(company.sources)
    live = LiveCompany(settings.advisor_config, company)
    knowledge = build_knowledge(settings, company, live.now)
    if stale := stale_index(settings):
        print(stale, file=sys.stderr)
    async with open_memory(settings) as (redis, memory):
        ingested = _up_to_date(knowledge, settings, company.sources, redis, retry=False) if args.ingest else None
        code = await ingested if ingested else DONE
        await run(knowledge, settings, live, redis, memory, host=args.host, port=args.port, role=args.role)
    return code


async def ingest(args: argparse.Namespace, settings: Settings, company: CompanyConfig) -> int:
    """Index paths, URLs or configured sources (all, if none is named)."""
    from upkeep import named_sources, yield_to_others

    if args.background:
        yield_to_others()
    ending = asyncio.current_task()
    assert ending is not None, "asyncio.run made one"  # noqa: S101 - tells the type checker
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.cancel)
    sources = named_sources(args.source, company)
    if args.dry_run:
        from dryrun import dry_run

        return DONE if await dry_run(settings, sources, company.language, retry=args.retry, as_json=args.json) else FAILURES
    async with open_memory(settings) as (redis, _):
        knowledge = build_knowledge(settings, company)
        return await _up_to_date(knowledge, settings, sources, redis, retry=args.retry, as_json=args.json)


async def _up_to_date(
    knowledge: Knowledge, settings: Settings, sources: Sequence[SourceConfig], redis: Any, *, retry: bool, as_json: bool = False
) -> int:
    """Synchronise sources with a progress bar; failures are listed and make the exit code 1."""
    from bot.runs import Runs
    from upkeep import bring_up_to_date

    reports = await bring_up_to_date(knowledge, settings, sources, show.progress_bar, retry=retry, runs=Runs(redis))
    print(show.reports(reports, as_json=as_json), file=sys.stdout if as_json else sys.stderr)
    return FAILURES if any(report.failures or report.error for report in reports) else DONE


async def reembed(args: argparse.Namespace, settings: Settings, company: CompanyConfig) -> int:
    """Make the index anew for embeddings that were changed, beside the one that answers, then switch over."""
    from bot.runs import Runs
    from upkeep import make_live

    async with open_memory(settings) as (redis, _):
        report = await make_live(settings, Runs(redis), show.progress_bar)
    print(json.dumps(asdict(report)) if args.json else show.switched(report))
    return DONE


async def ask(args: argparse.Namespace, settings: Settings, company: CompanyConfig) -> int:
    """One question, or the recommendations; with --thread, in a conversation that is remembered."""
    text = args.question if args.command == "ask" else " ".join(filter(None, (args.kind, args.site)))
    if not text.strip() and args.command == "ask":
        raise InputError("the question is empty")
    if args.site and company.site(args.site) is None:
        raise InputError(f"unknown site {args.site}; known: {', '.join(site.id for site in company.sites)}")
    if args.audience and args.audience not in company.audiences:
        raise InputError(f"unknown audience {args.audience}; known: {', '.join(company.audiences)}")
    message = IncomingMessage(
        id=uuid.uuid4().hex, platform="console", tenant="local", conversation=args.thread or "", user="local",
        text=text, command=args.command, direct=True, site=args.site, audience=args.audience,
        grants=(args.audience,) if args.audience else (),
    )  # fmt: skip
    knowledge = build_knowledge(settings, company)
    if args.command == "recommend" and (args.report or args.export):
        reported = await write_report(knowledge, company, message, args.report, args.kind) if args.report else 0
        return max(reported, await write_register(knowledge, settings, company, message, args.export) if args.export else 0)
    if args.thread is None:
        return await _answer(build_manager(knowledge, NoMemory(), settings, company), message, args.json)
    async with open_memory(settings) as (redis, memory):
        records = build_records(knowledge, settings, redis)
        return await _answer(build_manager(knowledge, memory, settings, company, records), message, args.json)


async def _answer(manager: ConversationManager, message: IncomingMessage, as_json: bool) -> int:
    try:
        async with asyncio.timeout(manager.deadline_seconds):
            reply = await manager.respond(message, _unseen)
    except (AdvisorError, TimeoutError) as error:
        reply = manager.failed(message, error, 1)
    print(json.dumps(answer_json(reply.answer), ensure_ascii=False) if as_json else show.answer(reply.answer))
    return FAILURES if reply.answer.status == "failed" else DONE


async def _unseen(_: Progress) -> None:
    """A single question shows its answer when it is whole."""


async def sources(args: argparse.Namespace, settings: Settings, company: CompanyConfig) -> int:
    """Each source with what is indexed of it and how its last run ended; each document; what failed and why."""
    from bot.runs import Runs
    from bot.sources import overview

    store = build_knowledge(settings, company).index
    async with open_memory(settings) as (redis, _):
        states = await overview(company, store, Runs(redis))
    print(show.sources(states, await store.documents(), as_json=args.json))
    return FAILURES if any(state.failures for state in states) else DONE


async def evaluate(args: argparse.Namespace, settings: Settings, company: CompanyConfig) -> int:
    """Retrieval metrics on a BEIR folder, in an index of its own that is thrown away."""
    metrics = await measured(settings, args.folder, show.counter)
    print(json.dumps(asdict(metrics)) if args.json else show.metrics(metrics))
    return DONE


async def chat(args: argparse.Namespace, settings: Settings, company: CompanyConfig) -> int:
    """A conversation in the terminal."""
    from adapters.console.channel import ConsoleAdapter

    knowledge = build_knowledge(settings, company)
    async with open_memory(settings) as (redis, memory):
        manager = build_manager(knowledge, memory, settings, company, build_records(knowledge, settings, redis))

        async def answer_at_once(message: IncomingMessage) -> bool:
            """A terminal needs no inbox: whoever typed sees whether an answer came."""
            try:
                reply = await manager.respond(message, lambda progress: console.progress(message, progress))
            except (AdvisorError, TimeoutError) as error:
                reply = manager.failed(message, error, 1)
            await console.post(message, reply)
            return True

        console = ConsoleAdapter(answer_at_once, sys.stdout, language=company.language, site=args.site)
        await console.run(sys.stdin)
    return DONE


async def forget(args: argparse.Namespace, settings: Settings, company: CompanyConfig) -> int:
    """Erase what a user said, or a conversation of the command line, from memory and inbox."""
    async with open_memory(settings) as (_, memory):
        if args.user:
            platform, _, rest = args.user.partition(":")
            tenant, _, user = rest.partition(":")
            if not user:
                raise InputError("--user is PLATFORM:TENANT:ID, for example slack:T012AB:U034CD")
            erased = await memory.forget_user(platform, tenant, user)
        else:
            said = IncomingMessage("", "console", "local", args.thread, "local", "")
            erased = await memory.forget_conversation(said.key)
    print(json.dumps({"erased": erased}))
    return DONE


async def feedback(args: argparse.Namespace, settings: Settings, company: CompanyConfig) -> int:
    """What was asked, answered and judged in the last days, one JSON object a line, latest first."""
    async with open_memory(settings) as (redis, _):
        async for line in exported(redis, args.since):
            print(line)
    return DONE


async def doctor(args: argparse.Namespace, settings: Settings, company: CompanyConfig) -> int:
    """What is configured, reachable, missing."""
    from upkeep import source_faults, stale_index

    checks = [*show.configured(settings), ("advisor.yaml", f"{len(company.sources)} sources, {len(company.sites)} sites", True)]
    faults = source_faults(company.sources)
    checks += [("sources", fault, False) for fault in faults] or [("sources", f"{len(company.sources)} configured well", True)]
    try:
        stale = stale_index(settings)
        checks += [("embeddings", stale, False)] if stale else []
        knowledge = build_knowledge(settings, company)
        documents = await knowledge.store.documents()
        failed = sum(1 for one in documents if one.error)
        checks.append(("index", f"{len(documents) - failed} documents, {failed} failed", bool(documents)))
        async with open_memory(settings) as (redis, _):
            await redis.ping()
            checks.append(("redis", "answers", True))
    except (AdvisorError, OSError) as error:
        checks.append(("unreachable", str(error), False))
    print(show.checks(checks, as_json=args.json))
    return DONE if all(good for _, _, good in checks) else FAILURES


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = argparse.ArgumentParser(prog="app.py", description="Efficiency Advisor: cited answers on energy and water.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(run: object, name: str, **options: object) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=str(getattr(run, "__doc__", "")).splitlines()[0], **options)  # type: ignore[arg-type]  # argparse's own
        one.add_argument("--json", action="store_true", help="print one JSON object")
        one.set_defaults(run=run)
        return one

    one = command(serve, "serve")
    one.add_argument("--host", default="127.0.0.1")
    one.add_argument("--port", type=int, default=3978)
    one.add_argument("--role", choices=("all", "gateway", "worker"), default="all")
    one.add_argument("--ingest", action="store_true", help="bring the configured sources up to date first")
    one = command(ingest, "ingest")
    one.add_argument("source", nargs="*", help="names of configured sources, paths or URLs; none: all configured")
    one.add_argument("--retry", action="store_true", help="read again what failed before")
    one.add_argument("--dry-run", action="store_true", help="say what it would do and cost, and do nothing")
    one.add_argument("--background", action="store_true", help="give way to everything else on this machine")
    command(reembed, "reembed")
    one = command(ask, "ask")
    one.add_argument("question")
    two = command(ask, "recommend")
    two.add_argument("kind", nargs="?", choices=("energy", "water", "infrastructure"))
    two.add_argument("--report", type=Path, help="write a report (.html or .pdf) with every calculation and pictures")
    two.add_argument("--export", type=Path, help="write the register of recommendations (.csv, or .xml for BuildingSync)")
    for each in (one, two):
        each.add_argument("--site")
        each.add_argument("--thread", help="a name: questions with the same one are a conversation")
        each.add_argument("--audience")
    command(sources, "sources")
    command(evaluate, "evaluate").add_argument("folder", type=Path)
    command(chat, "chat").add_argument("--site")
    whom = command(forget, "forget").add_mutually_exclusive_group(required=True)
    whom.add_argument("--user", help="PLATFORM:TENANT:ID")
    whom.add_argument("--thread")
    one = command(feedback, "feedback")
    one.add_argument("what", choices=("export",))
    one.add_argument("--since", type=float, default=30.0, metavar="DAYS")
    command(doctor, "doctor")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; its exit code: 0 done, 1 done with failures, 2 wrong use."""
    args = parser().parse_args(argv)
    try:
        settings = load_settings()
        configure(settings.advisor_log_level)
        quiet_threads()
        code: int = asyncio.run(args.run(args, settings, load_company(settings.advisor_config)))
        sys.stdout.flush()
    except SettingsError as error:
        print("\n".join(["The configuration cannot work:", *(f"  {problem}" for problem in error.problems)]), file=sys.stderr)
        return WRONG_USE
    except InputError as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    except AdvisorError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return FAILURES
    except BrokenPipeError:  # whoever read our output has gone, as `head` does: the rest goes nowhere, without a word
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILURES
    except (KeyboardInterrupt, asyncio.CancelledError):
        return FAILURES
    return code


if __name__ == "__main__":
    sys.exit(main())
