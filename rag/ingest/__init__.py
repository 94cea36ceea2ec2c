"""From a source's files to passages in the index."""
