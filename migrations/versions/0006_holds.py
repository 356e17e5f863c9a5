"""Payouts that a person withholds: the words said of them, and what a statement withholds."""

import sqlalchemy as sa
from alembic import op

from migrations.triggers import guard

revision = "0006"
down_revision = "0005"

KEY = ["partner_id", "number"]


def upgrade() -> None:
    """Create the table, guard it, and let statements say what they withhold: those issued so far nothing."""
    op.create_table(
        "hold",
        sa.Column("partner_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("word", "reason", "given_by", "period", "given_at")
        ),
        sa.PrimaryKeyConstraint(*KEY),
        sqlite_with_rowid=False,
    )
    guard("hold", KEY)
    op.add_column("statement", sa.Column("held_minor", sa.BigInteger(), nullable=False, server_default="0"))
