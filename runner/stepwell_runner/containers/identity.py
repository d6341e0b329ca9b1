"""What an image is, as facts: by digest or id where there is one, by its recipe where it has yet to be made.

An image that was made from a recipe keeps the recipe's identity. So does one that was fetched: what was planned before the image
was here is what the result is kept under afterwards.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from stepwell_runner.containers.client import engine
from stepwell_runner.containers.context import digest_of, pieces_of
from stepwell_runner.containers.images import find
from stepwell_runner.graph.model import Dockerfile, Image
from stepwell_store.content.digest import digest_bytes
from stepwell_store.errors import MachineError
from stepwell_store.files import make_dir, write_atomic

Facts = dict[str, str]


def facts(spec: Image | Dockerfile, settings: Mapping[str, str], cache: str) -> Facts:
    """The facts of an image. No engine is needed for one that is named by digest or built from a Dockerfile."""
    found = _dockerfile_facts(spec) if isinstance(spec, Dockerfile) else _image_facts(spec, settings, cache)
    return found | ({"interpreter": spec.python} if spec.python else {})


def _image_facts(spec: Image, settings: Mapping[str, str], cache: str) -> Facts:
    named = {"kind": "image", "image": spec.reference}
    if "@" in spec.reference:
        return named
    content = _content(spec.reference, settings)
    return named if content is None or content == fetched(spec.reference, cache) else {**named, "content": content}


def _content(reference: str, settings: Mapping[str, str]) -> str | None:
    try:
        return find(engine(settings), reference)
    except MachineError:  # a plan can be made without an engine; who runs it will be told
        return None


def _dockerfile_facts(spec: Dockerfile) -> Facts:
    name, pieces = pieces_of(spec)
    own = [piece for piece in pieces if piece.name == name]
    rest = [piece for piece in pieces if piece.name != name]
    found = {"kind": "dockerfile", "dockerfile": digest_of(own)}
    if rest:
        found["context"] = digest_of(rest)
    if spec.stage:
        found["stage"] = spec.stage
    return found | {f"argument {name}": value for name, value in spec.arguments}


def fetched(reference: str, cache: str) -> str | None:
    """The id of the image that was fetched when a plan first knew only its name; None when none was."""
    try:
        with open(_fetched_path(reference, cache), encoding="ascii") as file:
            return file.read()
    except OSError:
        return None


def remember_fetched(reference: str, image: str, cache: str) -> None:
    """Note the id of an image that was not here when the plan was made."""
    path = _fetched_path(reference, cache)
    make_dir(os.path.dirname(path))
    write_atomic(path, image.encode("ascii"), durable=False)


def _fetched_path(reference: str, cache: str) -> str:
    return os.path.join(cache, "images", "fetched", digest_bytes(reference.encode()).partition(":")[2])
