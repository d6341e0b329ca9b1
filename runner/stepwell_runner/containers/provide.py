"""An image for a step: one that the engine has, one that is fetched, or one that is built once and kept under its recipe's digest."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Mapping

import msgspec

from stepwell_runner.containers import recipe
from stepwell_runner.containers.client import Engine, engine, explained
from stepwell_runner.containers.context import Piece, packed, pieces_of
from stepwell_runner.containers.identity import remember_fetched
from stepwell_runner.containers.images import Inside, Progress, build, fetch, find, look
from stepwell_runner.graph.model import Dockerfile, Image, Packages
from stepwell_store.errors import MachineError, UsageError
from stepwell_store.files import FileLock, make_dir, write_atomic
from stepwell_store.files import explained as files_explained

REPOSITORY = "stepwell/env"
LABEL = "io.stepwell.environment"
NOTE = ".image.json"
_WAIT_S = 3600.0

Making = Callable[[str, str], str]
"""From a tag and the path of a log to the id of the image that was made."""


class Built(msgspec.Struct, frozen=True):
    """An image that is ready, and what is in it."""

    image: str
    inside: Inside


class MadeImage(msgspec.Struct, frozen=True, kw_only=True):
    """An image that was built here, as it is noted beside the log of its build: `<key>.image.json`. `size` in bytes."""

    image: str
    tag: str
    where: str
    digest: str
    words: str
    requirements: tuple[str, ...]
    made_at: float
    size: int


def made_images(envs: str) -> list[MadeImage]:
    """The images that were built for a workspace, the newest first. Whether an engine still has them is not asked."""
    found = []
    for entry in os.scandir(envs) if os.path.isdir(envs) else ():
        if entry.name.endswith(NOTE):
            with contextlib.suppress(OSError, msgspec.MsgspecError), open(entry.path, "rb") as file:
                found.append(msgspec.json.decode(file.read(), type=MadeImage))
    return sorted(found, key=lambda one: -one.made_at)


def note_of(envs: str, digest: str) -> str:
    """The file that notes an image of this digest."""
    return os.path.join(envs, f"{short(digest)}{NOTE}")


class Maker:
    """Makes images on an engine. `envs` keeps logs and locks of builds, `cache` what images have answered."""

    def __init__(self, settings: Mapping[str, str], envs: str, cache: str, progress: Progress) -> None:
        self._settings = settings
        self._engine: Engine = engine(settings)
        self._envs = envs
        self._cache = cache
        self._progress = progress

    def image(self, spec: Image) -> Built:
        """One that exists; fetched when the engine does not have it, unless the target's settings say never."""
        found = find(self._engine, spec.reference)
        if found is None:
            if self._settings.get("pull") == "never":
                raise MachineError(f"the image {spec.reference} is not on the engine at {self._engine.where}",
                                   todo="load it, or let it be fetched: pull=missing in the settings of the compute target")
            found = fetch(self._engine, spec.reference, self._progress)
            remember_fetched(spec.reference, found, self._cache)
        return self._looked_at(found, spec.python)

    def dockerfile(self, spec: Dockerfile, digest: str) -> Built:
        """One that is built from a Dockerfile, under the digest of all that it is made of."""
        found = self._made(digest, "image of a Dockerfile", (), lambda tag, log: self._build_dockerfile(spec, digest, tag, log))
        return self._looked_at(found, spec.python)

    def packages(self, spec: Packages, base: Built, digest: str) -> Built:
        """One with packages on top of another."""
        assert spec.image is not None
        below = spec.image.reference if isinstance(spec.image, Image) else "a Dockerfile"
        words = f"packages on {below}"
        found = self._made(digest, words, spec.requirements, lambda tag, log: self._build_packages(spec, base, digest, tag, log))
        return self._looked_at(found, f"{recipe.HOME}/bin/python")

    def _looked_at(self, image: str, python: str | None) -> Built:
        return Built(image, look(self._engine, image, self._cache, python))

    def _made(self, digest: str, words: str, requirements: tuple[str, ...], make: Making) -> str:
        """The image under this digest, which another workspace may have built; noted in this one."""
        tag = f"{REPOSITORY}:{short(digest)}"
        found = find(self._engine, tag)
        home = os.path.join(self._envs, short(digest))
        if found is None:
            with files_explained("making an image", self._envs):
                make_dir(self._envs)
                with self._taken(FileLock(f"{home}.lock")):
                    found = find(self._engine, tag) or make(tag, f"{home}.log")
        if not os.path.exists(note_of(self._envs, digest)):
            self._note(found, tag, digest, words, requirements)
        return found

    def _note(self, image: str, tag: str, digest: str, words: str, requirements: tuple[str, ...]) -> None:
        with explained(self._engine.where):
            size = int(self._engine.client.images.get(image).attrs.get("Size") or 0)
        make_dir(self._envs)
        note = MadeImage(image=image, tag=tag, where=self._engine.where, digest=digest, words=words, requirements=requirements,
                         made_at=time.time(), size=size)
        write_atomic(note_of(self._envs, digest), msgspec.json.encode(note), durable=False)

    def _taken(self, lock: FileLock) -> FileLock:
        if not lock.try_acquire():
            self._progress("waiting for another process that makes the same image")
            lock.acquire(_WAIT_S)
        return lock

    def _build_dockerfile(self, spec: Dockerfile, digest: str, tag: str, log: str) -> str:
        name, pieces = pieces_of(spec)
        self._progress(f"building an image from {spec.path or 'a Dockerfile'} (log: {log})")
        with packed(pieces) as context:
            return build(self._engine, context, tag=tag, log=log, progress=self._progress, labels={LABEL: digest}, dockerfile=name,
                         stage=spec.stage, network=self._settings.get("build_network"), arguments=dict(spec.arguments))

    def _build_packages(self, spec: Packages, base: Built, digest: str, tag: str, log: str) -> str:
        from uv import find_uv_bin

        python = spec.python or base.inside.python
        if python is None:
            raise UsageError("the base image of an environment has no Python, and the environment names no version",
                             todo="take an image with Python, or name a version for uv to fetch")
        text = recipe.dockerfile(base.image, python, short(digest), base.inside.variables.get("PATH"))
        pieces = [Piece("Dockerfile", text.encode()), *recipe.pieces(spec, os.environ, find_uv_bin())]
        self._progress(f"making an image with {len(spec.requirements)} requirements (log: {log})")
        try:
            with packed(pieces) as context:
                return build(self._engine, context, tag=tag, log=log, progress=self._progress, labels={LABEL: digest},
                             network=self._settings.get("build_network"))
        finally:
            self._drop_stage(short(digest))

    def _drop_stage(self, digest: str) -> None:
        """Remove what the first stage left: it knows the package index, with its password if it has one."""
        with explained(self._engine.where):
            self._engine.client.images.prune(filters={"dangling": True, "label": [f"{recipe.STAGE_LABEL}={digest}"]})


def short(digest: str) -> str:
    """The first characters of a digest, as folders, logs and tags of environments have them."""
    return digest.partition(":")[2][:20]
