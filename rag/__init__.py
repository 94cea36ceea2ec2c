"""Documents and readings in, cited answers out; knows nothing of chats."""
