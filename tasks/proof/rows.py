"""Rows as the database has them, past the models: what is compared is what stands there."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

AT_ONCE = 10_000


def rows(session: Session, statement: str, **parameters: object) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a statement of ours, so many at a time."""
    read = text(statement).execution_options(yield_per=AT_ONCE)
    for part in session.connection().execute(read, parameters).partitions():
        yield from (tuple(row) for row in part)
