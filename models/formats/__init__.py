"""The formats of `statement.json`: bytes of every format ever released are read as today's value.

Issued bytes are kept as they are and never made again from the value that is read here: what is shown,
compared and archived are the bytes. One file here says what an older format was, and how it is read;
what today's format is, models/statement.py says. A field that is added with a default needs no new
format: what was written before it has the default. Any other change of a key does.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from models.errors import UnreadableStatement
from models.formats import format_1
from models.statement import FORMAT, Statement

Json = dict[str, Any]
"""A statement as its JSON says it."""

FIRST = 1
NEXT: Mapping[int, Callable[[Json], Json]] = {1: format_1.as_format_2}
"""What each older format says, said in the format after it."""


def read_statement(data: bytes) -> Statement:
    """Return the statement these bytes hold, whatever format they are of.

    Raises UnreadableStatement where they hold none, or one of a format this version does not know.
    """
    said = _said(data)
    number = said.get("format", FIRST)
    if type(number) is not int or not FIRST <= number <= FORMAT:
        raise UnreadableStatement(
            f"{_named(said)} is of format {number!r}, and this version reads the formats {FIRST} to {FORMAT}: "
            f"read it with the version that wrote it, or a later one."
        )
    try:
        for older in range(number, FORMAT):
            said = NEXT[older](said)
        return Statement.model_validate(said)
    except (ValueError, KeyError, TypeError, AttributeError) as problem:
        raise UnreadableStatement(
            f"{_named(said)} is no statement of format {number}: {_first(problem)}. "
            f"Compare its SHA-256 with SHA256SUMS, and restore it from a copy where they differ."
        ) from problem


def partner_named_in(data: bytes) -> str:
    """Return the partner these bytes name, even where the rest of them cannot be read; blank where they name none."""
    try:
        partner = _said(data).get("partner")
    except UnreadableStatement:
        return ""
    name = partner.get("partner_id") if isinstance(partner, dict) else None
    return name if isinstance(name, str) else ""


def _said(data: bytes) -> Json:
    try:
        said = json.loads(data)
    except ValueError as problem:
        raise UnreadableStatement(f"{len(data)} bytes are no statement: they are not JSON ({problem}).") from problem
    if not isinstance(said, dict):
        raise UnreadableStatement(f"{len(data)} bytes are no statement: they are JSON, but not an object.")
    return said


def _named(said: Json) -> str:
    return f"statement {said.get('statement', 'without a name')!s}"


def _first(problem: Exception) -> str:
    """What is wrong, or the first thing that is."""
    if isinstance(problem, ValidationError):
        first = problem.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"{type(problem).__name__}: {problem}"
