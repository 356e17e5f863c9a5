"""Format 1 of `statement.json`: what was written before the format had a number.

It has no key `format`; all its other keys are those of format 2.
"""

from typing import Any


def as_format_2(said: dict[str, Any]) -> dict[str, Any]:
    """Return what a statement of format 1 says as format 2 says it."""
    return said | {"format": 2}
