"""The name under which entry scripts of v1 find what belongs to their worker."""
