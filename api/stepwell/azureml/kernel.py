"""The process in which a notebook's cells run: an IPython kernel with `azureml` served by Stepwell.

    python -P -m stepwell.azureml.kernel CONNECTION_FILE NOTEBOOK [ARGS ...]
"""

from __future__ import annotations

import re
import sys
from typing import Any

from stepwell.azureml import finder
from stepwell.azureml.installs import without_sdk
from stepwell_store.errors import StepwellError

_CELL = re.compile(r'File "[^"]*ipykernel_\d+[^"]*"')


def main() -> None:
    """Serve the cells until the notebook is done."""
    from ipykernel.kernelapp import IPKernelApp

    connection, *arguments = sys.argv[1:]
    finder.install()
    kernel: Any = IPKernelApp.instance()
    kernel.initialize(["-f", connection, "--log-level=CRITICAL", "--HistoryManager.hist_file=:memory:"])
    kernel.shell.input_transformers_cleanup.append(without_sdk)
    kernel.shell.set_custom_exc((StepwellError, ImportError), _told)
    sys.argv = arguments
    kernel.start()


def _told(shell: Any, kind: type[BaseException], error: BaseException, trace: Any, tb_offset: int | None = None) -> list[str]:
    """Errors of Stepwell's, without the frames that are not the author's."""
    from stepwell.azureml.tracebacks import shown

    lines = _CELL.sub("File <cell>", shown(error.with_traceback(_from_cell(trace)))).splitlines()
    shell._showtraceback(kind, error, lines)  # noqa: SLF001  what it calls for its own tracebacks
    del tb_offset
    return lines


def _from_cell(trace: Any) -> Any:
    """The part of a traceback that begins in the notebook."""
    while trace is not None and "ipykernel" not in trace.tb_frame.f_code.co_filename.rpartition("/")[0]:
        trace = trace.tb_next
    return trace


if __name__ == "__main__":
    main()
