"""What each method of the Web API does to the stand-in workspace and answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from tests.fakes.slack_events import APP, BOT_ID, BOT_USER, TEAM
from tests.fakes.slack_limits import (
    MARKDOWN,
    UPDATED_TEXT,
    RefusedError,
    check_blocks,
    check_message,
    check_metadata,
    listed,
)
from tests.fakes.slack_room import Person, Place, Post, Room, made_post
from tests.fakes.slack_schema import view_faults

Answer = Callable[[Room, dict[str, Any]], dict[str, Any]]
ANSWERS: dict[str, Answer] = {}


def answers(method: str, *needed: str) -> Callable[[Answer], Answer]:
    """Answer `method` with the decorated function; without the needed arguments `invalid_arguments`."""

    def register(function: Answer) -> Answer:
        def checked(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
            lacking = [name for name in needed if sent.get(name) in (None, "")]
            if lacking:
                raise RefusedError("invalid_arguments", *(f"[ERROR] missing required field: {name}" for name in lacking))
            for name in ("thread_ts", "ts", "timestamp"):
                if sent.get(name) and not re.fullmatch(r"\d{10}\.\d{6}", str(sent[name])):
                    raise RefusedError("invalid_thread_ts" if name == "thread_ts" else "message_not_found")
            return function(room, sent)

        ANSWERS[method] = checked
        return function

    return register


def message_json(post: Post) -> dict[str, Any]:
    """A message as the API shows it."""
    shown: dict[str, Any] = {"type": "message", "user": post.author, "ts": post.ts, "text": post.text, "team": TEAM}
    if post.author == BOT_USER:
        shown |= {"bot_id": BOT_ID, "app_id": APP}
    optional = {"thread_ts": post.thread_ts, "blocks": list(post.blocks), "metadata": post.metadata}
    return shown | {name: value for name, value in optional.items() if value}


def posted(post: Post) -> dict[str, Any]:
    """What an answer to a message holds."""
    return {"channel": post.channel, "ts": post.ts, "message": message_json(post)}


def own(room: Room, sent: dict[str, Any], error: str) -> Post:
    """The app's own message that a call names."""
    room.open_place(sent["channel"])
    post = room.find(sent["channel"], sent["ts"])
    if post is None:
        raise RefusedError("message_not_found")
    if post.author != BOT_USER:
        raise RefusedError(error)
    return post


@answers("auth.test")
def auth_test(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """Who the token is."""
    who = {"user": "asesor", "user_id": BOT_USER, "bot_id": BOT_ID, "is_enterprise_install": False}
    return {"url": "https://empresa.slack.com/", "team": "Empresa", "team_id": TEAM, **who}


@answers("apps.connections.open")
def connections_open(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """An address for one WebSocket."""
    return {"url": room.link()}


@answers("chat.postMessage", "channel")
def post_message(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """A message that all see; a user's id as channel means their direct message."""
    if sent["channel"] in room.people:
        sent = {**sent, "channel": room.direct(sent["channel"]).id}
    room.open_place(sent["channel"])
    check_message(sent)
    room.clear_status(sent["channel"], sent.get("thread_ts") or "")
    return posted(room.add(made_post(sent, listed(sent.get("blocks"), "invalid_blocks_format"))))


@answers("chat.postEphemeral", "channel", "user")
def post_ephemeral(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """A message that one person sees, and that cannot be changed by its ts."""
    room.open_place(sent["channel"])
    if sent["user"] not in room.people:
        raise RefusedError("user_not_in_channel")
    check_message(sent)
    post = made_post(sent, listed(sent.get("blocks"), "invalid_blocks_format"), ephemeral=sent["user"])
    return {"message_ts": room.add(post).ts}


@answers("chat.update", "channel", "ts")
def update(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """The app's own message changed; blocks and metadata stay unless given, and then the text is not seen."""
    post = own(room, sent, "cant_update_message")
    if post.streaming:
        raise RefusedError("streaming_state_conflict")
    check_message(sent, text_limit=UPDATED_TEXT)
    text = sent.get("text") or sent.get("markdown_text") or ""
    changes: dict[str, Any] = {"text": text}
    if sent.get("blocks") is not None:
        changes["blocks"] = tuple(listed(sent["blocks"], "invalid_blocks_format"))
    if sent.get("metadata") is not None:
        changes["metadata"] = sent["metadata"]
    changed = room.change(post, edited=True, streamed="", raw=sent, **changes)
    return {**posted(changed), "text": changed.text}


@answers("chat.delete", "channel", "ts")
def delete(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """The app's own message gone."""
    room.change(own(room, sent, "cant_delete_message"), deleted=True)
    return {"channel": sent["channel"], "ts": sent["ts"]}


def piece(sent: dict[str, Any], before: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """What a call adds to a stream that holds the blocks `before`, from markdown_text and chunks."""
    chunks = listed(sent.get("chunks"), "invalid_chunks")
    parts = [sent.get("markdown_text") or "", *(one.get("text", "") for one in chunks if one.get("type") == "markdown_text")]
    if any(len(part) > MARKDOWN for part in parts):
        raise RefusedError("msg_too_long")
    blocks = [*before, *(block for one in chunks if one.get("type") == "blocks" for block in one["blocks"])]
    check_blocks(blocks)
    return {"streamed": "".join(parts), "blocks": tuple(blocks)}


@answers("chat.startStream", "channel", "thread_ts")
def start_stream(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """A message that grows."""
    place = room.open_place(sent["channel"])
    for name in ("recipient_team_id", "recipient_user_id"):
        if not place.person and not sent.get(name):
            raise RefusedError(f"missing_{name}")
    begun = piece(sent)
    room.clear_status(sent["channel"], sent["thread_ts"])
    post = room.add(made_post({**sent, "markdown_text": ""}, [*begun["blocks"]], streaming=True, streamed=begun["streamed"]))
    return {"channel": post.channel, "ts": post.ts}


def growing(room: Room, sent: dict[str, Any]) -> Post:
    """The streaming message that a call names."""
    post = own(room, sent, "message_not_owned_by_app")
    if not post.streaming:
        raise RefusedError("message_not_in_streaming_state")
    return post


@answers("chat.appendStream", "channel", "ts")
def append_stream(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """More text."""
    post = growing(room, sent)
    more = piece(sent, post.blocks)
    if not more["streamed"] and not sent.get("chunks"):
        raise RefusedError("no_text")
    room.change(post, streamed=post.streamed + more["streamed"], blocks=more["blocks"])
    return {"channel": post.channel, "ts": post.ts}


@answers("chat.stopStream", "channel", "ts")
def stop_stream(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """The last text, blocks under it, and the end."""
    post = growing(room, sent)
    more = piece(sent, post.blocks)
    blocks = (*more["blocks"], *listed(sent.get("blocks"), "invalid_blocks_format"))
    check_blocks(list(blocks))
    check_metadata(sent.get("metadata"))
    whole, metadata = post.streamed + more["streamed"], sent.get("metadata") or {}
    changed = room.change(post, streaming=False, streamed=whole, blocks=blocks, metadata=metadata, raw=sent)
    return posted(changed)


def place_json(place: Place) -> dict[str, Any]:
    """A channel as the API shows it."""
    if place.person:
        return {"id": place.id, "is_im": True, "user": place.person, "is_archived": False}
    kind = {"is_channel": True, "is_im": False, "is_mpim": False, "is_private": place.private, "is_archived": place.archived}
    return {
        "id": place.id,
        "name": place.name,
        **kind,
        "is_member": place.member,
        "is_ext_shared": place.shared,
        "creator": place.creator,
    }


def person_json(person: Person) -> dict[str, Any]:
    """A user as the API shows them, without the locale."""
    names = {"real_name": person.name, "name": person.name.split()[0].lower(), "profile": {"real_name": person.name}}
    return {
        "id": person.id,
        "team_id": TEAM,
        "deleted": person.deleted,
        **names,
        "tz": person.tz,
        "is_bot": person.bot,
        "is_admin": person.admin,
    }


@answers("conversations.info", "channel")
def conversations_info(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """A channel."""
    return {"channel": place_json(room.place(sent["channel"]))}


@answers("conversations.replies", "channel", "ts")
def conversations_replies(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """A thread, oldest first: its first message always, of the others those after `oldest` and before `latest` (method's page,
    seen 2026; that the first one comes all the same: slackapi/python-slack-sdk issues, our reading).
    """
    room.place(sent["channel"])
    whole = room.visible(sent["channel"], sent["ts"])
    if not whole:
        raise RefusedError("thread_not_found")
    found = [one for one in whole if one.ts == sent["ts"] or (sent.get("oldest") or "") < one.ts < (sent.get("latest") or "9")]
    limit = int(sent.get("limit") or 1000)
    return {"messages": [message_json(post) for post in found[:limit]], "has_more": len(found) > limit}


@answers("conversations.history", "channel")
def conversations_history(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """A channel's top, newest first, after `oldest` and before `latest`; channel_not_found where the app is not."""
    room.place(sent["channel"])
    found = [post for post in room.visible(sent["channel"]) if (sent.get("oldest") or "") < post.ts < (sent.get("latest") or "9")]
    return {"messages": [message_json(post) for post in reversed(found)][: int(sent.get("limit") or 100)]}


@answers("conversations.open", "users")
def conversations_open(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """The direct message with a person."""
    return {"channel": {"id": room.direct(sent["users"]).id}}


@answers("users.info", "user")
def users_info(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """A person; their locale only if asked for."""
    person = room.people.get(sent["user"])
    if person is None:
        raise RefusedError("user_not_found")
    asked = str(sent.get("include_locale", "")).lower() in {"1", "true"}
    return {"user": person_json(person) | ({"locale": person.locale} if asked else {})}


@answers("assistant.threads.setStatus", "channel_id", "thread_ts")
def set_status(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """ "... is thinking"; an empty status takes it away."""
    room.place(sent["channel_id"])
    if "status" not in sent:
        raise RefusedError("invalid_arguments", "[ERROR] missing required field: status")
    room.statuses.append((sent["channel_id"], sent["thread_ts"], sent["status"]))
    return {}


@answers("assistant.threads.setSuggestedPrompts", "channel_id", "prompts")
def set_prompts(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """Up to four prompts, each with a title and a message."""
    room.place(sent["channel_id"])
    prompts = listed(sent["prompts"], "invalid_arguments")
    if len(prompts) > 4 or not all(one.get("title") and one.get("message") for one in prompts):
        raise RefusedError("invalid_arguments", "[ERROR] up to four prompts with title and message")
    room.prompts.append({**sent, "prompts": prompts})
    return {}


@answers("assistant.threads.setTitle", "channel_id", "thread_ts", "title")
def set_title(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """A name for the thread."""
    room.place(sent["channel_id"])
    room.titles[(sent["channel_id"], sent["thread_ts"])] = sent["title"]
    return {}


@answers("reactions.add", "channel", "name", "timestamp")
def reactions_add(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """The app's reaction to a message."""
    room.open_place(sent["channel"])
    mark = (sent["channel"], sent["timestamp"], sent["name"])
    if mark in room.reactions:
        raise RefusedError("already_reacted")
    room.reactions.add(mark)
    return {}


@answers("reactions.remove", "channel", "name", "timestamp")
def reactions_remove(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """The app's reaction gone."""
    mark = (sent["channel"], sent["timestamp"], sent["name"])
    if mark not in room.reactions:
        raise RefusedError("no_reaction")
    room.reactions.discard(mark)
    return {}


def shown_view(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """A view kept after its checks: blocks at most 100 here, so only what each holds is checked."""
    view = json.loads(sent["view"]) if isinstance(sent["view"], str) else sent["view"]
    if view.get("type") not in {"modal", "home"}:
        raise RefusedError("invalid_arguments", "[ERROR] unsupported type [json-pointer:/view/type]")
    if view["type"] == "modal" and not 0 < len((view.get("title") or {}).get("text", "")) <= 24:
        raise RefusedError("invalid_arguments", "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]")
    for block in listed(view.get("blocks"), "invalid_arguments"):
        check_blocks([block], all_blocks=False)
    if faults := view_faults(view):
        raise RefusedError("invalid_arguments", *(f"[ERROR] {fault}" for fault in faults))
    kept = {**view, "id": f"V{len(room.views) + 1:07d}", "hash": f"{len(room.views)}.x", "user_id": sent.get("user_id", "")}
    room.views.append(kept)
    return {"view": kept}


answers("views.open", "trigger_id", "view")(shown_view)
answers("views.publish", "user_id", "view")(shown_view)
answers("views.update", "view")(shown_view)


@answers("files.getUploadURLExternal", "filename", "length")
def announce_upload(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """Where the bytes of a file go (files.getUploadURLExternal page, seen 2026-11)."""
    key = f"F{len(room.uploads) + 1:04d}"
    room.uploads[key] = dict(sent)
    return {"upload_url": f"/upload/{key}", "file_id": key}


@answers("files.completeUploadExternal", "files")
def complete_upload(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """Files that were uploaded are shown in a channel, or in a thread of it."""
    files = json.loads(sent["files"]) if isinstance(sent["files"], str) else sent["files"]
    for one in files:
        held = room.uploads.get(one["id"])
        if held is None or "data" not in held:
            raise RefusedError("file_not_found")
        held |= {"title": one.get("title"), "channel": sent.get("channel_id"), "thread_ts": sent.get("thread_ts") or ""}
    room.open_place(str(sent.get("channel_id")))
    return {"files": files}


@answers("files.delete", "file")
def delete_file(room: Room, sent: dict[str, Any]) -> dict[str, Any]:
    """A file of the app gone, wherever it was shown (files.delete page, seen 2026)."""
    if room.uploads.pop(sent["file"], None) is None:
        raise RefusedError("file_not_found")
    return {}
