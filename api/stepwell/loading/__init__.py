"""The child process in which a pipeline file runs, and how its mistakes are told. `stepwell.load` is the way in."""
