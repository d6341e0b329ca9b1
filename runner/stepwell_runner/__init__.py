"""Graph, plan, run: describes what a pipeline is, decides what must run and why, and runs it."""
