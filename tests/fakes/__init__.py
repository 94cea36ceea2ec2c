"""The platforms as real HTTP servers with fault knobs."""
