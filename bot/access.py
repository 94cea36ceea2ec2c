"""Who may draw on what: from where a message was said, and by whom, to the Scope of its search. Pure."""

from __future__ import annotations

from bot.messages import IncomingMessage
from config.company import EVERYONE, ChannelConfig, CompanyConfig
from rag.errors import NotAllowedError
from rag.models import Scope


def channel_settings(company: CompanyConfig, message: IncomingMessage) -> ChannelConfig | None:
    """What advisor.yaml says of the message's channel, if anything."""
    return next((one for one in company.channels if one.platform == message.platform and one.id == message.channel), None)


def audiences(company: CompanyConfig, message: IncomingMessage) -> frozenset[str]:
    """What the place of the answer may show: in a channel what each of its readers may see, whoever asks there.

    Where only the asker reads (a direct message, an API token), what they may read. NotAllowedError if the message asks for
    an audience beyond that.
    """
    if message.direct or message.grants:
        people = (one.audience for one in company.people if one.platform == message.platform and one.id == message.user)
        readable = frozenset({EVERYONE, *message.grants, *(name for audience in people for name in audience)})
    else:
        settings = channel_settings(company, message)
        readable = frozenset(settings.audience) if settings else frozenset({EVERYONE})
    if message.audience is None:
        return readable
    if message.audience not in readable:
        raise NotAllowedError(f"audience {message.audience}")
    return frozenset({EVERYONE, message.audience}) & readable


def scope(company: CompanyConfig, message: IncomingMessage, site: str | None) -> Scope:
    """The scope of a search for this message."""
    return Scope(audiences(company, message), site)
