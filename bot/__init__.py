"""The conversation: inbox, worker, memory, access, commands; calls rag and knows no platform."""
