"""The workspace on disk: content by digest, the ledger in SQLite, and where people's data is. Knows nothing of running."""
