"""Runs a driver as `python FILE` or `python -m MODULE` would, with `azureml` served by Stepwell.

    python -P -m stepwell.azureml.driver FILE [ARGS ...]
    python -P -m stepwell.azureml.driver -m MODULE [ARGS ...]
"""

from __future__ import annotations

import os
import sys
from types import ModuleType


def main() -> None:
    """Become the driver: its arguments, its module path, its `__main__`."""
    from stepwell.azureml import finder

    finder.install()
    try:
        if sys.argv[1] == "-m":
            _run_module(sys.argv[2])
        else:
            _run_file(sys.argv[1])
    except SystemExit:
        raise
    except BaseException as error:
        _complain(error)
        sys.exit(_exit_code(error))


def _run_module(name: str) -> None:
    import runpy

    sys.argv = sys.argv[2:]
    sys.path.insert(0, os.getcwd())
    runpy.run_module(name, run_name="__main__", alter_sys=True)


def _run_file(path: str) -> None:
    sys.argv = sys.argv[1:]
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    # Drivers inside of a package import it by its name; their projects run them with -m, or with the folder in PYTHONPATH.
    sys.path.append(os.getcwd())
    module = ModuleType("__main__")
    module.__file__ = path
    vars(module)["__builtins__"] = __builtins__
    sys.modules["__main__"] = module
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec", dont_inherit=True)
    exec(code, vars(module))  # noqa: S102  running the author's file is the purpose


def _complain(error: BaseException) -> None:
    """Show the author's own traceback, or leave it to the hook that the author set for that."""
    sys.stdout.flush()
    if sys.excepthook is not sys.__excepthook__:
        sys.excepthook(type(error), error, error.__traceback__)
        return
    from stepwell.azureml.tracebacks import shown

    print(shown(error), file=sys.stderr, end="", flush=True)


def _exit_code(error: BaseException) -> int:
    """An error of Stepwell's has the exit code that the command line gives it; of others the code is Python's."""
    from stepwell.cli import exits
    from stepwell_store.errors import StepwellError

    if isinstance(error, StepwellError):
        return exits.code_of(error)
    return exits.CANCELLED if isinstance(error, KeyboardInterrupt) else 1


if __name__ == "__main__":
    main()
