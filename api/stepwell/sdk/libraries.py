"""Libraries that a cluster is asked to install."""

from __future__ import annotations

from typing import Any


class Library:
    """Base of the libraries; equal when they say the same."""

    def facts(self) -> dict[str, Any]:
        """What it says, by name."""
        return dict(vars(self))

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class PyPiLibrary(Library):
    """A package from a Python index."""

    def __init__(self, package: str | None = None, repo: str | None = None) -> None:
        self.package, self.repo = package, repo


class MavenLibrary(Library):
    """A package by Maven coordinates, such as `org.jsoup:jsoup:1.7.2`."""

    def __init__(self, coordinates: str | None = None, repo: str | None = None, exclusions: list[str] | None = None) -> None:
        self.coordinates, self.repo, self.exclusions = coordinates, repo, list(exclusions or ())


class RCranLibrary(Library):
    """A package of R."""

    def __init__(self, package: str | None = None, repo: str | None = None) -> None:
        self.package, self.repo = package, repo


class EggLibrary(Library):
    """A Python egg by its path."""

    def __init__(self, library: str | None = None) -> None:
        self.library = library


class JarLibrary(Library):
    """A jar by its path."""

    def __init__(self, library: str | None = None) -> None:
        self.library = library
