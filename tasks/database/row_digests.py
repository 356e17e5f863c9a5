"""Digests of rows: what the audit trail says of the rows that one version of a month brought to a table."""

from collections.abc import Iterable

from sqlmodel import SQLModel

from models.canonical import canonical_json, sha256_of
from models.period import Version
from models.rows import AccrualRow, ApprovalRow, CorrectionRow, PostingRow, StatementRow, StoredRow

AT_APPROVAL = (ApprovalRow, StatementRow, AccrualRow, CorrectionRow, PostingRow)
AT_CLOSE = (StoredRow,)
"""Tables of whose rows the trail keeps a digest for each version of a month, from its approval and from its close on.

Claims and attributions have an entry each.
"""

COLUMNS_SINCE: dict[type[SQLModel], tuple[object, ...]] = {StatementRow: (0,)}
"""What the last columns of a table held in the rows that were there before these columns were: their digests stand."""

ROWS_RECORDED = "rows.recorded"
"""The event. Months that were approved before it was written are known by what else the trail says of them."""


def rows_digest(kind: type[SQLModel], rows: Iterable[tuple[object, ...]]) -> str:
    """Return the SHA-256 of a table's rows, each the values of its columns in their order: sorted by key, a line each.

    A line is the canonical JSON of the row, without its last columns where they came later and hold what they did then.
    """
    names, later = list(kind.model_fields), COLUMNS_SINCE.get(kind, ())
    key = [names.index(column.name) for column in kind.__table__.primary_key.columns]  # type: ignore[attr-defined]
    return sha256_of(
        canonical_json(row[: -len(later)] if later and row[-len(later) :] == later else row)
        for row in sorted(rows, key=lambda row: tuple(row[position] for position in key))
    )


def digest_of(kind: type[SQLModel], rows: Iterable[SQLModel]) -> str:
    """Return the digest of rows that were not stored yet."""
    return rows_digest(kind, [tuple(getattr(row, name) for name in kind.model_fields) for row in rows])


def rows_subject(kind: type[SQLModel], of: Version | str) -> str:
    """What the entry is about: a table's rows of a version of a month, or of one statement of it.

    >>> from models.period import Period
    >>> from models.rows import PostingRow
    >>> rows_subject(PostingRow, Version(Period(2026, 1)))
    'posting of 2026-01/v1'
    """
    return f"{kind.__tablename__} of {of}"
