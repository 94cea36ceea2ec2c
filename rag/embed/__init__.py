"""Embedders: text to vectors, one a file."""
