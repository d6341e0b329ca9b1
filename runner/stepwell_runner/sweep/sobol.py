"""Sobol' sequences: points that fill a cube more evenly than chance does, shifted by chance so that a seed picks one of many.

Each dimension has a primitive polynomial over GF(2) and direction numbers that follow from it by its recurrence
(Bratley and Fox 1988). The first direction numbers, which are free but odd, are drawn; the bits of all points are shifted alike.
"""

from __future__ import annotations

import random
from functools import cache

_BITS = 30


@cache
def _primitive(count: int) -> tuple[int, ...]:
    """The first primitive polynomials over GF(2), as numbers whose bits are the coefficients."""
    found: list[int] = []
    candidate = 3
    while len(found) < count:
        if _is_primitive(candidate):
            found.append(candidate)
        candidate += 2
    return tuple(found)


def _is_primitive(polynomial: int) -> bool:
    """Whether the powers of x modulo the polynomial run through all residues before they come back to 1."""
    degree = polynomial.bit_length() - 1
    order, state = 2**degree - 1, 1
    for power in range(1, order + 1):
        state <<= 1
        if state >> degree:
            state ^= polynomial
        if state == 1:
            return bool(power == order)
    return False


def _directions(polynomial: int | None, chance: random.Random) -> list[int]:
    if polynomial is None:
        return [1 << (_BITS - 1 - bit) for bit in range(_BITS)]
    degree = polynomial.bit_length() - 1
    numbers = [chance.randrange(1, 2 ** (bit + 1), 2) for bit in range(degree)]
    for bit in range(degree, _BITS):
        new = numbers[bit - degree] ^ (numbers[bit - degree] << degree)
        for back in range(1, degree):
            if polynomial >> (degree - back) & 1:
                new ^= numbers[bit - back] << back
        numbers.append(new)
    return [number << (_BITS - 1 - bit) for bit, number in enumerate(numbers)]


class Sobol:
    """The sequence for so many dimensions and a seed."""

    def __init__(self, dimensions: int, seed: str) -> None:
        chance = random.Random(seed)  # noqa: S311 - no secret
        polynomials: list[int | None] = [None, *_primitive(max(0, dimensions - 1))]
        self._directions = [_directions(one, chance) for one in polynomials[:dimensions]]
        self._shift = [chance.getrandbits(_BITS) for _ in range(dimensions)]

    def point(self, number: int) -> list[float]:
        """The point of this number, from 0; each coordinate from 0 up to 1."""
        gray = number ^ (number >> 1)
        found = []
        for directions, shift in zip(self._directions, self._shift, strict=True):
            state = shift
            for bit in range(gray.bit_length()):
                if gray >> bit & 1:
                    state ^= directions[bit]
            found.append(state / 2**_BITS)
        return found
