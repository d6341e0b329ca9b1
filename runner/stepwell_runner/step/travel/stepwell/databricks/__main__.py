"""Runs a task as Databricks would: `python -m stepwell.databricks notebook FILE NAME=VALUE ...` or `script FILE ARGUMENT ...`."""

import os
import runpy
import sys


def main(words):
    """Run what the words say; the exit code."""
    kind, path, *rest = words
    from stepwell.databricks import surroundings

    if kind == "script":
        surroundings.install({})
        sys.argv = [path, *rest]
        sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
        runpy.run_path(path, run_name="__main__")
        return 0
    from stepwell.databricks.notebook import Notebook

    parameters = dict(word.split("=", 1) for word in rest)
    value = Notebook(path, parameters).run()
    if value is not None:
        print(f"Notebook exited: {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
