"""Runs a notebook as a step: `python -m stepwell.notebook FACTS NAME VALUE ...`.

FACTS is JSON: `notebook`, `output` (name of the executed copy), `result` (path for another copy, or null), `parameters`, `timeout`
(seconds a cell, or null). Further words are parameters whose values are text. They become a cell behind the one that is tagged
`parameters`, or the first cell. Where the step's interpreter has nbclient and a kernel, these run the notebook; else its cells run
one after the other in this process, which does for notebooks without magics.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import traceback
from typing import Any


def main(facts_text: str, *named: str) -> int:
    """Run it; 0, or 1 when a cell failed. The executed copy is written in either case."""
    facts = json.loads(facts_text)
    parameters = {**facts["parameters"], **dict(zip(named[::2], named[1::2]))}  # noqa: B905  (Python 3.8 has no strict=)
    with open(facts["notebook"], encoding="utf-8") as file:
        notebook = json.load(file)
    _inject(notebook, {name: _expanded(value) for name, value in parameters.items()})
    failed = _by_kernel(notebook, facts) if _has_kernel() else _here(notebook)
    for place in (os.path.join("outputs", facts["output"]), facts["result"]):
        if place:
            os.makedirs(os.path.dirname(place) or ".", exist_ok=True)
            with open(place, "w", encoding="utf-8") as file:
                json.dump(notebook, file, indent=1)
    if failed:
        print(failed, file=sys.stderr)
    return 1 if failed else 0


def _expanded(value: Any) -> Any:
    return os.path.expandvars(value) if isinstance(value, str) else value


def _inject(notebook: dict[str, Any], parameters: dict[str, Any]) -> None:
    if not parameters:
        return
    lines = "".join(f"{name} = {value!r}\n" for name, value in parameters.items())
    cell = {"cell_type": "code", "execution_count": None, "metadata": {"tags": ["injected-parameters"]}, "outputs": [],
            "source": "# Parameters\n" + lines}  # fmt: skip
    tagged = [at for at, one in enumerate(notebook["cells"]) if "parameters" in one.get("metadata", {}).get("tags", [])]
    notebook["cells"].insert(tagged[0] + 1 if tagged else 0, cell)


def _has_kernel() -> bool:
    from importlib.util import find_spec

    return all(find_spec(name) is not None for name in ("nbclient", "nbformat", "ipykernel"))


def _by_kernel(notebook: dict[str, Any], facts: dict[str, Any]) -> str:
    import tempfile

    import nbformat  # type: ignore[import-not-found,unused-ignore]
    from jupyter_client.manager import AsyncKernelManager  # type: ignore[import-not-found,unused-ignore]
    from nbclient import NotebookClient  # type: ignore[import-not-found,unused-ignore]
    from nbclient.exceptions import CellExecutionError  # type: ignore[import-not-found,unused-ignore]

    node = nbformat.reads(json.dumps(notebook), as_version=4)
    folder = os.path.dirname(os.path.abspath(facts["notebook"]))
    with tempfile.TemporaryDirectory(prefix="stepwell-") as private:
        # Sockets in a folder that only we may enter: nobody else on this machine can speak to the kernel.
        manager = AsyncKernelManager(kernel_name="python3", transport="ipc", ip=f"{private}/k", connection_file=f"{private}/kernel.json")
        client = NotebookClient(node, km=manager, timeout=facts["timeout"], resources={"metadata": {"path": folder}})
        try:
            client.execute()
            failed = ""
        except CellExecutionError as problem:
            failed = str(problem)
    notebook.update(json.loads(nbformat.writes(node)))
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            print("".join(output.get("text", [])), end="")
    return failed


def _here(notebook: dict[str, Any]) -> str:
    names: dict[str, Any] = {"__name__": "__main__"}
    count = 0
    for cell in notebook["cells"]:
        if cell.get("cell_type") != "code":
            continue
        count += 1
        source = cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])
        out = _Both(sys.stdout)
        failed = ""
        with contextlib.redirect_stdout(out):
            try:
                exec(compile(source, f"<cell {count}>", "exec"), names)  # noqa: S102  the author's own notebook
            except Exception:
                failed = traceback.format_exc()
        cell["execution_count"] = count
        text = out.getvalue()
        cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": text}] if text else []
        if failed:
            return failed
    return ""


class _Both(io.StringIO):
    """Keeps what is written, and writes it on."""

    def __init__(self, other: Any) -> None:
        super().__init__()
        self._other = other

    def write(self, text: str) -> int:
        self._other.write(text)
        return super().write(text)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
