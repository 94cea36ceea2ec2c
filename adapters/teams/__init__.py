"""Channel adapter for Microsoft Teams: TeamsAdapter(settings, submit, known) is all that others need."""

from adapters.teams.adapter import TeamsAdapter

__all__ = ["TeamsAdapter"]
