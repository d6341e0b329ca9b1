"""Which files of a source folder belong to its snapshot: ignore rules, names that never do, and secrets that must not."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable

import msgspec

from stepwell_store.content.digest import digest_parts
from stepwell_store.content.trees import path_bytes, path_text

RULE_FILES = (".amlignore", ".gitignore")
"""The first of these at the top of the folder counts, alone; those in folders below are not read."""

NEVER = frozenset(
    (
        ".git", ".hg", ".svn", ".stepwell", "__pycache__", ".ipynb_checkpoints", ".DS_Store", ".venv", ".mypy_cache",
        ".pytest_cache", ".ruff_cache", ".tox", ".nox", ".hypothesis", ".idea", ".vscode", "Thumbs.db",
    )
)  # fmt: skip
"""Names of files and folders that are always left out, as are compiled Python files."""

_COMPILED = (".pyc", ".pyo")

_PRIVATE_NAME = (
    r"\.env(\.(?!(example|sample|template|dist)$).+)?|.+\.(pem|key|pfx|p12|ppk|jks|keystore|kubeconfig)"
    r"|id_(rsa|dsa|ecdsa|ed25519).*|\.netrc|_netrc|\.npmrc|\.pypirc|\.pgpass|\.git-credentials|\.s3cfg|\.boto|\.dockercfg"
    r"|kubeconfig|credentials.*\.json|service[-_]account.*\.json|accessTokens\.json|msal_token_cache.*"
    r"|(\.aws|\.ssh|\.gnupg|\.kube|\.azure)/"
)
_CLASSES = {
    b"alpha": b"a-zA-Z", b"digit": b"0-9", b"alnum": b"a-zA-Z0-9", b"lower": b"a-z", b"upper": b"A-Z", b"xdigit": b"0-9a-fA-F",
    b"space": b" \t\n\r\f\v", b"blank": b" \t",
}  # fmt: skip

_PRIVATE_PATH = r"(.*/)?(\.azureml/auth/|\.docker/config\.json)"


class Rule(msgspec.Struct, frozen=True):
    """One line of an ignore file: a search for it in a path, whether it leaves out or takes back in, and if for folders only."""

    found: Callable[[bytes], object]
    ignores: bool
    folders_only: bool


class Rules:
    """The ignore rules of one folder. They are compiled when the first path is judged, which costs an import."""

    def __init__(self, file: str | None, text: bytes) -> None:
        self.file = file
        self.digest = digest_parts("stepwell.ignore.1", [(file or "").encode(), text])
        self._text = text
        self._rules: list[Rule] | None = None

    def decide(self, key: bytes) -> bool | None:
        """Whether the rules leave a path out (True) or take it back in (False); None when they do not speak of it.

        A folder's path ends in `/`. As in Git a path is bytes, so that `?` is half of an `ä`. The folders above it are not
        looked at: nobody asks about what is in a folder left out.
        """
        if self._rules is None:
            self._rules = compile_rules(self._text)
        folder = key.endswith(b"/")
        path = key[:-1] if folder else key
        for rule in self._rules:
            if (folder or not rule.folders_only) and rule.found(path):
                return rule.ignores
        return None


def read_rules(folder: str) -> Rules:
    """The rules of a source folder; OSError when an ignore file cannot be read."""
    for name in RULE_FILES:
        try:
            with open(f"{folder}/{name}", "rb") as file:
                return Rules(name, file.read())
        except FileNotFoundError:
            continue
    return Rules(None, b"")


def compile_rules(text: bytes) -> list[Rule]:
    """The rules of an ignore file, the last line first, since the last line that matches decides."""
    if not text.strip():
        return []
    lines = text.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    rules = [_compile_rule(line.removesuffix(b"\r")) for line in lines]
    return [rule for rule in reversed(rules) if rule is not None]


def _compile_rule(line: bytes) -> Rule | None:
    pattern = _trim(line)
    folders_only = pattern.endswith(b"/")
    compiled = glob_regex(pattern[:-1] if folders_only else pattern)
    return None if compiled is None else Rule(compiled[0].search, compiled[1], folders_only)


def _trim(line: bytes) -> bytes:
    """Without the spaces at the end, unless a backslash guards them."""
    trimmed = line.rstrip(b" ")
    guards = len(trimmed) - len(trimmed.rstrip(b"\\"))
    return trimmed + b" " if guards % 2 and trimmed != line else trimmed


def glob_regex(pattern: bytes) -> tuple[re.Pattern[bytes], bool] | None:
    """A gitignore pattern as an expression for exactly the paths that it matches, and whether it ignores; None for no pattern."""
    from pathspec.patterns.gitignore.base import GitIgnorePatternError
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    try:
        text, ignores = GitIgnoreSpecPattern.pattern_to_regex(_spell_classes(pattern))
    except GitIgnorePatternError:
        return None
    if text is None or ignores is None:
        return None
    # pathspec also matches all that is below a path. A walk asks folder by folder, as Git does, and needs the path alone.
    exact = text.replace(b"(?:(?P<ps_d>/)|$)", rb"\Z")
    with warnings.catch_warnings():
        # `[[a]` is a set that has a bracket in it, today and here.
        warnings.simplefilter("ignore", FutureWarning)
        return re.compile(exact + b"[^/]" if exact.endswith(b"/") else exact, re.DOTALL), ignores


def _spell_classes(pattern: bytes) -> bytes:
    """`[[:digit:]]` as `[0-9]`; pathspec does not know such names."""
    if b"[[:" not in pattern and b"[![:" not in pattern and b"[^[:" not in pattern:
        return pattern
    return re.sub(rb"\[:(\w+):\]", lambda match: _CLASSES.get(match[1], match[0]), pattern)


def is_secret(key: str) -> bool:
    """Whether a path looks like one that holds keys, passwords or tokens; a folder's path ends in `/`."""
    name = key[key.rfind("/", 0, -1) + 1 :]
    return bool(re.fullmatch(_PRIVATE_NAME, name, re.DOTALL | re.IGNORECASE) or re.fullmatch(_PRIVATE_PATH, key, re.DOTALL))


class Selection:
    """The part of a folder that some relative paths and globs name; a folder stands for all that is in it."""

    def __init__(self, patterns: Iterable[str]) -> None:
        plain = [path_bytes(pattern).strip(b"/") for pattern in patterns]
        self._exact = {pattern for pattern in plain if not _has_glob(pattern)}
        self._globs = [pattern for pattern in plain if _has_glob(pattern)]
        self._starts = [re.split(rb"[*?\[]", pattern, maxsplit=1)[0] for pattern in plain]
        self._found: list[Callable[[bytes], object]] | None = None

    def takes(self, key: bytes) -> bool:
        """Whether a file belongs to it, or a folder may hold something that does."""
        if key.endswith(b"/"):
            return any(start.startswith(key) or key.startswith(start) for start in self._starts)
        if self._found is None:
            self._found = [found[0].search for glob in self._globs if (found := glob_regex(b"/" + glob))]
        above = [key[: match.start()] for match in re.finditer(b"/", key)]
        return any(path in self._exact or any(found(path) for found in self._found) for path in (key, *above))


def _has_glob(pattern: bytes) -> bool:
    return any(letter in pattern for letter in (b"*", b"?", b"["))


class Judge:
    """Decides about paths and remembers what it left out (`ignored`) and what nobody may take in (`secrets`)."""

    def __init__(self, rules: Rules, selection: Selection | None) -> None:
        self._rules = rules
        self._selection = selection
        self.ignored: set[bytes] = set()
        self.secrets: list[str] = []

    def skip(self, path: bytes) -> bool:
        """Whether a walk leaves this path out; a folder's path ends in `/`."""
        out = self._is_out(path)
        if out:
            self.ignored.add(path)
        return out

    def _is_out(self, path: bytes) -> bool:
        text = path_text(path)
        if text[text.rfind("/", 0, -1) + 1 :].rstrip("/") in NEVER or text.endswith(_COMPILED):
            return True
        decision = self._rules.decide(path)
        if decision or (self._selection is not None and not self._selection.takes(path)):
            return True
        if decision is None and is_secret(text):
            self.secrets.append(text)
            return True
        return False
