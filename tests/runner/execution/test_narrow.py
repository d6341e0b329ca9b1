"""Which files of a folder a script needs: found by reading it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from stepwell_runner.execution.narrow import named_by, narrowed
from stepwell_runner.graph.model import Joined, OutputRef, Step, Text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "train.py": "import helper\nfrom package import part, name\nimport json, numpy\n",
        "helper.py": "def f():\n    import deep.inner as other\n",
        "package/__init__.py": "from . import sibling\n",
        "package/part.py": "from ..unused import x\nfrom .sub.leaf import y\n",
        "package/sibling.py": "",
        "package/sub/__init__.py": "",
        "package/sub/leaf.py": "import helper\n",
        "package/other.py": "",
        "deep/inner.py": "import train\n",
        "unused.py": "",
        "alone.py": "",
        "sub/script.py": "import beside\nimport helper\n",
        "sub/beside.py": "",
        "broken.py": "def (:\n",
        "notes.txt": "import alone",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


PACKAGE = ("package/__init__.py", "package/part.py", "package/sibling.py", "package/sub/__init__.py", "package/sub/leaf.py")


def test_a_script_with_the_modules_that_it_imports_and_theirs(folder: Path) -> None:
    assert set(narrowed(str(folder), ("train.py",), ())) == {"train.py", "helper.py", "deep/inner.py", "unused.py", *PACKAGE}


def test_a_script_in_a_subfolder_finds_what_is_beside_it_and_above(folder: Path) -> None:
    assert set(narrowed(str(folder), ("sub/script.py",), ())) == {"sub/script.py", "sub/beside.py", "helper.py", "deep/inner.py",
                                                               "train.py", "unused.py", *PACKAGE}


@pytest.mark.parametrize("script", ["alone.py", "./alone.py", "sub/../alone.py"])
def test_a_script_alone_with_what_the_author_includes(folder: Path, script: str) -> None:
    assert narrowed(str(folder), (script,), ("data/*.csv", "alone.py")) == ("alone.py", "data/*.csv")


@pytest.mark.parametrize("script", ["broken.py", "notes.txt"])
def test_what_cannot_be_read_as_python_belongs_to_itself_only(folder: Path, script: str) -> None:
    assert narrowed(str(folder), (script,), ()) == (script,)


@pytest.mark.parametrize("name", ["missing.py", "", ".", "..", "/etc/passwd", "../alone.py", "a\0b", "x" * 5000])
def test_a_name_of_nothing_in_the_folder_is_passed_over(folder: Path, name: str) -> None:
    assert narrowed(str(folder / "sub"), (name,), ()) == ()


def test_files_and_folders_that_a_script_names_belong_to_it(folder: Path) -> None:
    (folder / "sub/settings.yml").write_text("rate: 1")
    (folder / "tables").mkdir()
    (folder / "reads.py").write_text("open('sub/settings.yml'); f'{tables}'; path.join('tables', x); run(['python', 'alone.py'])")
    assert narrowed(str(folder), ("reads.py",), ()) == ("alone.py", "reads.py", "sub/settings.yml", "tables")
    (folder / "sub/reads.py").write_text("open('settings.yml')")
    assert narrowed(str(folder), ("sub/reads.py",), ()) == ("sub/reads.py", "sub/settings.yml")


def test_a_shell_script_brings_the_scripts_that_it_starts(folder: Path) -> None:
    (folder / "all.sh").write_text("set -e\npython alone.py --in=sub/beside.py && cat 'notes.txt'\n")
    assert narrowed(str(folder), ("all.sh",), ()) == ("all.sh", "alone.py", "notes.txt", "sub/beside.py")


def test_a_command_names_what_stands_in_it(folder: Path) -> None:
    line = Joined((Text("cd sub; python 'alone.py' --to="), OutputRef("made"), Text(" && cat notes.txt")))
    step = Step(key="a", name="a", kind="k", command=(Text("sh"), Text("-c"), line))
    assert named_by(step) == ("sh", "-c", "cd", "sub", "python", "alone.py", "--to", "cat", "notes.txt")
    assert named_by(msgspec.structs.replace(step, script="train.py")) == ("train.py",)


def test_a_module_that_hides_in_a_string_or_a_zero_byte_is_harmless(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"import b\0\n")
    assert narrowed(str(tmp_path), ("a.py",), ()) == ("a.py",)


def test_a_star_import_and_a_dotted_import_bring_the_package(folder: Path) -> None:
    (folder / "star.py").write_text("from package.sub.leaf import *\nimport package.other\n")
    assert {"package/sub/leaf.py", "package/sub/__init__.py", "package/__init__.py", "package/other.py"} <= set(
        narrowed(str(folder), ("star.py",), ()))
