"""Canonical JSON and SHA-256: one text for one value, so that a digest speaks of the value."""

import hashlib
import json


def canonical_json(value: object) -> bytes:
    """Return `value` as JSON with sorted keys, no spaces, UTF-8 as is, and one newline at the end.

    >>> canonical_json({"b": 1, "a": "ж"}).decode()
    '{"a":"ж","b":1}\\n'
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return (text + "\n").encode()


def sha256(data: bytes) -> str:
    """Return the SHA-256 of `data` as 64 hexadecimal digits, as `sha256sum` prints it."""
    return hashlib.sha256(data).hexdigest()
