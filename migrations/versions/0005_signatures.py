"""Signatures of approvals: by whom, of which draft."""

import sqlalchemy as sa
from alembic import op

from migrations.triggers import guard

revision = "0005"
down_revision = "0004"

KEY = ["draft_digest", "given_by"]


def upgrade() -> None:
    """Create the table, and guard it as every other fact."""
    op.create_table(
        "signature",
        *(sa.Column(name, sa.String(), nullable=False) for name in (*KEY, "period", "signed_at")),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(*KEY),
        sqlite_with_rowid=False,
    )
    guard("signature", KEY)
