"""The outside world: HTTP and one folder per channel."""
