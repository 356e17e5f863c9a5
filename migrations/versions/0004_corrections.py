"""What rules are corrected by in a later period: refunds of sales that were settled before, and what follows."""

import sqlalchemy as sa
from alembic import op

from migrations.triggers import guard

revision = "0004"
down_revision = "0003"

KEY = ["period", "version", "partner_id", "kind", "rule", "paid_to"]


def upgrade() -> None:
    """Create the table, and guard it as every other fact."""
    op.create_table(
        "correction",
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in KEY[2:]),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("commission_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*KEY),
        sqlite_with_rowid=False,
    )
    guard("correction", KEY)
