"""Makes `frames` importable for the tests of every room of the dashboard."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("frames")
