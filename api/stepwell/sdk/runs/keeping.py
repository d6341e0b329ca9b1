"""What a driver adds to a run: metrics, pictures, files. They are recorded at once."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from stepwell.sdk.exceptions import UserErrorException
from stepwell.sdk.step_modules import step_module
from stepwell_store.content.digest import digest_file
from stepwell_store.ledger import events
from stepwell_store.ledger.records import Artifact, Metric

if TYPE_CHECKING:
    from stepwell_store import workspace as stored

FOLDER = "added"
"""The folder of a run that takes what drivers add."""


class Keeping:
    """The methods of a run that add to it."""

    if TYPE_CHECKING:

        @property
        def _stored(self) -> stored.Workspace: ...

        def _owner(self) -> str: ...

        def _run_id(self) -> str: ...

        def get_file_names(self) -> list[str]:
            """The names of its files."""

    # --- metrics, in the shapes that the step's side gives them

    def _logger(self) -> Any:
        return _logger(self)

    def log(self, name: str, value: Any, description: str = "", step: int | None = None) -> None:
        """One number, text or bool; again under the same name for a series. UserErrorException for a list or the like."""
        _checked(self._logger().log, name, value, description, step)

    def log_list(self, name: str, value: Any, description: str = "") -> None:
        """A list of values under one name."""
        _checked(self._logger().log_list, name, value, description)

    def log_row(self, name: str, description: str | None = None, **kwargs: Any) -> None:
        """One row of a table, a value per column; again for the next row."""
        _checked(self._logger().log_row, name, description, **kwargs)

    def log_table(self, name: str, value: dict[str, Any], description: str = "") -> None:
        """A table as a dictionary of columns."""
        _checked(self._logger().log_table, name, value, description)

    def log_image(self, name: str, path: str | None = None, plot: Any = None, description: str = "") -> None:
        """A picture: either the path of a file, or a plot of matplotlib."""
        _checked(self._logger().log_image, name, path, plot, description)

    def log_confusion_matrix(self, name: str, value: Any, description: str = "") -> None:
        """A confusion matrix in its documented JSON form, as a dictionary or as text."""
        _checked(self._logger().log_confusion_matrix, name, value, description)

    def log_accuracy_table(self, name: str, value: Any, description: str = "") -> None:
        """An accuracy table in its documented JSON form, as a dictionary or as text."""
        _checked(self._logger().log_accuracy_table, name, value, description)

    def log_residuals(self, name: str, value: Any, description: str = "") -> None:
        """A histogram of residuals in its documented JSON form, as a dictionary or as text."""
        _checked(self._logger().log_residuals, name, value, description)

    def log_predictions(self, name: str, value: Any, description: str = "") -> None:
        """Predictions in their documented JSON form, as a dictionary or as text."""
        _checked(self._logger().log_predictions, name, value, description)

    def flush(self, timeout_seconds: int = 300) -> None:
        """Nothing: everything is recorded when it is said."""

    # --- files

    def upload_file(self, name: str, path_or_stream: Any, datastore_name: str | None = None) -> None:  # noqa: ARG002  files live with the run
        """Keep a copy of a file, or of what a stream gives. UserErrorException when the run has a file of that name."""
        self._keep([(name, path_or_stream)])

    def upload_files(
        self, names: Sequence[str], paths: Sequence[str], return_artifacts: bool = False, timeout_seconds: int | None = None,  # noqa: ARG002
        datastore_name: str | None = None,  # noqa: ARG002
    ) -> None:  # fmt: skip
        """Keep copies of several files under as many names."""
        if len(names) != len(paths):
            raise UserErrorException(f"upload_files: {len(names)} names for {len(paths)} paths")
        self._keep(list(zip(names, paths, strict=True)))

    def upload_folder(self, name: str, path: str, datastore_name: str | None = None) -> None:  # noqa: ARG002
        """Keep copies of all files below a folder, as `name`/..."""
        if not os.path.isdir(path):
            raise UserErrorException(f"{path!r} is not a folder")
        found = step_module("artifacts").files_below(path)
        self._keep([(f"{name}/{relative}", file) for relative, file in found])

    def _keep(self, wanted: Sequence[tuple[str, Any]]) -> None:
        taken = set(self.get_file_names())
        for name, _ in wanted:
            if name in taken:
                raise UserErrorException(f"this run has a file named {name!r} already; files of a run are never replaced")
        self._stored.record(events.ArtifactsKept(at=time.time(), run=self._run_id(),
                                                 artifacts=[self._kept(name, source) for name, source in wanted]))  # fmt: skip

    def _kept(self, name: str, source: Any) -> Artifact:
        root = os.path.join(self._stored.runs, self._run_id(), FOLDER, self._owner())
        artifacts = step_module("artifacts")
        try:
            pieces = artifacts.parts(name)
            artifacts.store(root, pieces, source)
        except step_module("errors").UserErrorException as error:
            raise UserErrorException(str(error)) from None
        path = os.path.join(root, *pieces)
        digest, found = digest_file(path)
        return Artifact(owner=self._owner(), name="/".join(pieces), path=os.path.relpath(path, self._stored.root), digest=digest,
                        size=found.st_size)  # fmt: skip

    def _metric(self, kind: str, name: str, value: Any, step: int | None, description: str) -> None:
        """Record one metric, whose value is plain."""
        import json

        metric = Metric(owner=self._owner(), name=name, type=kind, value=json.dumps(value), at=time.time(), step=step,
                        description=description or None)  # fmt: skip
        self._stored.record(events.MetricsLogged(at=time.time(), run=self._run_id(), metrics=[metric]))

    def _picture(self, name: str, path: str | None, plot: Any) -> str:
        """Keep a picture as v1 names it; its name among the run's files."""
        import io

        ending = ".png" if path is None else os.path.splitext(path)[1]
        taken, at = set(self.get_file_names()), int(time.time())
        while f"{name}_{at}{ending}" in taken:
            at += 1
        source: Any = path
        if plot is not None:
            if not hasattr(plot, "savefig"):
                raise UserErrorException(f"log_image: a plot is a figure of matplotlib or its pyplot module, not {type(plot).__name__}")
            source = io.BytesIO()
            plot.savefig(source, format="png")
            source.seek(0)
        self._keep([(f"{name}_{at}{ending}", source)])
        return f"{name}_{at}{ending}"


def _logger(run: Keeping) -> Any:
    base: Any = step_module("metrics").Metrics

    class Logger(base):  # type: ignore[misc]
        """The log methods of the step's side, which record with a run."""

        def _metric(self, kind: str, name: str, value: Any, step: int | None = None, description: str = "") -> None:
            run._metric(kind, name, value, step, description)  # noqa: SLF001

        def _picture(self, name: str, path: str | None, plot: Any) -> str:
            return run._picture(name, path, plot)  # noqa: SLF001

    return Logger()


def _checked(method: Any, *args: Any, **named: Any) -> None:
    try:
        method(*args, **named)
    except step_module("errors").UserErrorException as error:
        raise UserErrorException(str(error)) from None
