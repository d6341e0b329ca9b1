"""Cells that install the Azure ML SDK with pip: its packages are left out, because Stepwell serves them itself.

The SDK beside Stepwell would be another `azureml` in the same interpreter, and its old requirements would replace Stepwell's own.
"""

from __future__ import annotations

import re

_PYTHON = r"(?:\S*python[\d.]*|\{?sys\.executable\}?)\s+-m\s+"
_INSTALL = re.compile(rf"\s*[!%]?\s*(?:{_PYTHON})?(?:pip[\d.]*|conda|mamba)\s+install\s", re.IGNORECASE)
_SDK = re.compile(r"azureml(?:[-_][\w-]+)?(?:\[[^\]]*\])?(?:[=<>~!].*)?\Z", re.IGNORECASE)


def without_sdk(lines: list[str]) -> list[str]:
    """The lines of a cell as IPython gives them to its input transformers, each with its end."""
    return [_line(line) if _INSTALL.match(line) else line for line in lines]


def _line(line: str) -> str:
    begun = _INSTALL.match(line)
    assert begun is not None
    words = line[begun.end() :].split()
    kept = [word for word in words if not _SDK.match(word.strip("'\""))]
    if kept == words:
        return line
    if any(not word.startswith("-") and "://" not in word for word in kept):
        return f"{begun[0]}{' '.join(kept)}\n"
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}print('Stepwell serves azureml here; there is nothing to install')\n"
