"""Channel adapter for Slack: SlackAdapter(settings, submit, known) is all that others need."""

from adapters.slack.adapter import SlackAdapter

__all__ = ["SlackAdapter"]
