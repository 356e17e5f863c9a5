"""Canonical JSON and SHA-256: one text for one value, so that a digest speaks of the value."""

import hashlib
import json
from collections.abc import Iterable

import orjson

# What `json` would refuse or write another way is not written by orjson either: it is handed on to `json`.
OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_APPEND_NEWLINE
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def canonical_json(value: object) -> bytes:
    """Return `value` as JSON with sorted keys, no spaces, UTF-8 as is, and one newline at the end.

    The value is made of text, whole numbers, true, false, null, lists and maps: a float is no amount, and
    has no place in it. What holds one, `canonical_json_of_results` writes.

    >>> canonical_json({"b": 1, "a": "ж"}).decode()
    '{"a":"ж","b":1}\\n'
    """
    try:
        return orjson.dumps(value, option=OPTIONS)
    except TypeError:  # a whole number of more than 64 bits, say: no limit here
        return canonical_json_of_results(value)


def canonical_json_of_results(value: object) -> bytes:
    """Return the results of checks, in which there are shares and percentages, as the same kind of JSON.

    >>> canonical_json_of_results({"percent": 12.5})
    b'{"percent":12.5}\\n'
    """
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return (text + "\n").encode()


def sha256(data: bytes) -> str:
    """Return the SHA-256 of `data` as 64 hexadecimal digits, as `sha256sum` prints it."""
    return hashlib.sha256(data).hexdigest()


def sha256_of(pieces: Iterable[bytes | memoryview]) -> str:
    """Return the SHA-256 of the pieces one after another, which need not be in memory together."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
