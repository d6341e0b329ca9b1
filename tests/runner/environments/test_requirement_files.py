"""requirements.txt and conda files as environments."""

from __future__ import annotations

import pytest

from stepwell_runner.environments.conda import parse_conda, read_conda
from stepwell_runner.environments.requirements import read_requirements
from stepwell_runner.graph.model import Packages
from stepwell_store.errors import UsageError


def test_a_requirements_file_with_everything(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "more.txt").write_text("./pkg\n-e ../other\nlocal.whl\n-c limits.txt\n-f https://host/x\n")
    (tmp_path / "r.txt").write_bytes(
        b"\xef\xbb\xbf# all\nnumpy==1.0 \\\n  --hash=sha256:aa\r\npandas # why\n\n-r sub/more.txt\n"
        b"--index-url https://host/simple#frag\n"
    )
    assert read_requirements(str(tmp_path / "r.txt")) == (
        "numpy==1.0    --hash=sha256:aa", "pandas", f"{tmp_path}/sub/pkg", f"-e {tmp_path}/other", f"{tmp_path}/sub/local.whl",
        f"-c {tmp_path}/sub/limits.txt", "-f https://host/x", "--index-url https://host/simple#frag",
    )  # fmt: skip


UNREADABLE = [(b"-r r.txt", "includes itself"), (b"\xff\xfe", "UTF-8"), (b"#" * 2**21, "larger"), (b"-r gone.txt", "No such file")]


@pytest.mark.parametrize(("content", "words"), UNREADABLE)
def test_a_requirements_file_that_cannot_be_read(tmp_path, content, words):
    (tmp_path / "r.txt").write_bytes(content)
    with pytest.raises(UsageError, match=words):
        read_requirements(str(tmp_path / "r.txt"))


def test_a_conda_file_with_everything(tmp_path):
    (tmp_path / "env.yml").write_text(
        """
name: trial
channels: [conda-forge, defaults]
dependencies:
  - python=3.8.13
  - pip=22
  - numpy
  - scipy=1.10
  - conda-forge::Pandas==1.5.3
  - scikit-learn=1.2.2=py38_0
  - joblib>=1.0, <2
  - pytorch 2.1.*
  - pip:
      - azure-thing==1.0
      - -r more.txt
"""
    )
    (tmp_path / "more.txt").write_text("./local\n")
    assert read_conda(str(tmp_path / "env.yml")) == Packages(
        requirements=("numpy", "scipy==1.10.*", "pandas==1.5.3", "scikit-learn==1.2.2", "joblib>=1.0,<2", "torch==2.1.*",
                      "azure-thing==1.0", f"{tmp_path}/local"),
        python="3.8.13", name="trial",
    )  # fmt: skip


PYTHONS = [("python", None), ("python=3.9", "3.9"), ("python==3.9.1", "3.9.1"), ("python 3.9.*", "3.9"),
           ("python>=3.9, <3.12", ">=3.9,<3.12"), ("defaults::python=3.8=h1_0", "3.8")]  # fmt: skip


@pytest.mark.parametrize(("spec", "version"), PYTHONS)
def test_the_python_of_a_conda_file(spec, version):
    assert parse_conda(f"dependencies: ['{spec}']", "/x/env.yml") == Packages(requirements=(), python=version)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "no YAML"),
        ("- a", "no list"),
        ("dependencies: text", "no list"),
        ("dependencies: [r-caret]", "no Python package"),
        ("dependencies: ['numpy=1.0|2.0']", "no pip counterpart"),
        ("dependencies: [3]", "cannot be read"),
        ("dependencies: [{pip: text}]", "list of texts"),
        ("dependencies: [{other: []}]", "list of texts"),
        ("!!python/object/apply:os.system ['true']", "no YAML"),
        ("- " * 2_000, "no YAML"),
    ],
)
def test_a_conda_file_that_pip_cannot_serve(text, words):
    with pytest.raises(UsageError, match=words) as raised:
        parse_conda(text, "/x/env.yml")
    assert raised.value.where == "/x/env.yml"


def test_libraries_are_left_out_and_programs_are_taken_from_the_machine(tmp_path, monkeypatch):
    """As an exported conda file has them."""
    native = ["_libgcc_mutex=0.1=main", "cudatoolkit=11.3", "pytorch-cuda=11.7", "openssl=1.1.1n=h7f8727e_0", "ld_impl_linux-64=2.35.1",
              "libgcc-ng", "conda-forge::jq", "pytorch-mutex=1.0=cuda"]  # fmt: skip
    text = f"dependencies: {[*native, 'librosa=0.9', 'torchvision']}"
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="'conda-forge::jq'"):
        parse_conda(text, "/x/env.yml")
    (tmp_path / "jq").write_text("#!/bin/sh\n")
    (tmp_path / "jq").chmod(0o755)
    assert parse_conda(text, "/x/env.yml").requirements == ("librosa==0.9.*", "torchvision")


def test_an_empty_conda_file_is_an_empty_environment():
    assert parse_conda("dependencies:", "/x/env.yml") == parse_conda("channels: []", "/x/env.yml") == Packages(requirements=())
