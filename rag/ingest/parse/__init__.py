"""One parser per family of file formats."""
