"""Archives of classes that Java machines have loaded: the next one with the same classes starts in a third of the time.

They are kept per user, since they go with the Java and the Spark of the machine, and may be removed at any time.
"""

from __future__ import annotations

import os
from contextlib import suppress

from blake3 import blake3

from stepwell_runner.targets.spark.java import Java
from stepwell_store.files import make_dir


class Archive:
    """The archive for one way of starting Java: read when it is there, else made when the machine ends. `path` None is none at all."""

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._is_there = path is not None and os.path.exists(path)
        self._new = None if path is None or self._is_there else f"{path}.{os.getpid()}.{id(self):x}"

    @property
    def options(self) -> tuple[str, ...]:
        """What Java is told."""
        if self._is_there:
            return (f"-XX:SharedArchiveFile={self._path}", "-Xshare:auto", "-Xlog:disable", "-Xlog:all=off")
        if self._new is not None:
            return (f"-XX:ArchiveClassesAtExit={self._new}", "-Xlog:disable", "-Xlog:all=off")
        return ()

    def keep(self, good: bool) -> None:
        """Once the machine has ended: keep what it left, for all that come, or remove it."""
        if self._new is None or self._path is None:
            return
        with suppress(FileNotFoundError):
            if good:
                os.replace(self._new, self._path)
            else:
                os.unlink(self._new)


def archive_for(java: Java, spark_home: str, conf: tuple[tuple[str, str], ...], folder: str) -> Archive:
    """The archive of this Java with this Spark; none where Java cannot have any."""
    if not java.has_archive:
        return Archive(None)
    make_dir(folder)
    ages = [os.path.getmtime(os.path.join(java.home, "release")), os.path.getmtime(os.path.join(spark_home, "jars"))]
    stamp = [java.home, spark_home, *ages, *[one for one in conf if one[0] != "spark.driver.memory"]]
    return Archive(os.path.join(folder, f"classes-{blake3(repr(stamp).encode()).hexdigest()[:16]}.jsa"))


def cache_folder() -> str:
    """Where this user's archives are."""
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "stepwell", "spark")
