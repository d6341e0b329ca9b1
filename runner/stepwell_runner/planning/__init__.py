"""Decides what must run, and why. Pure: what was observed and what happened before come in as values or as lookups."""
