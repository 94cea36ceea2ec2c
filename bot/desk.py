"""What buttons, forms and start pages ask of the bot at once. Implements bot.ports.Desk.

Nothing that a button carries is trusted but the exchange's id: who may see what is checked anew at each press.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Literal

from bot import access
from bot.choices import chosen_channel, conversation_key, over, settings
from bot.exchange import Exchange, concerns, person
from bot.forms import MeasureForm, set_before
from bot.handover import Handovers
from bot.language import hinted
from bot.messages import Actor, IncomingMessage, Reply
from bot.ports import ChannelSettings, Handover, Home, SourceView
from bot.prompts import Prompts
from bot.records import Records
from bot.told import ALL_SITES
from bot.working import working
from config.company import EVERYONE, CompanyConfig, SiteConfig
from rag import explain
from rag.advice import CALCULATION
from rag.errors import InputError, NotAllowedError
from rag.measures.model import Calculation
from rag.models import Citation, Language, Passage, Picture, Scope
from rag.pictured import Pictures
from rag.register_text import measure_title

_RECENT = 5

Calculations = Callable[[str, Scope], Awaitable[tuple[SiteConfig, Calculation] | None]]


class GoneError(InputError):
    """It was kept once, or never."""

    text_key = "desk.gone"


class SourceGoneError(InputError):
    """A passage that has gone from the index, or that the actor may not read any more: which of both is not told."""

    text_key = "desk.source_gone"


class BotDesk:
    """Over what is kept (`records`); `company` gives advisor.yaml as it is now."""

    def __init__(
        self,
        records: Records,
        prompts: Prompts,
        company: Callable[[], CompanyConfig],
        calculations: Calculations | None = None,
        pictures: Pictures | None = None,
    ) -> None:
        """`calculations` finds one by its id, for a scope; without it they open with what was told of them. `pictures` draws."""
        self._records, self._prompts, self._company = records, prompts, company
        self._calculations, self._pictures = calculations, pictures

    async def judge(self, actor: Actor, exchange: str, verdict: Literal["up", "down"], reason: str = "") -> None:
        """Keep what someone thinks of an answer; the last word of each person counts, and a reason is added to it."""
        await self._records.reviews.judge(await self._exchange(actor, exchange), actor, verdict, reason)

    async def open_source(self, actor: Actor, exchange: str, n: int) -> SourceView:
        """The evidence behind `[n]` of an answer, if the actor may read it now."""
        kept = await self._exchange(actor, exchange)
        cited = next((one for one in kept.answer.citations if one.n == n), None)
        if cited is None:
            raise SourceGoneError(f"no citation {n}")
        company = await self._here(actor)
        here = access.audiences(company, actor)
        if cited.kind == "calculation":
            return await self._calculation(cited, await self._seen(kept, company, here), kept.answer.language)
        here |= {access.conversation_audience(kept.conversation)} & set(kept.audiences)
        around = await self._records.store.passage(cited.passage_id, Scope(here))
        if not any(one.id == cited.passage_id for one in around):
            raise SourceGoneError("the passage is gone")
        return _view(cited, around, kept.answer.language)

    async def pictures(self, actor: Actor, exchange: str) -> Sequence[Picture]:
        """What an answer's calculations look like, of sites that the actor may see here."""
        kept = await self._exchange(actor, exchange)
        if self._pictures is None:
            return []
        company = await self._here(actor)
        return await self._pictures.of(kept.answer, await self._seen(kept, company, access.audiences(company, actor)))

    async def shared(self, actor: Actor, exchange: str) -> Reply:
        """The answer again, to be posted for all who read the actor's channel: only if they may read all of its evidence."""
        kept = await self._exchange(actor, exchange)
        place = replace(actor, direct=False, grants=())
        readers = Scope(access.audiences(await self._here(place), place))
        for cited in kept.answer.citations:
            if cited.kind == "passage" and not await self._records.store.passage(cited.passage_id, readers):
                raise NotAllowedError("not all who read there may read its sources")
            if cited.kind == "calculation" and not self._may_see(cited, readers, kept):
                raise NotAllowedError("not all who read there may see its site")
        if not set(kept.audiences) & readers.audiences:
            raise NotAllowedError("none of what was searched is for that place")
        await self._records.reviews.share(kept, place)
        return Reply(kept.answer, kept.id, question=kept.question)

    async def recall(self, actor: Actor, exchange: str) -> Reply:
        """What the actor asked once and was answered; to nobody else, and not what they may not read any more: rights and
        audiences change, and so does who is in a channel. What has only gone from the index, they were told.
        """
        kept = await self._exchange(actor, exchange)
        if kept.who != person(actor):
            raise NotAllowedError("another's exchange")
        company, own = await self._here(actor), {access.conversation_audience(kept.conversation)}
        may, every = access.audiences(company, actor), Scope(frozenset({EVERYONE, *company.audiences}))
        beyond, store = bool(set(kept.audiences) - own - may), self._records.store
        for cited in kept.answer.citations:
            if cited.kind == "calculation":
                known = company.site(_site_of(cited)) is not None or _site_of(cited) == "*"
                seen = not known or self._may_see(cited, Scope(may), kept)
            elif await store.passage(cited.passage_id, Scope(may | (own & set(kept.audiences)))):
                continue
            else:
                seen = not beyond and not await store.passage(cited.passage_id, every)
            if not seen:
                raise SourceGoneError("not for them any more")
        return Reply(kept.answer, kept.id, question=kept.question)

    async def measures(self, actor: Actor, exchange: str) -> MeasureForm:
        """What may be decided and assumed otherwise of an answer's recommendations, of sites that the actor may see here."""
        kept = await self._exchange(actor, exchange)
        language = kept.answer.language
        company = await self._here(actor)
        sites = {one.id: one for one in access.sites(company, access.audiences(company, actor))}
        named = {(one.site, one.measure) for one in kept.answer.recommendations}
        register = self._records.register
        held = await register.of([name for name in sites if any(site == name for site, _ in named)]) if register else []
        entries = [
            (one.id, measure_title(one, sites[one.site], language), one.status)
            for one in held
            if (one.site, one.measure) in named
        ]
        return MeasureForm(language, tuple(entries), set_before(kept.question, language))

    async def settings(self, actor: Actor) -> ChannelSettings:
        """What is set for the actor's channel."""
        return settings(await self._here(actor), actor)

    async def change_settings(self, actor: Actor, chosen: ChannelSettings) -> ChannelSettings:
        """Set it. That the actor manages the channel is the adapter's to check; audiences beyond the actor's own are refused."""
        stored = chosen_channel(await self._here(actor), actor, chosen)
        await self._records.choices.set_channel(actor, stored)
        return settings(over(self._company(), actor, stored), actor)

    async def home(self, actor: Actor) -> Home:
        """The start page. What the actor asked elsewhere is shown to nobody else: only where they read alone."""
        company = await self._here(actor)
        may = access.audiences(company, actor)
        recent = await self._records.reviews.of_person(actor, _RECENT) if actor.direct else []
        site, language = company.site(await self._site(company, actor)), await self._language(company, actor)
        return Home(
            site.name if site else "",
            await self.prompts(actor),
            tuple((one.id, one.question) for one in recent if one.question),
            await self._records.sources(company, may, language),
            language,
        )

    async def prompts(self, actor: Actor) -> tuple[str, ...]:
        """Three or four questions that the documents of the actor's site answer, in the actor's language."""
        company = await self._here(actor)
        site = company.site(await self._site(company, actor))
        scope = Scope(access.audiences(company, actor), site.id if site else None)
        return await self._prompts.offered(scope, await self._language(company, actor), site.name if site else "")

    async def hand_over(self, actor: Actor, exchange: str) -> Handover:
        """Who is to be asked in place of the adviser. From then on what that expert says in this conversation is the answer."""
        kept = await self._exchange(actor, exchange)
        return await self._handovers().hand_over(self._company(), actor, kept)

    async def expert_asked(self, exchange: str, card: IncomingMessage, thread: str = "") -> None:
        """The question stands before its expert; see bot.ports.Desk."""
        await self._handovers().asked(exchange, card, thread)

    async def expert_not_asked(self, exchange: str) -> None:
        """The question could not be put to its expert; see bot.ports.Desk."""
        await self._handovers().experts.not_asked(exchange)

    async def awaits(self, message: IncomingMessage) -> bool:
        """Whether a message is what an expert was asked for, there."""
        handovers = self._records.handovers
        return handovers is not None and await handovers.awaits(self._company(), message)

    async def between_people(self, message: IncomingMessage) -> bool:
        """Whether what names nobody is between people; see bot.ports.Desk."""
        handovers = self._records.handovers
        return handovers is not None and await handovers.between_people(self._company(), message)

    async def choose(self, actor: Actor, exchange: str) -> None:
        """What the actor said last in this conversation answers this exchange."""
        await self._handovers().choose(actor, exchange)

    async def keep(self, actor: Actor, exchange: str) -> None:
        """Make a document of the expert's answer, with its author, for the audience of the question. Only the expert may."""
        await self._handovers().keep(self._company(), actor, exchange)

    def _handovers(self) -> Handovers:
        if self._records.handovers is None:
            raise GoneError("no expert can be asked here")
        return self._records.handovers

    async def _seen(self, kept: Exchange, company: CompanyConfig, here: frozenset[str]) -> Scope:
        """What an answer's readers see: with the readings of its conversation that it was reckoned from, if it drew on them."""
        own = access.conversation_audience(kept.conversation)
        if own not in kept.audiences or self._records.brought is None:
            return Scope(here)
        names = dict.fromkeys(_site_of(one) for one in kept.answer.citations if one.kind == "calculation")
        like = company.site(kept.site)
        held = [await self._records.brought.of(kept.conversation, name, like) for name in names]
        return Scope(here | {own}, brought=tuple(one for one in held if one))

    async def _calculation(self, cited: Citation, scope: Scope, language: Language) -> SourceView:
        """With its working, if it still comes out as it was told; else what was told of it, if its site may be seen."""
        brought = any(one.site.id == _site_of(cited) for one in scope.brought)
        site = self._company().site(_site_of(cited))
        if site and not scope.audiences & set(site.audience):
            raise SourceGoneError("the site is not for this place")
        known = self._calculations if site or brought else None
        found = await known(cited.passage_id, scope) if known else None
        view = _view(cited, [], language)
        if found is None or explain.quote(found[1], language) != cited.quote:
            return view
        told, limits = working(found[1], cited.quote, language)
        return replace(view, text=told, after=limits)

    def _may_see(self, cited: Citation, readers: Scope, kept: Exchange) -> bool:
        """Whether readers may see the site of a calculation; of one over all sites, each that it was reckoned for."""
        name = _site_of(cited)
        sites = [
            one for one in self._company().sites if one.id == name or (name == "*" and set(kept.audiences) & set(one.audience))
        ]
        return bool(sites) and all(readers.audiences & set(one.audience) for one in sites)

    async def _exchange(self, actor: Actor, exchange: str) -> Exchange:
        """GoneError if it is not kept; NotAllowedError if it is neither the actor's nor posted where they are."""
        found = await self._records.reviews.get(exchange) if exchange and len(exchange) <= 64 else None
        if found is None:
            raise GoneError("no such exchange")
        if not concerns(found, actor):
            raise NotAllowedError("another's exchange")
        return found

    async def _here(self, actor: Actor) -> CompanyConfig:
        """The company with what was set for the actor's channel."""
        return over(self._company(), actor, await self._records.choices.channel(actor))

    async def _site(self, company: CompanyConfig, actor: Actor) -> str | None:
        chosen = (await self._records.choices.conversation(conversation_key(actor))).site if actor.conversation else ""
        channel = access.channel_settings(company, actor)
        return None if chosen == ALL_SITES else chosen or (channel.site if channel else None)

    async def _language(self, company: CompanyConfig, actor: Actor) -> Language:
        chosen = (await self._records.choices.conversation(conversation_key(actor))).language if actor.conversation else ""
        return hinted(company, actor, chosen)


def _site_of(cited: Citation) -> str:
    """The id of the facility that a calculation is about."""
    return cited.passage_id.removeprefix(CALCULATION).partition("/")[0]


def _view(cited: Citation, around: list[Passage], language: Language) -> SourceView:
    """A citation with the passages around it; a calculation, and what has no neighbours, by its quote alone."""
    place = next((n for n, one in enumerate(around) if one.id == cited.passage_id), None)
    if place is None:
        return SourceView(
            cited.n, cited.title, cited.locator, cited.date, cited.uri, cited.quote, "", cited.quote, "", cited.language
        )
    passage = around[place]
    before = "\n\n".join(one.text for one in around[:place])
    after = "\n\n".join(one.text for one in around[place + 1 :])
    return SourceView(
        cited.n,
        passage.document.title,
        passage.locator.label(language),
        passage.document.date,
        passage.document.uri,
        cited.quote,
        before,
        passage.text,
        after,
        passage.language,
    )
