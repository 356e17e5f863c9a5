"""The first schema: the tables of facts, each insert-only, and the lease.

It says what was created then, whatever the models say today. There is no way back: facts are not dropped.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.triggers import guard

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    _create_what_was_promised_and_claimed()
    _create_what_an_approval_decides()
    _create_what_partners_are_owed()
    _create_what_is_kept_as_proof()
    op.create_table(
        "lease",
        *_texts("programme"),
        *_minors("epoch"),
        *_texts("holder", "host"),
        *_counts("pid"),
        *_minors("expires_at"),
        sa.PrimaryKeyConstraint("programme"),
    )


def _create_what_was_promised_and_claimed() -> None:
    _facts("programme", ["digest"], *_texts("digest", "name"), *_documents("text"))
    _facts(
        "claim",
        ["claim_id"],
        *_texts("claim_id", "client_id", "partner_id", "claimed_on", "channel", "evidence"),
        *_texts("outcome", "reason", "period"),
        index="client_id",
    )
    _facts(
        "attribution",
        ["client_id"],
        *_texts("client_id", "partner_id", "claim_id", "claimed_on", "period"),
        index="partner_id",
    )


def _create_what_an_approval_decides() -> None:
    _facts(
        "draft", ["digest"], *_texts("digest", "period"), *_documents("document"), *_texts("made_at"), index="period"
    )
    _facts("consent", ["draft_digest"], *_texts("draft_digest", "period", "given_by", "given_at"))
    _facts(
        "approval",
        ["period"],
        *_texts("period", "draft_digest", "programme_digest", "approved_by", "approved_at"),
        *_documents("control"),
    )


def _create_what_partners_are_owed() -> None:
    _facts(
        "statement",
        ["period", "partner_id", "version"],
        *_texts("period", "partner_id"),
        *_counts("version"),
        *_texts("number", "currency"),
        *_minors("opening_minor", "commission_minor", "to_pay_minor", "carried_minor"),
        *_texts("digest"),
        unique="number",
    )
    _facts(
        "accrual",
        ["period", "partner_id", "rule"],
        *_texts("period", "partner_id", "rule", "currency"),
        *_counts("lines"),
        *_minors("base_minor"),
        *_texts("rate"),
        *_minors("commission_minor"),
    )
    _facts(
        "posting",
        ["period", "entry", "leg"],
        *_texts("period"),
        *_counts("entry", "leg"),
        *_texts("partner_id", "account"),
        *_minors("amount_minor"),
        *_texts("currency", "statement"),
        index="partner_id",
    )


def _create_what_is_kept_as_proof() -> None:
    _facts("stored", ["key"], *_texts("key", "period", "partner_id", "sha256"), *_minors("size"), index="period")
    _facts(
        "seal",
        ["period", "version"],
        *_texts("period"),
        *_counts("version"),
        *_texts("digest"),
        *_counts("files"),
        *_texts("sealed_at"),
    )
    _facts(
        "audit",
        ["seq"],
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        *_texts("at", "event", "period", "subject"),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        *_texts("currency", "about", "previous", "digest"),
    )


def _facts(table: str, key: list[str], *columns: sa.Column[Any], index: str = "", unique: str = "") -> None:
    """Create a table of facts with its guards."""
    constraints = [sa.PrimaryKeyConstraint(*key), *([sa.UniqueConstraint(unique)] if unique else [])]
    # A rowid would be one more key by which REPLACE could meet a row.
    op.create_table(table, *columns, *constraints, sqlite_with_rowid=False)
    if index:
        op.create_index(f"ix_{table}_{index}", table, [index])
    guard(table, key, *([[unique]] if unique else []))


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _documents(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _counts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def _minors(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]
