"""The methods of a run that keep files with it."""

from __future__ import annotations

import io
import os
import re
from typing import Any

from stepwell import artifacts
from stepwell.errors import UserErrorException
from stepwell.recorder import Recorder


class Files:
    """Uploads, pictures and the list of what a run has."""

    _recorder: Recorder

    def upload_file(self, name: str, path_or_stream: Any, datastore_name: str | None = None) -> None:
        """Keep a copy of a file, or of what a stream gives. UserErrorException when the run has a file of that name."""
        del datastore_name  # files of a run live with the run
        pieces = artifacts.parts(self._recorder.named(name))
        place = pieces if self._recorder.scope == "step" else [artifacts.RUN_FOLDER, *pieces]
        artifacts.store(self._recorder.facts["artifacts"], place, path_or_stream)
        self._recorder.send("artifact", name="/".join(pieces), path="/".join(place))

    def upload_files(self, names: list[str], paths: list[str], datastore_name: str | None = None) -> None:
        """Keep copies of several files under as many names."""
        if len(names) != len(paths):
            raise UserErrorException(f"upload_files: {len(names)} names for {len(paths)} paths")
        for name, path in zip(names, paths):  # noqa: B905  (Python 3.8 has no strict=)
            self.upload_file(name, path, datastore_name)

    def upload_folder(self, name: str, path: str, datastore_name: str | None = None) -> None:
        """Keep copies of all files below a folder, as `name`/..."""
        if not os.path.isdir(path):
            raise UserErrorException(f"{path!r} is not a folder")
        for relative, file in artifacts.files_below(path):
            self.upload_file(f"{name}/{relative}", file, datastore_name)

    def get_file_names(self) -> list[str]:
        """What this step uploaded for this run, and for the step itself also what lies in its outputs/ and logs/ now."""
        names = {report["name"] for report in self._recorder.sent("artifact", "name")}
        if self._recorder.scope == "step" and not self._recorder.prefix:
            work = os.path.join(self._recorder.facts["folder"], "work")
            for folder in ("outputs", "logs"):
                names.update(f"{folder}/{name}" for name, _ in artifacts.files_below(os.path.join(work, folder)))
        return sorted(names)

    def _picture(self, name: str, path: str | None, plot: Any) -> str:
        """Keep the picture as `<name><ending>`, or with a number when that is taken; its name among the run's files."""
        stem = re.sub(r"[/\\\0]", "_", str(name)).strip(".") or "image"
        ending = ".png" if path is None else os.path.splitext(path)[1]
        taken, candidate, number = set(self.get_file_names()), stem + ending, 0
        while candidate in taken:
            number += 1
            candidate = f"{stem}_{number}{ending}"
        self.upload_file(candidate, path if plot is None else _drawn(plot))
        return self._recorder.named(candidate)


def _drawn(plot: Any) -> io.BytesIO:
    if not hasattr(plot, "savefig"):
        raise UserErrorException(f"log_image: a plot is a figure of matplotlib or its pyplot module, not {type(plot).__name__}")
    picture = io.BytesIO()
    plot.savefig(picture, format="png")
    picture.seek(0)
    return picture
