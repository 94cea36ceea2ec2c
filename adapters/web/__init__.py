"""Channel adapter for the chat page and the HTTP interface."""
