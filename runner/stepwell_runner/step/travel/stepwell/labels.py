"""Tags, which may change, and properties, which never do. Keys and values are text."""

from __future__ import annotations

from typing import Any

from stepwell import wire
from stepwell.errors import UserErrorException
from stepwell.recorder import Recorder


class Labels:
    """The tag and property methods of a run."""

    _recorder: Recorder

    def tag(self, key: str, value: Any = None) -> None:
        """Set a tag."""
        self._recorder.send("tag", key=self._recorder.named(key), value=_words(value))

    def set_tags(self, tags: dict[str, Any]) -> None:
        """Set several tags."""
        for key, value in tags.items():
            self.tag(key, value)

    def get_tags(self) -> dict[str, str]:
        """The tags that the run started with, and those that this step set since."""
        start = {} if self._recorder.prefix else self._recorder.facts.get("tags") or {}
        return {**start, **self._pairs("tag")}

    @property
    def tags(self) -> dict[str, str]:
        """The same as `get_tags()`."""
        return self.get_tags()

    def add_properties(self, properties: dict[str, Any]) -> None:
        """Set properties. UserErrorException, and none is set, when a key has another value already."""
        known = self.get_properties()
        for key, value in properties.items():
            if known.get(str(key), _words(value)) != _words(value):
                raise UserErrorException(f"property {key!r} is {known[str(key)]!r} and cannot be changed")
        for key, value in properties.items():
            self._recorder.send("property", key=self._recorder.named(key), value=_words(value))

    def get_properties(self) -> dict[str, str]:
        """The properties that this step set."""
        return self._pairs("property")

    @property
    def properties(self) -> dict[str, str]:
        """The same as `get_properties()`."""
        return self.get_properties()

    def _pairs(self, kind: str) -> dict[str, str]:
        return {report["key"]: report["value"] for report in self._recorder.sent(kind, "key")}


def _words(value: Any) -> str:
    return "" if value is None else wire.text(value)
