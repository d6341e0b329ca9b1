"""What the child says to its parent through a pipe: one frame of a status byte, a length, and a payload."""

from __future__ import annotations

import os
import struct

import msgspec

GRAPH = b"G"
MISTAKE = b"E"

_HEADER = struct.Struct(">cQ")


class Mistake(msgspec.Struct, frozen=True):
    """An error for a person. `kind` is the class in stepwell_store.errors that says who must act."""

    what: str
    where: str | None = None
    todo: str | None = None
    kind: str = "UsageError"


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Mistake)


def encode_mistake(mistake: Mistake) -> bytes:
    """The payload of a frame with status MISTAKE."""
    return _encoder.encode(mistake)


def decode_mistake(payload: bytes) -> Mistake:
    """The mistake in a payload; msgspec.DecodeError or msgspec.ValidationError when it is none."""
    return _decoder.decode(payload)


def send(descriptor: int, status: bytes, payload: bytes) -> None:
    """Write a whole frame."""
    frame = memoryview(_HEADER.pack(status, len(payload)) + payload)
    while frame:
        frame = frame[os.write(descriptor, frame) :]


def received(data: bytearray) -> tuple[bytes, bytes] | None:
    """Status and payload when a whole frame is there."""
    if len(data) < _HEADER.size:
        return None
    status, length = _HEADER.unpack_from(data)
    end = _HEADER.size + length
    return (status, bytes(data[_HEADER.size : end])) if len(data) >= end else None
