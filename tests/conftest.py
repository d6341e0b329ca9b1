"""What every room's tests share."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings

# The same examples every time, and nothing written into the checkout.
settings.register_profile("stepwell", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("stepwell")

# Whoever starts the tests in the background has them ignore this signal, and with them every command that they start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

pytest.register_assert_rewrite("target_contract")


@pytest.fixture
def eventually() -> Callable[..., None]:
    """`eventually(predicate, timeout=10)`: returns as soon as the predicate holds, fails when it does not within the seconds."""
    return _eventually


def _eventually(predicate: Callable[[], object], timeout: float = 10.0) -> None:
    deadline = time.monotonic() + timeout
    while not predicate():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {timeout} s")
        time.sleep(0.001)
