"""Trees round-trip whatever files are called, and only canonical bytes are a tree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepwell_store.content.digest import digest_bytes
from stepwell_store.content.trees import Tree, TreeDiff, TreeEntry, decode, diff, encode, make_tree, path_bytes, path_text
from stepwell_store.errors import IntegrityError

names = st.binary(min_size=1, max_size=6).filter(lambda name: name not in (b".", b"..") and not set(name) & {0, ord("/")})
paths = st.lists(names, min_size=1, max_size=4).map(b"/".join).map(path_text)
digests = st.binary(max_size=2).map(digest_bytes)
entries = st.builds(TreeEntry, paths, digests, st.integers(0, 2**63), st.booleans())
trees = st.lists(entries, unique_by=lambda entry: entry.path, max_size=6).map(make_tree)


@given(trees)
def test_a_tree_round_trips(tree: Tree) -> None:
    assert decode(encode(tree)) == tree
    assert tree.digest == digest_bytes(encode(tree))
    assert tree.size == sum(entry.size for entry in tree.entries)


@given(trees, trees)
def test_equal_trees_have_equal_digests_and_others_have_not(one: Tree, other: Tree) -> None:
    assert (one.digest == other.digest) is (one == other)
    assert make_tree(reversed(one.entries)) == one


@given(trees, trees)
def test_a_diff_names_exactly_what_differs(old: Tree, new: Tree) -> None:
    found = diff(old, new)
    before, after = ({entry.path: entry for entry in tree.entries} for tree in (old, new))
    assert set(found.added) == after.keys() - before.keys()
    assert set(found.removed) == before.keys() - after.keys()
    same = {path for path in before.keys() & after.keys() if path not in found.changed}
    assert all((before[path].digest, before[path].executable) == (after[path].digest, after[path].executable) for path in same)
    assert diff(old, old) == TreeDiff((), (), ())


@given(paths)
def test_paths_keep_their_bytes(path: str) -> None:
    assert path_text(path_bytes(path)) == path


entry = encode(Tree((TreeEntry("a/b", digest_bytes(b""), 0),))).removeprefix(b"stepwell tree 1\n")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"stepwell tree 2\n",
        b"stepwell tree 1\n" + entry[:-1],
        b"stepwell tree 1\n" + entry + entry,
        b"stepwell tree 1\n" + entry.replace(b"a/b", b"../b"),
        b"stepwell tree 1\n" + entry.replace(b"a/b", b"/etc/passwd"),
        b"stepwell tree 1\n" + entry.replace(b"a/b", b"a//b"),
        b"stepwell tree 1\n" + entry.replace(b" 0 ", b" 00 "),
        b"stepwell tree 1\n" + entry.replace(b" 0 ", b" x "),
        b"stepwell tree 1\n" + entry.replace(b" - ", b" ? "),
        b"stepwell tree 1\n" + entry.replace(b"blake3", b"\xff"),
        b"stepwell tree 1\nnonsense\0",
        b"stepwell tree 1\n" + entry.replace(b"a/b", b"b") + entry,
    ],
)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(IntegrityError):
        decode(data)
