"""Runs a plan: what is ready, what each step gets, what it left, and who owns the run. Effects live here and in targets."""
