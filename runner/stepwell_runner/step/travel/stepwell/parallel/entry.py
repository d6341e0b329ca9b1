"""What an entry script can ask about the worker that it runs in: `EntryScript()`."""

from __future__ import annotations

import logging
import os
from typing import Any, ClassVar

ENTRY_LOGS = os.path.join("logs", "user", "entry_script_log")


class EntryScript:
    """The worker, the same object every time. `logger` writes to a file of this worker's own in `log_dir`.

    `agent_name` is the worker's name, `output_dir` the folder of the step's output (empty when it has none), `working_dir`
    the folder that it runs in.
    """

    _facts: ClassVar[dict[str, Any]] = {"agent": "process000", "node": "node000", "output": "", "level": logging.INFO}
    _one: ClassVar[EntryScript | None] = None

    def __new__(cls) -> EntryScript:  # noqa: PYI034  (Python 3.8 has no Self)
        """The one of this process."""
        if cls._one is None:
            cls._one = super().__new__(cls)
        return cls._one

    @classmethod
    def _tell(cls, facts: dict[str, Any]) -> None:
        cls._facts = {**cls._facts, **facts}

    @property
    def agent_name(self) -> str:
        """The name of this worker, such as `process000`."""
        return str(self._facts["agent"])

    @property
    def node_id(self) -> str:
        """The name of the node, of which a laptop is one or more."""
        return str(self._facts["node"])

    @property
    def working_dir(self) -> str:
        """Where the script runs: a copy of its source."""
        return str(self._facts.get("work") or os.getcwd())

    @property
    def output_dir(self) -> str:
        """The folder of the step's output."""
        return str(self._facts["output"])

    @property
    def log_dir(self) -> str:
        """A folder for logs, which are kept with the run."""
        folder = os.path.join(self.working_dir, ENTRY_LOGS, self.node_id)
        os.makedirs(folder, exist_ok=True)
        return folder

    @property
    def logger(self) -> logging.Logger:
        """A logger whose lines go to `<log_dir>/<agent_name>.log.txt`."""
        logger = logging.getLogger("EntryScript")
        if not logger.handlers:
            handler = logging.FileHandler(os.path.join(self.log_dir, f"{self.agent_name}.log.txt"), encoding="utf-8")
            handler.setFormatter(logging.Formatter("%(asctime)s|%(levelname)s|%(process)d|%(message)s"))
            logger.addHandler(handler)
            logger.setLevel(self._facts["level"])
            logger.propagate = False
        return logger
