"""Where the lines of a log begin. Line ends are counted by blocks of the file: what is kept of a gigabyte is a few thousand numbers.

The last blocks come first, so that the end of a log can be shown at once; what is before them is counted after that, piece by piece.
"""

from __future__ import annotations

import os
from bisect import bisect_left

import msgspec

BLOCK = 1 << 16
"""Bytes in a block."""
LONGEST = 1 << 13
"""Bytes of a line that are read when it is shown."""
_FIRST_BLOCKS = 4
_CACHED = 16
_WITNESS = 64


class Line(msgspec.Struct, frozen=True):
    """The beginning of a line as bytes, without its end, and how long the whole line is."""

    begin: bytes
    length: int


class LogIndex:
    """The lines of one file as far as it was taken in; numbers begin at 0 and grow once when what came before is counted.

    FileNotFoundError when there is no file; OSError from everything that reads. Not for two threads at once.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        size = os.fstat(self._file).st_size
        self._start = max(0, size // BLOCK - _FIRST_BLOCKS + 1) * BLOCK
        self._before: list[int] = []
        self._ends = 0
        self._head: list[int] = []
        self._head_ends = 0
        self.size = self._start
        self._tail = b""
        self._blocks: dict[tuple[int, int], bytes] = {}
        self._places: dict[tuple[int, int], list[int]] = {}

    def close(self) -> None:
        """Give the file back."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    @property
    def count(self) -> int:
        """Lines known so far; the last one need not have ended."""
        return self._ends + (self.size > self._start and not self._tail.endswith(b"\n"))

    @property
    def complete(self) -> bool:
        """Whether everything from the beginning of the file was counted."""
        return not self._start

    def replaced(self) -> bool:
        """Whether the name leads to another file now, or the bytes taken in are not those in the file any more."""
        opened = os.fstat(self._file)
        try:
            named = os.stat(self._path)
        except FileNotFoundError:
            # Its name is gone, but not what it says.
            named = opened
        if (opened.st_ino, opened.st_dev) != (named.st_ino, named.st_dev) or opened.st_size < self.size:
            return True
        return os.pread(self._file, len(self._tail), self.size - len(self._tail)) != self._tail

    def grow(self, budget: int) -> bool:
        """Take in what was written since, up to about so many bytes; whether there was anything."""
        begun = self.size
        while self.size - begun < budget:
            piece = os.pread(self._file, BLOCK - self.size % BLOCK, self.size)
            if not piece:
                break
            if self.size % BLOCK == 0:
                self._before.append(self._ends)
            self._ends += piece.count(b"\n")
            self.size += len(piece)
            self._tail = (self._tail + piece)[-_WITNESS:]
        return self.size > begun

    def settle(self, budget: int) -> int:
        """Count some of what is before the part taken in first; by how much the numbers of all lines grew, which happens at the end."""
        end = min(self._start, len(self._head) * BLOCK + budget)
        for offset in range(len(self._head) * BLOCK, end, BLOCK):
            self._head.append(self._head_ends)
            self._head_ends += os.pread(self._file, BLOCK, offset).count(b"\n")
        if not self._start or len(self._head) * BLOCK < self._start:
            return 0
        self._before = self._head + [ends + self._head_ends for ends in self._before]
        self._ends += self._head_ends
        self._start, self._head = 0, []
        self._places.clear()
        return self._head_ends

    def lines(self, first: int, count: int) -> list[Line]:
        """Up to so many lines."""
        return [self.line(number, LONGEST) for number in range(max(0, first), min(self.count, first + count))]

    def line(self, number: int, most: int) -> Line:
        """One line, up to so many bytes of it."""
        begin = self.begin(number)
        end = self.begin(number + 1) - 1 if number < self._ends else self.size
        return Line(self.data(begin, min(end, begin + most)).removesuffix(b"\r"), end - begin)

    def begin(self, number: int) -> int:
        """The offset at which a line begins; that of the end of the file for the one after the last."""
        if number <= 0:
            return self._start
        if number > self._ends:
            return self.size
        at = bisect_left(self._before, number) - 1
        return self._line_ends(at + self._start // BLOCK)[number - self._before[at] - 1] + 1

    def number(self, offset: int) -> int:
        """The line to which the byte at an offset belongs."""
        block = min(max(0, (offset - self._start) // BLOCK), len(self._before) - 1)
        return self._before[block] + bisect_left(self._line_ends(block + self._start // BLOCK), offset)

    def data(self, begin: int, end: int) -> bytes:
        """The bytes from one offset to another."""
        blocks = range(begin // BLOCK, (end - 1) // BLOCK + 1 if end > begin else 0)
        return b"".join([self._block(block)[max(0, begin - block * BLOCK) : end - block * BLOCK] for block in blocks])

    def _block(self, block: int) -> bytes:
        key = block, min(BLOCK, self.size - block * BLOCK)
        if key not in self._blocks:
            if len(self._blocks) >= _CACHED:
                del self._blocks[next(iter(self._blocks))]
            self._blocks[key] = os.pread(self._file, key[1], block * BLOCK)
        return self._blocks[key]

    def _line_ends(self, block: int) -> list[int]:
        """The offsets of the line ends in a block."""
        key = block, min(BLOCK, self.size - block * BLOCK)
        if key not in self._places:
            if len(self._places) >= _CACHED:
                del self._places[next(iter(self._places))]
            self._places[key] = _places(self._block(block), block * BLOCK)
        return self._places[key]


def _places(data: bytes, offset: int) -> list[int]:
    found, at = [], data.find(b"\n")
    while at >= 0:
        found.append(offset + at)
        at = data.find(b"\n", at + 1)
    return found
