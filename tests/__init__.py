"""Tests, in rings: unit, contract, scenario, faults, security, evals."""
