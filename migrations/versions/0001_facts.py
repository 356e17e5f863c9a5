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
    create_what_was_promised_and_claimed()
    create_what_an_approval_decides()
    create_what_partners_are_owed()
    create_what_is_kept_as_proof()
    op.create_table(
        "lease",
        *texts("programme"),
        *minors("epoch"),
        *texts("holder", "host"),
        *counts("pid"),
        *minors("expires_at"),
        sa.PrimaryKeyConstraint("programme"),
    )


def create_what_was_promised_and_claimed() -> None:
    facts("programme", ["digest"], *texts("digest", "name"), *documents("text"))
    facts(
        "claim",
        ["claim_id"],
        *texts("claim_id", "client_id", "partner_id", "claimed_on", "channel", "evidence"),
        *texts("outcome", "reason", "period"),
        index="client_id",
    )
    facts(
        "attribution",
        ["client_id"],
        *texts("client_id", "partner_id", "claim_id", "claimed_on", "period"),
        index="partner_id",
    )


def create_what_an_approval_decides() -> None:
    facts("draft", ["digest"], *texts("digest", "period"), *documents("document"), *texts("made_at"), index="period")
    facts("consent", ["draft_digest"], *texts("draft_digest", "period", "given_by", "given_at"))
    facts(
        "approval",
        ["period"],
        *texts("period", "draft_digest", "programme_digest", "approved_by", "approved_at"),
        *documents("control"),
    )


def create_what_partners_are_owed() -> None:
    facts(
        "statement",
        ["period", "partner_id", "version"],
        *texts("period", "partner_id"),
        *counts("version"),
        *texts("number", "currency"),
        *minors("opening_minor", "commission_minor", "to_pay_minor", "carried_minor"),
        *texts("digest"),
        unique="number",
    )
    facts(
        "accrual",
        ["period", "partner_id", "rule"],
        *texts("period", "partner_id", "rule", "currency"),
        *counts("lines"),
        *minors("base_minor"),
        *texts("rate"),
        *minors("commission_minor"),
    )
    facts(
        "posting",
        ["period", "entry", "leg"],
        *texts("period"),
        *counts("entry", "leg"),
        *texts("partner_id", "account"),
        *minors("amount_minor"),
        *texts("currency", "statement"),
        index="partner_id",
    )


def create_what_is_kept_as_proof() -> None:
    facts("stored", ["key"], *texts("key", "period", "partner_id", "sha256"), *minors("size"), index="period")
    facts(
        "seal",
        ["period", "version"],
        *texts("period"),
        *counts("version"),
        *texts("digest"),
        *counts("files"),
        *texts("sealed_at"),
    )
    facts(
        "audit",
        ["seq"],
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        *texts("at", "event", "period", "subject"),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        *texts("currency", "about", "previous", "digest"),
    )


def facts(table: str, key: list[str], *columns: sa.Column[Any], index: str = "", unique: str = "") -> None:
    """Create a table of facts with its guards."""
    constraints = [sa.PrimaryKeyConstraint(*key), *([sa.UniqueConstraint(unique)] if unique else [])]
    # A rowid would be one more key by which REPLACE could meet a row.
    op.create_table(table, *columns, *constraints, sqlite_with_rowid=False)
    if index:
        op.create_index(f"ix_{table}_{index}", table, [index])
    guard(table, key, *([[unique]] if unique else []))


def texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def documents(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def counts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def minors(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]
