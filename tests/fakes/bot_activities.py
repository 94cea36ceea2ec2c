"""Activities as Teams sends them: messages in a personal chat, a channel, a thread or a group; installations; other events."""

from __future__ import annotations

import itertools
from typing import Any

from tests.fakes.bot_connector import APP_ID, TENANT

BOT = {"id": f"28:{APP_ID}", "name": "Asesor"}
ANA = {"id": "29:ana", "name": "Ana García", "aadObjectId": "0a0a0a0a-0000-4000-8000-000000000001", "role": "user"}
LUIS = {"id": "29:luis", "name": "Luis Mora", "aadObjectId": "0a0a0a0a-0000-4000-8000-000000000002", "role": "user"}
CHANNEL = "19:energia@thread.tacv2"
GROUP = "19:grupo@thread.v2"
PERSONAL = "a:1anaChat"
_ids = itertools.count(1_700_000_000_000)


def message(text: str, service_url: str, **changes: Any) -> dict[str, Any]:
    """A message to the bot in Ana's personal chat; top-level fields may be replaced."""
    made = str(next(_ids))
    activity: dict[str, Any] = {
        "type": "message",
        "id": made,
        "timestamp": "2026-11-20T08:00:00.000Z",
        "serviceUrl": service_url,
        "channelId": "msteams",
        "from": ANA,
        "recipient": BOT,
        "conversation": {"id": PERSONAL, "conversationType": "personal", "tenantId": TENANT},
        "textFormat": "plain",
        "locale": "es-ES",
        "text": text,
        "channelData": {"tenant": {"id": TENANT}},
        "entities": [{"type": "clientInfo", "locale": "es-ES", "country": "ES", "platform": "Windows"}],
    }
    return {**activity, **changes}


def mention(account: dict[str, Any]) -> dict[str, Any]:
    """The entity that goes with `<at>name</at>` in a text."""
    return {"type": "mention", "mentioned": account, "text": f"<at>{account['name']}</at>"}


def channel_message(
    text: str, service_url: str, *, root: str = "", mentions: tuple[dict[str, Any], ...] = (BOT,), **changes: Any
) -> dict[str, Any]:
    """A post in the channel, or a reply in the thread of `root`; `text` carries the <at> marks itself."""
    activity = message(text, service_url)
    root = root or activity["id"]
    place = {
        "conversation": {
            "id": f"{CHANNEL};messageid={root}", "conversationType": "channel", "isGroup": True, "tenantId": TENANT,
        },
        "channelData": {"tenant": {"id": TENANT}, "channel": {"id": CHANNEL}, "team": {"id": "19:team@thread.tacv2"}},
        "entities": [mention(account) for account in mentions],
    }  # fmt: skip
    return {**activity, **place, **changes}


def group_message(
    text: str, service_url: str, *, mentions: tuple[dict[str, Any], ...] = (BOT,), **changes: Any
) -> dict[str, Any]:
    """A message in a group chat."""
    place = {
        "conversation": {"id": GROUP, "conversationType": "groupChat", "isGroup": True, "tenantId": TENANT},
        "entities": [mention(account) for account in mentions],
    }
    return {**message(text, service_url), **place, **changes}


def installation(service_url: str, action: str = "add") -> dict[str, Any]:
    """The app was added to (or removed from) a personal chat."""
    activity = message("", service_url, type="installationUpdate", action=action)
    del activity["text"]
    return activity


def members_added(service_url: str, *members: dict[str, Any]) -> dict[str, Any]:
    """Members joined a conversation; with the bot among them it goes with an installation."""
    activity = message("", service_url, type="conversationUpdate", membersAdded=list(members or (BOT,)))
    del activity["text"]
    return activity


def changed(original: dict[str, Any], event: str, text: str = "", *, at: str = "2026-11-20T08:05:00.000Z") -> dict[str, Any]:
    """A message that was edited (editMessage), deleted (softDeleteMessage) or brought back (undeleteMessage)."""
    kind = "messageDelete" if event == "softDeleteMessage" else "messageUpdate"
    made = {**original, "type": kind, "timestamp": at, "channelData": {**original["channelData"], "eventType": event}}
    return {**made, "text": text} if text else {key: value for key, value in made.items() if key != "text"}


def press(
    name: str, value: dict[str, Any], service_url: str, *, on: str = "", where: Any = None, **changes: Any
) -> dict[str, Any]:
    """An invoke: someone pressed a button of our message `on`, in the place of the activity `where`."""
    activity = message("", service_url, type="invoke", name=name, value=value, replyToId=on)
    del activity["text"]
    place = {key: where[key] for key in ("conversation", "channelData")} if where else {}
    return {**activity, **place, **changes}
