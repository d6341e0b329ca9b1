"""The target `docker`: the contract, and what is its own. All against a real engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from docker_engine import need_engine, settings
from target_contract import TargetContract

from stepwell_runner.targets.docker import DockerTarget
from stepwell_runner.targets.registry import TargetSpec


@pytest.fixture(autouse=True)
def _engine() -> None:
    need_engine()


def spec(**more: str) -> TargetSpec:
    return TargetSpec(name="docker", kind="docker", home="/nowhere/.stepwell", settings=settings(**more))


class TestDockerTarget(TargetContract):
    @pytest.fixture
    def target(self) -> Iterator[DockerTarget]:
        return DockerTarget(spec(), grace_s=1000.0)

    @pytest.fixture
    def hasty_target(self) -> DockerTarget:
        return DockerTarget(spec(), grace_s=0.05)
