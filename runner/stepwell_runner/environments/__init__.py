"""The interpreters that steps run under: what they are made of, and how one is made."""
