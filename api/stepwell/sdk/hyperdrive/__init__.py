"""Searches in v1's words: what is searched and how, which trials are ended early, and what came out."""
