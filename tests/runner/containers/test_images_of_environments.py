"""Images of environments: named, from a Dockerfile, and with packages on top. Against a real engine."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker_engine import HOST, IMAGE, need_engine, settings

from stepwell_runner.containers.provide import made_images, short
from stepwell_runner.environments.identity import identify
from stepwell_runner.environments.provide import Provided, provide_image
from stepwell_runner.graph.model import Dockerfile, EnvironmentSpec, Image, Packages
from stepwell_store.errors import MachineError, UsageError

pytestmark = pytest.mark.usefixtures("_engine")


@pytest.fixture(scope="module")
def _engine() -> None:
    need_engine()


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    found = docker.DockerClient(base_url=HOST)
    yield found
    found.close()


class Made:
    """Environments made in a workspace's folders, and what was said meanwhile."""

    def __init__(self, folder: Path) -> None:
        self.envs, self.cache = folder / "envs", folder / "cache"
        self.said: list[str] = []

    def __call__(self, spec: EnvironmentSpec, **more: str) -> Provided:
        return provide_image(spec, settings(**more), str(self.envs), str(self.cache), self.said.append)

    def identity(self, spec: EnvironmentSpec, **more: str) -> str:
        return identify(spec, str(self.cache), settings(**more)).digest


@pytest.fixture
def made(tmp_path: Path, client: docker.DockerClient) -> Iterator[Made]:
    """What it made, and nothing of other tests that run at the same time, is gone afterwards."""
    found = Made(tmp_path / "home")
    yield found
    for note in made_images(str(found.envs)):
        client.images.remove(note.tag, force=True)


def run(client: docker.DockerClient, image: str | None, *command: str) -> str:
    assert image is not None
    return client.containers.run(image, list(command), network_mode="none", remove=True).decode()


def test_an_image_by_name_is_known_by_what_it_is(made: Made, client: docker.DockerClient) -> None:
    found = made(Image(reference=IMAGE))
    assert (found.image, found.python) == (client.images.get(IMAGE).id, "/usr/bin/python3")
    assert made.identity(Image(reference=IMAGE)) != made.identity(Image(reference=IMAGE, python="/usr/bin/python3.11"))
    client.images.get(IMAGE).tag("stepwell-test", "moving")
    before = made.identity(Image(reference="stepwell-test:moving"))
    client.images.build(fileobj=_dockerfile("FROM " + IMAGE + "\nENV A=1\n"), tag="stepwell-test:moving", network_mode="none")
    assert made.identity(Image(reference="stepwell-test:moving")) != before


def _dockerfile(text: str) -> object:
    import io

    return io.BytesIO(text.encode())


def test_an_image_that_is_nowhere_is_told(made: Made) -> None:
    with pytest.raises(MachineError, match="pull=missing"):
        made(Image(reference="stepwell-test:nowhere"), pull="never")
    with pytest.raises(MachineError, match=r"stepwell-test-nowhere.* cannot be fetched"):
        made(Image(reference="localhost:1/stepwell-test-nowhere:1"))
    assert made.said == ["fetching the image localhost:1/stepwell-test-nowhere:1"]
    with pytest.raises(UsageError, match="no name of an image"):
        made(Image(reference="Not A Name"))


DOCKERFILE = f"""\
FROM {IMAGE}
ARG WORD=none
COPY greeting.txt /greeting.txt
RUN echo "$WORD" >> /greeting.txt
"""


@pytest.fixture
def context(tmp_path: Path) -> Path:
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / ".dockerignore").write_text("*.big\n")
    (folder / "greeting.txt").write_text("hello\n")
    (folder / "data.big").write_text("x")
    return folder


def test_a_dockerfile_is_built_once_and_known_by_its_recipe(made: Made, context: Path, client: docker.DockerClient) -> None:
    spec = Dockerfile(context=str(context), arguments=(("WORD", "world"),))
    before = made.identity(spec)
    first = made(spec)
    assert run(client, first.image, "cat", "/greeting.txt").split() == ["hello", "world"]
    assert made.identity(spec) == before
    steps = len(made.said)
    assert steps > 1
    assert made(spec) == first
    assert len(made.said) == steps
    assert "COPY greeting.txt" in (made.envs / f"{short(before)}.log").read_text()
    (note,) = made_images(str(made.envs))
    assert (note.image, note.tag, note.digest) == (first.image, f"stepwell/env:{short(before)}", before)


def test_what_belongs_to_a_dockerfile_counts_and_nothing_else(made: Made, context: Path) -> None:
    def identity(**changes: object) -> str:
        return made.identity(Dockerfile(**{"context": str(context), **changes}))

    before = identity()
    (context / "data.big").write_text("ignored")
    assert identity() == before
    assert identity(path=str(context / "Dockerfile")) == before
    assert len({before, identity(arguments=(("WORD", "x"),)), identity(stage="made"), identity(text="FROM scratch")}) == 4
    (context / "greeting.txt").write_text("hi\n")
    assert identity() != before


def test_a_build_that_fails_says_what_the_engine_said(made: Made) -> None:
    spec = Dockerfile(text=f"FROM {IMAGE}\nRUN echo on the way && exit 7\n")
    with pytest.raises(UsageError, match="could not be built") as caught:
        made(spec)
    assert "on the way" in str(caught.value)
    assert "exit 7" in str(caught.value)
    assert str(made.envs) in str(caught.value)


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A package of one module, which prints where it is, with a command of its own."""
    path = tmp_path / "greeter-1.0-py3-none-any.whl"
    metadata = "Metadata-Version: 2.1\nName: greeter\nVersion: 1.0\n"
    tags = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    entry = "[console_scripts]\ngreet = greeter:main\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("greeter.py", "def main():\n    print('hello from', __file__)\n")
        archive.writestr("greeter-1.0.dist-info/METADATA", metadata)
        archive.writestr("greeter-1.0.dist-info/WHEEL", tags)
        archive.writestr("greeter-1.0.dist-info/entry_points.txt", entry)
        archive.writestr("greeter-1.0.dist-info/RECORD", "")
    return path


def test_packages_come_on_top_of_an_image_without_pip_or_network(made: Made, wheel: Path, client: docker.DockerClient,
                                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_INDEX_URL", "https://user:hunter2-the-secret@packages.invalid/simple")
    spec = Packages(requirements=(str(wheel),), image=Image(reference=IMAGE))
    found = made(spec, build_network="none")
    assert found.python == "/opt/stepwell/env/bin/python"
    assert run(client, found.image, "greet").startswith("hello from /opt/stepwell/env/lib/python3")
    assert made(spec, build_network="none") == found
    assert found.variables["PATH"].startswith("/opt/stepwell/env/bin:")
    assert client.images.get(found.image).labels["io.stepwell.environment"] == made.identity(spec)
    # What was known of the index went with the stage that needed it.
    assert client.images.list(filters={"dangling": True, "label": f"io.stepwell.stage={short(made.identity(spec))}"}) == []
    assert "hunter2" not in str(client.images.get(found.image).history())
    assert run(client, found.image, "sh", "-c", "ls /stepwell-build 2>&1 || true").strip().endswith("No such file or directory")


def test_packages_and_image_both_count(made: Made, wheel: Path, client: docker.DockerClient) -> None:
    base = Image(reference=IMAGE)
    client.images.build(fileobj=_dockerfile("FROM " + IMAGE + "\nENV B=1\n"), tag="stepwell-test:second", network_mode="none")
    specs = [Packages(requirements=(str(wheel),), image=base), Packages(requirements=(), image=base),
             Packages(requirements=(str(wheel),), image=Image(reference="stepwell-test:second")),
             Packages(requirements=(str(wheel),), image=Dockerfile(text=f"FROM {IMAGE}\n")),
             Packages(requirements=(str(wheel),), image=base, python="3.12"), Packages(requirements=(str(wheel),))]
    assert len({made.identity(spec) for spec in specs}) == len(specs)
