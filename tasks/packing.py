"""Packing: values on their way to another process of this program, and back."""

import pickle
from typing import Any

import pyarrow as pa

CODEC = "lz4"


def packed(value: object) -> bytes:
    """Return a value as bytes that only this very code unpacks: what it is made of are this program's classes."""
    data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    return len(data).to_bytes(8) + bytes(pa.compress(data, codec=CODEC, asbytes=True))


def unpacked(data: bytes) -> Any:
    """Return the value that `packed` packed, somewhere that we trust as we trust ourselves."""
    size = int.from_bytes(data[:8])
    return pickle.loads(pa.decompress(memoryview(data)[8:], size, codec=CODEC))  # noqa: S301 (our own process)
