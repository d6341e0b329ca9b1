"""Ignore rules agree with Git; secrets are found by name; a selection narrows."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stepwell_store.content.ignore import Judge, Rules, Selection, is_secret, read_rules
from stepwell_store.content.walk import walk

NO_CONFIG = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}

segments = st.sampled_from(["a", "b", "ab", "*", "?", "**", "*b", "a*", "[ab]", "[!a]", "a b", "ä", "\\a"])
patterns = st.builds(
    lambda negated, anchored, parts, folder, end: negated + anchored + "/".join(parts) + folder + end,
    st.sampled_from(["", "", "!"]), st.sampled_from(["", "", "/"]), st.lists(segments, min_size=1, max_size=3),
    st.sampled_from(["", "", "/"]), st.sampled_from(["", "", " ", "\r"]),
)  # fmt: skip
names = st.sampled_from(["a", "b", "ab", "bb", "a b", "ä"])
trees = st.lists(st.lists(names, min_size=1, max_size=4).map("/".join), min_size=1, max_size=8)


def left_out(root: Path, judge: Judge) -> set[str]:
    """The files of a folder that a walk with this judge does not find."""
    every = walk(os.fsencode(root), lambda path: path == b".git/", 1000).paths
    return {os.fsdecode(path) for path in set(every) - set(walk(os.fsencode(root), judge.skip, 1000).paths)}


def ignored_by_git(root: Path) -> set[str]:
    every = walk(os.fsencode(root), lambda path: path == b".git/", 1000).paths
    command = ["git", "-C", root, "check-ignore", "--no-index", "--stdin", "-z"]
    result = subprocess.run(command, input=b"\0".join(every) + b"\0", capture_output=True, env=NO_CONFIG)
    assert result.returncode in (0, 1), result.stderr
    return {os.fsdecode(path) for path in result.stdout.split(b"\0") if path}


def make_files(root: Path, tree: list[str]) -> None:
    for path in tree:
        try:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).touch()
        except OSError:
            continue  # one of the names is both a file and a folder


@settings(max_examples=60, deadline=None)
@given(st.lists(patterns, min_size=1, max_size=4), trees)
@example(["a/**/"], ["a/b/a", "a/b", "a/ab"])
@example(["*", "!a/", "!b"], ["a/b", "a/a", "b"])
@example(["/*", "!/a/"], ["a/b", "b"])
def test_rules_agree_with_git(lines: list[str], tree: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        subprocess.run(["git", "init", "-q", "--template=", folder], check=True, env=NO_CONFIG)
        make_files(root, tree)
        (root / ".gitignore").write_text("\n".join(lines), encoding="utf-8", newline="")
        assert left_out(root, Judge(read_rules(folder), None)) == ignored_by_git(root)


@pytest.mark.parametrize(
    "lines",
    [
        "# comment\n\n*.log\n!keep.log", "\ufeffb", "\\#a\n\\!b", "a\\ ", "[a", "a\\", "/", "!", "***", "a**b", "[[a]",
        "[^[:digit:]_]", "[[:alpha:][:digit:]]", "[[:alpha:]]",
    ],
)  # fmt: skip
def test_odd_lines_agree_with_git(tmp_path: Path, lines: str) -> None:
    subprocess.run(["git", "init", "-q", "--template=", tmp_path], check=True, env=NO_CONFIG)
    make_files(tmp_path, ["a", "b", "ab", "#a", "!b", "a ", "x.log", "keep.log", "[a", "a\\", "c/a", "c/b", "a\nb", "a\t"])
    (tmp_path / ".gitignore").write_text(lines, encoding="utf-8", newline="")
    assert left_out(tmp_path, Judge(read_rules(str(tmp_path)), None)) == ignored_by_git(tmp_path)


def test_only_the_first_rule_file_at_the_top_counts(tmp_path: Path) -> None:
    assert read_rules(str(tmp_path)).file is None
    (tmp_path / ".gitignore").write_text("a")
    assert read_rules(str(tmp_path)).decide(b"a") is True
    (tmp_path / ".amlignore").write_text("b")
    rules = read_rules(str(tmp_path))
    assert (rules.file, rules.decide(b"a"), rules.decide(b"b")) == (".amlignore", None, True)
    assert len({rules.digest, Rules(".gitignore", b"b").digest, Rules(".amlignore", b"a").digest}) == 3


@pytest.mark.parametrize("key", [".git/", "a/__pycache__/", "m.pyc", ".stepwell/", ".ipynb_checkpoints/", "a/.DS_Store", ".venv/"])
def test_some_names_are_never_kept(key: str) -> None:
    judge = Judge(Rules(".amlignore", f"!{key}".encode()), None)
    assert judge.skip(key.encode())
    assert judge.ignored == {key.encode()}


SECRETS = [
    ".env", "a/.env.local", "x.pem", "server.key", "id_rsa", "id_ed25519.bak", ".aws/", "a/.ssh/", ".netrc", ".npmrc", ".pypirc",
    "kubeconfig", "credentials.json", "credentials-prod.json", "service-account.json", "service_account_x.json", "a.pfx", "A.P12",
    ".azureml/auth/", "a/.azureml/auth/", ".azure/", ".git-credentials",
]  # fmt: skip


@pytest.mark.parametrize("key", SECRETS)
def test_a_secret_is_reported_unless_a_rule_speaks_of_it(key: str) -> None:
    assert is_secret(key)
    judge = Judge(Rules(None, b""), None)
    assert judge.skip(key.encode())
    assert judge.secrets == [key]
    ignored, taken = Judge(Rules(".amlignore", key.encode()), None), Judge(Rules(".amlignore", f"!{key}".encode()), None)
    assert (ignored.skip(key.encode()), ignored.secrets) == (True, [])
    assert (taken.skip(key.encode()), taken.secrets) == (False, [])


@pytest.mark.parametrize("key", ["env", ".env.example", "a.env.py", "keys.py", "pem", "aws/", "ssh.md", "credentials.py", ".azureml/"])
def test_ordinary_names_are_no_secrets(key: str) -> None:
    assert not is_secret(key)


def test_a_selection_takes_files_folders_and_globs() -> None:
    selection = Selection(("train.py", "lib/", "conf/*.yaml", "**/*.sql"))
    taken = ["train.py", "lib/a.py", "lib/deep/b.py", "conf/a.yaml", "q.sql", "some/where/q.sql"]
    refused = ["test.py", "library.py", "conf/a.json", "conf/deep/a.yaml", "sub/train.py", "train.python"]
    assert [key for key in taken + refused if selection.takes(key.encode())] == taken
    assert Selection(("src/a.py",)).takes(b"src/")
    assert not Selection(("src/a.py",)).takes(b"data/")


def test_a_secret_outside_the_selection_is_nobodys_business() -> None:
    judge = Judge(Rules(None, b""), Selection(("train.py",)))
    assert judge.skip(b".env")
    assert judge.secrets == []
