"""Compute targets as v1 has them. A cluster is this machine, with its largest number of nodes as the number of steps at once."""
