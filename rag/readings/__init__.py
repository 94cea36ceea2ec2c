"""Meter readings: files to checked series, and what they show by published methods."""
