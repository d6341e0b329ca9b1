"""Errors that a step script can meet here, under their v1 names."""

from __future__ import annotations


class UserErrorException(Exception):
    """The script asked for something that cannot be; the message says what would be right."""


class RunEnvironmentException(Exception):
    """The process is not part of a run, or what it was told about its run cannot be read."""
