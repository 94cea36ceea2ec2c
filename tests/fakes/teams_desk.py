"""A desk in memory for tests of channels: notes what it is asked, refuses what its test says it must."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from bot.forms import MeasureForm
from bot.messages import Actor, IncomingMessage, Reply
from bot.ports import ChannelSettings, Handover, Home, SourceView
from rag.errors import NotAllowedError
from rag.models import Answer, Picture

VIEW = SourceView(
    1, "Manual de explotación", "p. 14", date(2025, 3, 3), "https://docs.example/manual.pdf",
    "Tres soplantes quedan en marcha.", "Antes.", "Dicho. Tres  soplantes quedan en marcha. Más.", "Después.", "es",
)  # fmt: skip
EXPERT = "0e0e0e0e-0000-4000-8000-00000000000e"
SITES = (("norte", "EDAR Norte"), ("sur", "EDAR Sur"))

CHOSEN = ChannelSettings("norte", ("everyone",), None, False, SITES, (("everyone", "Todos"), ("works", "Obras")))

FORM = MeasureForm("es", (("R3", "Apagar lo que sobra", "proposed"), ("R7", "Reparar la fuga", "accepted")), {"price": 0.125})


@dataclass(slots=True)
class NotingDesk:
    """`asked` is what it was asked, in order; `refuses` makes it answer NotAllowedError."""

    refuses: bool = False
    asked: list[tuple[str, ...]] = field(default_factory=list)
    chosen: ChannelSettings = CHOSEN
    page: Home = field(default_factory=lambda: Home("", (), (), ()))
    drawn: tuple[Picture, ...] = ()
    form: MeasureForm = FORM
    kept: Reply = field(default_factory=lambda: Reply(Answer("answered", "es", "x"), "e1", question="¿cuánto gasta?"))
    alone: bool = False
    cards: list[IncomingMessage] = field(default_factory=list)
    awaited: set[tuple[str, str]] = field(default_factory=set)
    """Who is awaited where: (user, conversation)."""
    between: set[str] = field(default_factory=set)
    """Conversations in which people wait for an expert."""

    def _note(self, *words: str) -> None:
        if self.refuses:
            raise NotAllowedError("not yours")
        self.asked.append(words)

    async def judge(self, actor: Actor, exchange: str, verdict: Literal["up", "down"], reason: str = "") -> None:
        self._note("judge", actor.user, exchange, verdict, reason)

    async def open_source(self, actor: Actor, exchange: str, n: int) -> SourceView:
        self._note("open", actor.user, exchange, str(n))
        return replace(VIEW, n=n)

    async def pictures(self, actor: Actor, exchange: str) -> Sequence[Picture]:
        self._note("pictures", exchange)
        return self.drawn

    async def shared(self, actor: Actor, exchange: str) -> Reply:
        self._note("shared", exchange)
        return Reply(Answer("answered", "es", "x"), exchange, question="¿cuánto gasta?")

    async def recall(self, actor: Actor, exchange: str) -> Reply:
        self._note("recall", actor.user, exchange)
        return self.kept

    async def measures(self, actor: Actor, exchange: str) -> MeasureForm:
        self._note("measures", actor.user, exchange)
        return self.form

    async def settings(self, actor: Actor) -> ChannelSettings:
        self._note("settings", actor.channel)
        return self.chosen

    async def change_settings(self, actor: Actor, chosen: ChannelSettings) -> ChannelSettings:
        quiet = "quiet" if chosen.mention_only else ""
        self._note("change", actor.channel, chosen.site or "", ",".join(chosen.audience), chosen.language or "", quiet)
        return chosen

    async def home(self, actor: Actor) -> Home:
        self._note("home")
        return replace(self.page, language="en") if actor.locale.startswith("en") else self.page

    async def prompts(self, actor: Actor) -> tuple[str, ...]:
        self._note("prompts")
        return self.page.prompts

    async def hand_over(self, actor: Actor, exchange: str) -> Handover:
        self._note("hand_over", actor.user, exchange)
        new = not any(one[0] == "expert_asked" for one in self.asked)
        return Handover(EXPERT, "Marta Ruiz", "¿Qué caudal tiene el pozo 3?", "es", actor.direct or self.alone, new)

    async def expert_asked(self, exchange: str, card: IncomingMessage, thread: str = "") -> None:
        self._note("expert_asked", exchange, card.conversation, thread)
        self.cards.append(card)

    async def expert_not_asked(self, exchange: str) -> None:
        self._note("expert_not_asked", exchange)

    async def awaits(self, message: IncomingMessage) -> bool:
        return (message.user, message.conversation) in self.awaited

    async def between_people(self, message: IncomingMessage) -> bool:
        return message.conversation in self.between

    async def choose(self, actor: Actor, exchange: str) -> None:
        self._note("choose", actor.user, exchange)

    async def keep(self, actor: Actor, exchange: str) -> None:
        self._note("keep", exchange)
