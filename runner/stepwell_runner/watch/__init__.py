"""Which steps became stale, and why, while people edit. A file event is a suggestion to look; what is true is a plan."""
