"""What commands are answered with that need no search: help, forget, the conversation's site and language, the sources."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot import access
from bot.choices import ConversationChoice
from bot.commands import Request
from bot.messages import IncomingMessage
from bot.ports import Memory, SourceAge
from bot.records import Records, age
from config.company import CompanyConfig
from config.texts import text
from rag.courtesy import courtesy
from rag.errors import StoreError
from rag.models import Answer, Language, Status

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Case:
    """A message with what is known of its place: the company with the channel's settings over it, the conversation's choice."""

    message: IncomingMessage
    company: CompanyConfig
    choice: ConversationChoice
    request: Request
    language: Language


def told(language: Language, key: str, status: Status = "answered", **values: object) -> Answer:
    """A sentence of our own as an answer."""
    return Answer(status, language, text(language, key, **values))


async def command(case: Case, memory: Memory, records: Records | None) -> Answer | None:
    """The answer to a command; None if the message asks for something to be looked up."""
    name = case.request.name
    if name == "help":
        return told(case.language, "help.text")
    if name in {"forget", "forget_me"}:
        return await _forget(case, memory, records)
    if name == "retract":  # what it takes back goes as what any correction replaces
        return told(case.language, "desk.retracted")
    if name == "relay":
        return Answer("answered", case.language, case.message.text)
    if name in {"ask", "recommend"}:
        said = "" if case.message.files else courtesy(case.message.text)
        return told(case.language, f"courtesy.{said}", "needs_input") if said else None
    if records is None:
        return told(case.language, "desk.not_kept", "needs_input")
    if name == "sources":
        here = access.audiences(case.company, case.message)
        return Answer(
            "answered", case.language, sources_text(await records.sources(case.company, here, case.language), case.language)
        )
    return await (_site(case, records) if name == "site" else _language(case, records))


async def _forget(case: Case, memory: Memory, records: Records | None) -> Answer:
    """What was said goes, and the files that were sent."""
    message = case.message
    everything = case.request.name == "forget_me"
    if everything:
        await memory.forget_user(message.platform, message.tenant, message.user)
    else:
        await memory.forget_conversation(message.key)
    if records and records.shelf:
        try:
            await records.shelf.sweep()
        except StoreError as error:  # noted, and swept within a minute
            log.warning("files are forgotten later: %s", error)
    return told(case.language, "forget.user" if everything else "forget.conversation")


async def _site(case: Case, records: Records) -> Answer:
    """Show or set the conversation's site."""
    company, request, language = case.company, case.request, case.language
    visible = access.sites(company, access.audiences(company, case.message))
    sites = ", ".join(site.name for site in visible) or "-"
    if request.unknown or (request.value and request.value not in {site.id for site in visible}):
        return told(language, "settings.site_unknown", "needs_input", unknown=request.unknown or request.value, sites=sites)
    if request.value is None:
        found = company.site(chosen_site(case))
        return told(
            language, "settings.site_is" if found else "settings.site_none", site=found.name if found else "", sites=sites
        )
    await records.choices.set_conversation(case.message.key, site=request.value or ALL_SITES, talked="")
    found = company.site(request.value)
    return told(language, "settings.site_set" if found else "settings.site_cleared", site=found.name if found else "")


ALL_SITES = "*"
"""Stands for a conversation that was said to be about all of them, whatever the channel's site is."""


def chosen_site(case: Case) -> str | None:
    """What was set or named last in the conversation, else the channel's."""
    chosen = case.choice.talked or case.choice.site
    if chosen == ALL_SITES:
        return None
    if case.company.site(chosen):
        return chosen
    settings = access.channel_settings(case.company, case.message)
    return settings.site if settings else None


async def _language(case: Case, records: Records) -> Answer:
    """Show or set the conversation's language; the reply is in the new one."""
    request, language = case.request, case.language
    if request.unknown:
        return told(language, "settings.language_unknown", "needs_input", unknown=request.unknown)
    value = request.value
    if value is None:
        return told(language, f"settings.language_is_{case.choice.language or 'auto'}")
    await records.choices.set_conversation(case.message.key, language="" if value == "auto" else value)
    spoken: Language = "en" if value == "en" else "es" if value == "es" else language
    return told(spoken, f"settings.language_is_{value}")


def sources_text(sources: tuple[SourceAge, ...], language: Language) -> str:
    """The sources as a list, each with its size and age."""
    if not sources:
        return text(language, "desk.sources_none")
    lines = [text(language, "desk.sources")]
    for one in sources:
        count = "desk.source_documents_one" if one.documents == 1 else "desk.source_documents"
        lines.append(
            text(
                language, "desk.source_line", name=one.name, documents=text(language, count, count=one.documents),
                read=read_text(one, language),
            )
        )  # fmt: skip
    return "\n".join([lines[0], "", *lines[1:]])


def read_text(source: SourceAge, language: Language) -> str:
    """How long ago a source was read, in words."""
    if not source.read_at:
        return text(language, "desk.source_unread")
    key, count = age(source.read_at)
    return text(language, "desk.source_read", when=text(language, key, count=count))
