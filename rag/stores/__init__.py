"""Passage stores: the index, one implementation a file."""
