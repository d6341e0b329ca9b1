"""The REST door: `stepwell serve`. Only `address` and `access` are imported by others; the rest comes with the verb."""
