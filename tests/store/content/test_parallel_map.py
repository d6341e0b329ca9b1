"""Work spread over threads gives what a loop gives."""

from __future__ import annotations

import pytest

from stepwell_store.content.parallel import map_threads


@pytest.mark.parametrize("count", [0, 1, 63, 64, 128, 129, 5000])
def test_results_come_in_the_order_of_the_items(count: int) -> None:
    assert map_threads(lambda number: number * 2, range(count)) == [number * 2 for number in range(count)]


@pytest.mark.parametrize("count", [10, 1000])
def test_the_first_exception_is_raised(count: int) -> None:
    def work(number: int) -> int:
        return 1 // (count - 5 - number)

    with pytest.raises(ZeroDivisionError):
        map_threads(work, range(count))
