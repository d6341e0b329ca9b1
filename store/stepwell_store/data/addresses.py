"""Addresses of the cloud that a folder or file of this machine stands for, so that data is found under its original address.

A mapping is an address and a path; the longest address that fits counts. What belongs to a storage account has several spellings,
which are made one: `wasbs://c@a.blob.core.windows.net/p` is `https://a.blob.core.windows.net/c/p`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

VARIABLE = "STEPWELL_ADDRESSES"
"""Environment variable with mappings `ADDRESS=PATH`, a semicolon between them; they come before those of the workspace."""

SETTING = "addresses"

_ACCOUNT = r"(?:wasbs?|abfss?)://([^@/]+)@([^/]+)(/.*)?"


def normal(address: str) -> str:
    """The one spelling of an address, without anything after `?` and without a `/` at its end."""
    plain = address.strip().partition("?")[0].rstrip("/")
    account = re.fullmatch(_ACCOUNT, plain, re.IGNORECASE)
    if account:
        plain = f"https://{account[2]}/{account[1]}{account[3] or ''}"
    plain = re.sub(r"\A(?:adl|http)://", "https://", plain)
    host, slash, rest = plain.removeprefix("https://").partition("/")
    return f"https://{host.lower()}{slash}{rest}" if plain.startswith("https://") else plain


def from_environment() -> dict[str, str]:
    """The mappings of the environment variable."""
    pairs = (one.rpartition("=") for one in os.environ.get(VARIABLE, "").split(";") if "=" in one)
    return {normal(address): os.path.abspath(os.path.expanduser(path.strip())) for address, _, path in pairs}


def local_path(address: str, mappings: Mapping[str, str]) -> str | None:
    """The path of this machine that stands for an address, file, folder or glob; None when nothing does."""
    wanted = normal(address)
    fitting = [one for one in mappings if wanted == one or wanted.startswith(one + "/")]
    if not fitting:
        return None
    nearest = max(fitting, key=len)
    below = [part for part in wanted[len(nearest) :].split("/") if part not in ("", ".", "..")]
    return os.path.join(mappings[nearest], *below)
