"""The vocabulary of Azure ML's SDK v1, as objects that compile to a graph."""
