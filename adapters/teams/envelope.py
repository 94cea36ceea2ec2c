"""To whom and from whom an activity goes. Pure."""

from __future__ import annotations

from microsoft_agents.activity import Activity, ChannelAccount, ConversationAccount

from adapters.teams.place import Place


def addressed(activity: Activity, place: Place, *, reply: bool = True) -> Activity:
    """The activity, ready to be posted in a place; `reply`: under the message that it answers."""
    activity.conversation = ConversationAccount(id=place.conversation)
    if place.bot_id:
        activity.from_property = ChannelAccount(id=place.bot_id, name=place.bot_name)
    if place.user_id:
        activity.recipient = ChannelAccount(id=place.user_id, name=place.user_name)
    if place.activity and reply:
        activity.reply_to_id = place.activity
    return activity
