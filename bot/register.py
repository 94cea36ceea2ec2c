"""The register of recommendations in Redis: what was proposed for each site, and what was decided on it. It does not expire.

A hash per site, so that who may not see a site reads nothing of it. Decisions are the company's: they stay when a person has what
they said erased, without their name.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError
from redis.asyncio import Redis
from redis.exceptions import WatchError

from bot.redis_calls import answering, digest
from config import limits
from rag.errors import MemoryStoreError
from rag.models import Recommendation
from rag.registered import Change, Entry, decided, entered, is_computed, renewed, without_person

_ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)
_LIST_SECONDS = 30 * 24 * 3600
_TRIES, _PAUSE_SECONDS = 12, 0.01
"""However many write to one site at once, each has its turn: a pause that grows, of a length of its own."""

Held = Mapping[str, Entry]
Edit = Callable[[Held], Awaitable[Held]]


class Register:
    """Entries by site and measure, of one company. MemoryStoreError when Redis does not answer."""

    def __init__(self, client: Redis, company: str = "company", *, most: int = limits.REGISTER_SITE_ENTRIES) -> None:
        """`company` tells installations apart that share a Redis; `most` entries are kept of one site."""
        self._client, self._company, self._most = client, digest(company), most

    async def of(self, sites: Sequence[str]) -> list[Entry]:
        """The entries of these sites, in the order in which they were proposed."""
        if not sites:
            return []
        async with answering(), self._client.pipeline(transaction=False) as calls:
            for site in sites:
                calls.hgetall(self._site(site))
            found: Any = await calls.execute()
        return sorted((one for held in found for one in _read(held).values()), key=lambda one: one.number)

    async def propose(self, proposed: Iterable[Recommendation], today: date) -> list[Entry]:
        """Enter what was reckoned, or renew it where nothing is decided yet; the entries in the same order."""
        computed = [one for one in proposed if is_computed(one)]
        made: dict[tuple[str, str], Entry] = {}
        for site in sorted({one.site or "" for one in computed}):
            ours = {one.measure: one for one in computed if one.site == site}
            held = await self._edit(site, partial(self._proposed, ours, today))
            made |= {(site, measure): entry for measure, entry in held.items()}
        return [made[key] for one in computed if (key := (one.site or "", one.measure)) in made]

    async def decide(self, entry: Entry, change: Change) -> Entry | None:
        """Put down a decision; None if the entry has gone meanwhile."""

        async def edit(held: Held) -> Held:
            now = held.get(entry.measure)
            return {entry.measure: decided(now, change)} if now else {}

        return (await self._edit(entry.site, edit)).get(entry.measure)

    async def listed(self, key: str, entries: Sequence[Entry]) -> None:
        """Remember what a conversation was shown last, so that «the second» is known."""
        name = _list(key)
        async with answering(), self._client.pipeline(transaction=True) as calls:
            calls.unlink(name)
            if entries:
                calls.rpush(name, *(one.number for one in entries))
                calls.expire(name, _LIST_SECONDS)
            await calls.execute()

    async def last_list(self, key: str) -> list[int]:
        """The numbers of the entries that a conversation was shown last, in their order."""
        async with answering():
            found = await cast(Awaitable[list[str]], self._client.lrange(_list(key), 0, -1))
        return [int(one) for one in found]

    async def forget_conversation(self, key: str) -> int:
        """Erase what it was shown; decisions stay."""
        async with answering():
            return int(await self._client.unlink(_list(key)))

    async def forget_user(self, platform: str, tenant: str, user: str) -> int:
        """Erase a person's name from what they decided; in how many entries. Safe to repeat."""
        who, changed = by(platform, tenant, user), 0
        async with answering():
            sites = await cast(Awaitable[set[str]], self._client.smembers(self._sites))

        async def edit(held: Held) -> Held:
            return {name: now for name, one in held.items() if (now := without_person(one, who)) != one}

        for site in sorted(sites):
            changed += len(await self._edit(site, edit))
        return changed

    async def _proposed(self, ours: Mapping[str, Recommendation], today: date, held: Held) -> Held:
        new = [name for name in ours if name not in held]
        last = int(await self._client.incrby(self._count, len(new))) if new else 0
        numbers = {name: last - len(new) + place for place, name in enumerate(new, start=1)}
        return {
            name: renewed(held[name], one, today) if name in held else entered(one, numbers[name], today)
            for name, one in ours.items()
        }

    async def _edit(self, site: str, edit: Edit) -> Held:
        """Write what `edit` makes of the site's entries, if nobody else wrote meanwhile; else once more of what is there then."""
        name = self._site(site)
        for attempt in range(_TRIES):
            if attempt:
                await asyncio.sleep(random.uniform(0, _PAUSE_SECONDS * 2 ** min(attempt, 5)))  # noqa: S311 - no secret
            async with answering(), self._client.pipeline(transaction=True) as calls:
                await calls.watch(name)
                held = _read(await cast(Awaitable[dict[str, str]], calls.hgetall(name)))
                fresh = await edit(held)
                changed = {key: one for key, one in fresh.items() if held.get(key) != one}
                if not changed:
                    return fresh
                cast(Any, calls).multi()
                calls.hset(name, mapping=cast(Any, {key: _ENTRY.dump_json(one).decode() for key, one in changed.items()}))
                if beyond := self._beyond({**held, **changed}):
                    calls.hdel(name, *beyond)
                calls.sadd(self._sites, site)
                try:
                    await calls.execute()
                except WatchError:
                    continue
                return fresh
        raise MemoryStoreError("the register is being written by too many at once")

    def _beyond(self, held: Held) -> list[str]:
        """What is too much: what was proposed longest ago and never decided on."""
        undecided = sorted((one.updated, one.number, name) for name, one in held.items() if not one.changes)
        return [name for *_, name in undecided[: max(0, len(held) - self._most)]]

    def _site(self, site: str) -> str:
        return f"register:{{{self._company}}}:site:{digest(site)}"

    @property
    def _sites(self) -> str:
        return f"register:{{{self._company}}}:sites"

    @property
    def _count(self) -> str:
        return f"register:{{{self._company}}}:count"


def by(platform: str, tenant: str, user: str) -> str:
    """A person as the register names them."""
    return f"{platform}:{tenant}:{user}"


def _list(key: str) -> str:
    return f"register:list:{digest(key)}"


def _read(held: Mapping[str, str]) -> dict[str, Entry]:
    """What another version wrote in a way that this one cannot read is left alone."""
    found = {}
    for name, text in held.items():
        try:
            found[name] = _ENTRY.validate_json(text)
        except ValidationError:
            continue
    return found
