"""Channel adapter for Microsoft Teams."""
