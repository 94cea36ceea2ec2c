"""Channel adapter for the terminal."""
