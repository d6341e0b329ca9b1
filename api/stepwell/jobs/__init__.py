"""Pipelines written as Azure ML v2 YAML, compiled to a graph. `stepwell.jobs.loading` is the way in."""
