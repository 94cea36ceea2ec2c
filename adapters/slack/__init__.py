"""Channel adapter for Slack."""
