"""Runs a notebook cell by cell, shows what the cells put out, and keeps it in an executed copy.

    python -P -m stepwell.azureml.notebook COPY FILE [ARGS ...]
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from typing import Any

from stepwell.cli import exits
from stepwell_store.errors import StepwellError, UsageError

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_SHOWN_LINES = 40


def main() -> None:
    """Run the notebook that the command line names; the process's exit code says how it went."""
    copy, path, *arguments = sys.argv[1:]
    try:
        code = execute(path, copy, arguments)
    except StepwellError as error:
        _say(f"stepwell: {error}")
        code = exits.code_of(error)
    sys.exit(code)


def execute(path: str, copy: str, arguments: list[str]) -> int:
    """Run all cells in the notebook's own folder, and write the executed copy, also of a notebook that fails.

    0, or the exit code that the command line gives the error of the cell that failed. UsageError when it is no notebook of Python.
    """
    import nbformat

    notebook = read(path)
    with tempfile.TemporaryDirectory(prefix="stepwell-", ignore_cleanup_errors=True) as private:
        client = _client(notebook, path, arguments, private)
        code = _run(client, notebook, path)
    os.makedirs(os.path.dirname(os.path.abspath(copy)), mode=0o700, exist_ok=True)
    with open(copy, "w", encoding="utf-8") as file:
        nbformat.write(notebook, file)  # type: ignore[no-untyped-call]
    _say(f"the notebook with its outputs is {copy}")
    return code


def _run(client: Any, notebook: Any, path: str) -> int:
    import asyncio

    from nbclient.exceptions import CellExecutionError, DeadKernelError

    try:
        client.execute(cwd=os.path.dirname(os.path.abspath(path)))
    except CellExecutionError as error:
        _tell_failure(notebook, client.failed, path)
        return _exit_code(error.ename)
    except DeadKernelError:
        if getattr(client, "_async_cleanup_kernel_future", None) is not None:  # a signal came, and the kernel was ended for that
            return _cancelled(notebook, client, path)
        _say(f"{path}: the process of its cells died{_place(notebook, client.failed)}")
        return exits.STEP_FAILED
    except (KeyboardInterrupt, asyncio.CancelledError):
        return _cancelled(notebook, client, path)
    return exits.DONE


def _cancelled(notebook: Any, client: Any, path: str) -> int:
    _say(f"{path}: cancelled{_place(notebook, client.failed)}")
    return exits.CANCELLED


def read(path: str) -> Any:
    """The notebook, in today's form of the format. UsageError when the file is none, or is in another language than Python."""
    import nbformat

    try:
        notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except Exception as error:  # its readers raise what their JSON, schema and conversion raise
        raise UsageError(f"this is no notebook: {str(error).splitlines()[0]}", where=path) from None
    language = notebook.metadata.get("kernelspec", {}).get("language") or notebook.metadata.get("language_info", {}).get("name") or "python"
    if language.lower() not in ("python", "ipython"):
        raise UsageError(f"this notebook is written in {language}", where=path, todo="Only notebooks of Python can be run.")
    return notebook


def _client(notebook: Any, path: str, arguments: list[str], private: str) -> Any:
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    class Client(NotebookClient):  # nbclient takes a second to import, which other drivers need not wait for
        """Shows what cells put out as it comes, and remembers where it is."""

        failed = -1

        async def async_execute_cell(self, cell: Any, cell_index: int, *args: Any, **options: Any) -> Any:
            self.failed = cell_index
            return await super().async_execute_cell(cell, cell_index, *args, **options)

        def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
            _show(msg["msg_type"], msg["content"])
            return super().process_message(msg, cell, cell_index)

    # Sockets in a folder that only we may enter: nobody else on this machine can speak to the kernel.
    manager: Any = AsyncKernelManager(transport="ipc", ip=f"{private}/k", connection_file=f"{private}/kernel.json")
    command = [sys.executable, "-P", "-m", "stepwell.azureml.kernel", "{connection_file}", path, *arguments]
    manager._kernel_spec = KernelSpec(argv=command, display_name="Stepwell", language="python")  # noqa: SLF001  its only door
    return Client(notebook, km=manager, timeout=None, startup_timeout=120, ipython_hist_file="")


def _show(kind: str, content: Any) -> None:
    if kind == "stream":
        stream = sys.stderr if content["name"] == "stderr" else sys.stdout
        print(content["text"], end="", file=stream, flush=True)
    elif kind in ("execute_result", "display_data") and "text/plain" in content["data"]:
        print(content["data"]["text/plain"], flush=True)


def _tell_failure(notebook: Any, index: int, path: str) -> None:
    cell = notebook.cells[index]
    error = next((output for output in cell.get("outputs", []) if output.output_type == "error"), None)
    _say(f"{path} failed{_place(notebook, index)}")
    if error is None:
        return
    lines = _ESCAPES.sub("", "\n".join(error.traceback)).splitlines() or [f"{error.ename}: {error.evalue}"]
    for line in lines if len(lines) <= _SHOWN_LINES else [*lines[:5], "...", *lines[5 - _SHOWN_LINES :]]:
        _say(f"  {line}")


def _place(notebook: Any, index: int) -> str:
    """Which cell it was, counted as a reader of the notebook counts, and how it begins."""
    if not 0 <= index < len(notebook.cells):
        return ""
    number = sum(cell.cell_type == "code" for cell in notebook.cells[: index + 1])
    first = next((line for line in notebook.cells[index].source.splitlines() if line.strip()), "")
    return f" in code cell {number} (cell {index + 1} of {len(notebook.cells)}): {first.strip()[:100]}"


def _exit_code(name: str) -> int:
    """The code that an error of Stepwell's would have, found by its name, which is all that a kernel tells."""
    from stepwell.sdk import exceptions
    from stepwell_store import errors

    kind = getattr(exceptions, name, None) or getattr(errors, name, None)
    if not (isinstance(kind, type) and issubclass(kind, errors.StepwellError)):
        return 1
    return next((code for base, code in exits.CODES if issubclass(kind, base)), exits.MACHINE_NOT_READY)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
