"""Keeping a workspace whole and small: check what is stored, remove what nothing needs, copy it all into one file."""
