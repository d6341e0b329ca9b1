"""Files of a dataset below one folder, as links, for as long as they are wanted."""

from __future__ import annotations

import os


class Mounted:
    """A folder that `start` fills and `stop` empties. `mount_point` is where it is."""

    def __init__(self, named: list[tuple[str, str]], mount_point: str | None) -> None:
        self._named = named
        self._own = mount_point is None
        self._given = mount_point
        self._point: str | None = None

    @property
    def mount_point(self) -> str:
        """The folder; the same all the time."""
        if self._point is None:
            import tempfile

            self._point = tempfile.mkdtemp() if self._given is None else os.path.abspath(os.fspath(self._given))
        return self._point

    def start(self) -> Mounted:
        """Put the files there; itself."""
        for name, path in self._named:
            target = os.path.join(self.mount_point, name.lstrip("/"))
            os.makedirs(os.path.dirname(target), exist_ok=True)
            if not os.path.lexists(target):
                os.symlink(path, target)
        return self

    def stop(self) -> None:
        """Take them away."""
        for name, _ in self._named:
            target = os.path.join(self.mount_point, name.lstrip("/"))
            if os.path.islink(target):
                os.unlink(target)
        if self._own:
            import shutil

            shutil.rmtree(self.mount_point, ignore_errors=True)

    def __enter__(self) -> Mounted:  # noqa: PYI034  (Python 3.8 has no Self)
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
