"""Runs as v1's drivers see them: read from the ledger whenever something is asked, so that they are always what is known now."""
