"""Efficiency measures: what applies at a site, what it saves and costs, each by a published method."""
