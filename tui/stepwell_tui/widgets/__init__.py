"""What places are made of. A widget takes values and tells by messages; it never asks the workspace anything."""
