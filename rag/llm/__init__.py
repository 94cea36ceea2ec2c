"""Language models that write answers, one a file."""
