"""Searches: which values to try next, which trials to end early, and what came out. Pure; nothing here runs anything."""
