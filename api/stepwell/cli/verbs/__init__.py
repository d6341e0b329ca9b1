"""One module per verb, each with `configure(parser)` and `run(args, out) -> exit code`."""
