"""`azureml.*` for drivers that Stepwell starts: a table of v1's modules and names, an import finder that serves it, and the driver."""
