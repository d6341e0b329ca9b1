"""A pipeline as frozen, serialisable data, whichever vocabulary it was written in."""
