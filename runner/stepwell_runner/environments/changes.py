"""What differs between two environments, in words."""

from __future__ import annotations

from collections.abc import Mapping

_MOST = 6
_PACKAGE = "package:"
_OPTION = "option:"


def describe_change(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Such as `pandas 2.1.0 → 2.2.3, + lightgbm 4.6`, from the facts of two identities; `nothing` when they are equal."""
    if before.get("kind") != after.get("kind"):
        return f"{_kind(before)} → {_kind(after)}"
    keys = [key for key in {*before, *after} if before.get(key) != after.get(key)]
    keys.sort(key=lambda key: (key.startswith((_PACKAGE, _OPTION)), key not in before, key not in after, key))
    changes = [_one(key, before.get(key), after.get(key)) for key in keys]
    more = [f"and {len(changes) - _MOST} more"] if len(changes) > _MOST else []
    return ", ".join(changes[:_MOST] + more) or "nothing"


def words(facts: Mapping[str, str]) -> str:
    """An environment in a few words, such as `Python 3.11.2, 14 packages` or `image python:3.12, 2 packages`."""
    packages = sum(name.startswith(_PACKAGE) for name in facts)
    if "image" in facts:
        what = f"image {facts['image']}"
    elif "dockerfile" in facts:
        what = "image of a Dockerfile"
    else:
        what = f"Python {facts.get('python', '?')}"
    return f"{what}, {packages} package{'' if packages == 1 else 's'}" if packages else what


def _kind(facts: Mapping[str, str]) -> str:
    kind = facts.get("kind", "")
    if kind in ("image", "image and packages"):
        return f"{kind} ({facts.get('image') or 'of a Dockerfile'})"
    if kind == "dockerfile":
        return "an image of a Dockerfile"
    words = {"interpreter": "an existing interpreter", "packages": "an environment of its own"}
    return f"{words.get(kind, 'none')} (Python {facts.get('python', '?')})"


def _one(key: str, before: str | None, after: str | None) -> str:
    name = key.removeprefix(_PACKAGE) if not key.startswith(_OPTION) else "option"
    if before is None:
        return f"+ {name} {after}".strip()
    if after is None:
        return f"- {name} {before}".strip()
    return f"{name} {before} → {after}"
