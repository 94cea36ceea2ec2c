"""What people set in a chat, in Redis: a channel's settings over advisor.yaml, a conversation's site and language.

Read anew for each message, so that what is set in one process counts in all at once.
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, fields
from typing import Any, cast

from pydantic import TypeAdapter
from redis.asyncio import Redis

from bot.access import Where, channel_settings, own, sites
from bot.messages import IncomingMessage
from bot.ports import ChannelSettings
from bot.redis_calls import answering, digest
from config.company import EVERYONE, ChannelConfig, CompanyConfig
from rag.errors import InputError, NotAllowedError
from rag.models import Language

_DAY_SECONDS = 24 * 3600


class UnknownChoiceError(InputError):
    """A site or an audience that there is not, or a place that has no settings."""

    text_key = "settings.unknown"


@dataclass(frozen=True, slots=True)
class ConversationChoice:
    """What is set for one conversation. `talked` is the site that was named in a question since `site` was set; `files` is "1"
    if files were sent in it; `brought` is the file of readings that it is about (rag.brought), until a site is named.
    """

    site: str = ""
    language: str = ""
    talked: str = ""
    files: str = ""
    brought: str = ""


class Choices:
    """Keys hold digests, no names. MemoryStoreError when Redis does not answer."""

    def __init__(self, client: Redis, *, ttl_seconds: int = 30 * _DAY_SECONDS) -> None:
        """`ttl_seconds`: as long as memory keeps a conversation after its last turn. A channel's settings stay."""
        self._client, self._ttl = client, ttl_seconds

    async def channel(self, where: Where) -> ChannelConfig | None:
        """What was set for the channel, if anything."""
        if not where.channel:
            return None
        async with answering():
            text = await self._client.get(_channel(where))
        return ChannelConfig.model_validate_json(text) if text else None

    async def set_channel(self, where: Where, chosen: ChannelConfig) -> None:
        """Set all of it."""
        async with answering():
            await self._client.set(_channel(where), chosen.model_dump_json())

    async def conversation(self, key: str) -> ConversationChoice:
        """What is set for the conversation with this key (IncomingMessage.key), its expiry renewed."""
        name = _conversation(key)
        async with answering():
            found = await cast(Awaitable[dict[str, str]], self._client.hgetall(name))
            if found:
                await self._client.expire(name, self._ttl)
        known = {field.name for field in fields(ConversationChoice)}
        return ConversationChoice(**{name: value for name, value in found.items() if name in known})

    async def set_conversation(self, key: str, **values: str) -> None:
        """Set some of its fields; "" for none."""
        name = _conversation(key)
        async with answering(), self._client.pipeline(transaction=True) as calls:
            calls.hset(name, mapping=cast(Any, values))
            calls.expire(name, self._ttl)
            await calls.execute()

    async def forget_conversation(self, key: str) -> int:
        """Erase what is set for a conversation. Safe to repeat."""
        async with answering():
            return int(await self._client.unlink(_conversation(key)))


_CHANNEL: TypeAdapter[ChannelConfig] = TypeAdapter(ChannelConfig)


def over(company: CompanyConfig, where: Where, chosen: ChannelConfig | None) -> CompanyConfig:
    """The company with the channel as it was set in the chat. What advisor.yaml no longer knows of it does not count."""
    if chosen is None or not where.channel:
        return company
    known = {EVERYONE, *company.audiences}
    audience = tuple(name for name in chosen.audience if name in known) or (EVERYONE,)
    site = chosen.site if company.site(chosen.site) else None
    here = chosen.model_copy(update={"id": where.channel, "audience": audience, "site": site})
    others = tuple(one for one in company.channels if (one.platform, one.id) != (where.platform, where.channel))
    return company.model_copy(update={"channels": (here, *others)})


def settings(company: CompanyConfig, where: Where) -> ChannelSettings:
    """What holds in the actor's channel, and what they may choose. UnknownChoiceError where there is no channel."""
    if not where.channel:
        raise UnknownChoiceError("only a channel or group has settings")
    now = _now(company, where)
    may = own(company, where) | frozenset(now.audience)
    names = {EVERYONE: "", **company.audiences}
    return ChannelSettings(
        now.site,
        now.audience,
        now.language,
        now.mention_only,
        tuple((site.id, site.name) for site in sites(company, may)),
        tuple((name, told or name) for name, told in names.items() if name in may),
    )


def chosen_channel(company: CompanyConfig, where: Where, chosen: ChannelSettings) -> ChannelConfig:
    """What is to be stored. NotAllowedError for an audience that neither the actor nor the channel may read today."""
    now = _now(company, where)
    audience = tuple(dict.fromkeys(chosen.audience))
    unknown = set(audience) - {EVERYONE, *company.audiences}
    visible = {site.id for site in sites(company, own(company, where) | set(now.audience))}
    if not where.channel or not audience or unknown or (chosen.site and chosen.site not in visible):
        raise UnknownChoiceError("no such site or audience")
    if set(audience) - set(now.audience) - own(company, where):
        raise NotAllowedError("an audience beyond the actor's own")
    language: Language | None = chosen.language
    values = {"site": chosen.site or None, "audience": audience, "language": language, "mention_only": chosen.mention_only}
    return _CHANNEL.validate_python({"platform": where.platform, "id": where.channel, **values})


def _now(company: CompanyConfig, where: Where) -> ChannelConfig:
    found = channel_settings(company, where)
    return found or _CHANNEL.validate_python({"platform": where.platform, "id": where.channel})


def _channel(where: Where) -> str:
    return f"settings:channel:{digest(where.platform, where.tenant, where.channel)}"


def _conversation(key: str) -> str:
    return f"settings:conversation:{digest(key)}"


def conversation_key(where: Where) -> str:
    """The conversation's key of an actor, as messages have it."""
    return IncomingMessage("", where.platform, where.tenant, where.conversation, where.user, "").key
