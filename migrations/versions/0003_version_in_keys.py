"""The version of its month in the key of every fact that can be restated; several consents to one draft.

Until now every month had its first version only, and a consent was a person's approval.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.triggers import guard

revision = "0003"
down_revision = "0002"

VERSION = "1 AS version"
REBUILT = "_0003"  # how a table is called until it takes the place of the old one


def upgrade() -> None:
    """Rebuild the tables with their rows, and set up their guards again."""
    _rebuild(
        "consent",
        ["draft_digest", "role", "given_by"],
        [*_texts("draft_digest", "role", "given_by", "period", "given_at")],
        "draft_digest, 'approved' AS role, given_by, period, given_at",
    )
    _rebuild(
        "approval",
        ["period", "version"],
        [
            *_texts("period"),
            *_counts("version"),
            *_texts("draft_digest", "programme_digest", "approved_by", "approved_at"),
            sa.Column("control", sa.Text(), nullable=False),
        ],
        f"period, {VERSION}, draft_digest, programme_digest, approved_by, approved_at, control",
    )
    _rebuild(
        "accrual",
        ["period", "version", "partner_id", "rule"],
        [
            *_texts("period"),
            *_counts("version"),
            *_texts("partner_id", "rule", "currency"),
            *_counts("lines"),
            *_minors("base_minor"),
            *_texts("rate"),
            *_minors("commission_minor"),
            *_texts("paid_to"),
        ],
        f"period, {VERSION}, partner_id, rule, currency, lines, base_minor, rate, commission_minor, paid_to",
    )
    _rebuild(
        "posting",
        ["period", "version", "entry", "leg"],
        [
            *_texts("period"),
            *_counts("version", "entry", "leg"),
            *_texts("partner_id", "account"),
            *_minors("amount_minor"),
            *_texts("currency", "statement"),
        ],
        f"period, {VERSION}, entry, leg, partner_id, account, amount_minor, currency, statement",
    )
    op.create_index("ix_posting_partner_id", "posting", ["partner_id"])
    _rebuild(
        "stored",
        ["period", "version", "key"],
        [*_texts("period"), *_counts("version"), *_texts("key", "partner_id", "sha256"), *_minors("size")],
        f"period, {VERSION}, key, partner_id, sha256, size",
        unique="key",
    )


def _rebuild(table: str, key: list[str], columns: list[sa.Column[Any]], old: str, unique: str = "") -> None:
    """Replace a table by one with other columns and another key. `old` is what its rows were, in the new order."""
    new = table + REBUILT
    constraints = [sa.PrimaryKeyConstraint(*key), *([sa.UniqueConstraint(unique)] if unique else [])]
    op.create_table(new, *columns, *constraints, sqlite_with_rowid=False)
    names = ", ".join(column.name for column in columns)
    op.execute(f"INSERT INTO {new} ({names}) SELECT {old} FROM {table}")  # noqa: S608  (our own names)
    before, after = (op.get_bind().scalar(sa.text(f"SELECT count(*) FROM {name}")) for name in (table, new))  # noqa: S608
    if before != after:
        raise RuntimeError(f"{table}: {before} rows, and {after} after the rebuilding. Nothing was changed.")
    op.drop_table(table)
    op.rename_table(new, table)
    if op.get_context().dialect.name == "postgresql":
        for index in [f"{table}_pkey", *([f"{table}_{unique}_key"] if unique else [])]:
            op.execute(f"ALTER INDEX {index.replace(table, new, 1)} RENAME TO {index}")
    guard(table, key, *([[unique]] if unique else []))


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _counts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _minors(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]
