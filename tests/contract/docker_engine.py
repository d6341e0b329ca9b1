"""The engine that tests of containers run against, and the image that is there.

Continuous integration starts one of its own (`.ci/engine`) and says where it is; there a missing engine is a failure. Elsewhere the
tests are skipped with the reason. To run them by hand, as root: `eval "$(.ci/engine start /tmp/engine)"`.
"""

from __future__ import annotations

import functools
import os

import pytest

HOST = os.environ.get("STEPWELL_TEST_DOCKER_HOST", "")
IMAGE = os.environ.get("STEPWELL_TEST_DOCKER_IMAGE", "")


@functools.cache
def why_not() -> str:
    """Why no container can be run here; empty when one can."""
    if not HOST:
        return "no container engine was named: see tests/contract/docker_engine.py"
    import docker

    try:
        docker.DockerClient(base_url=HOST, timeout=10).images.get(IMAGE)
    except (docker.errors.DockerException, OSError) as error:
        return f"the container engine at {HOST} does not answer, or has no image {IMAGE}: {error}"
    return ""


def need_engine() -> None:
    """Skip the test where there is no engine, with the reason; in continuous integration that is a failure."""
    reason = why_not()
    if reason and os.environ.get("CI"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


def settings(**more: str) -> dict[str, str]:
    """The settings of a target on that engine."""
    return {"host": HOST, "image": IMAGE, "build_network": "host", **more}
