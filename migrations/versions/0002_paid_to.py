"""Whom each accrual goes to, and the segments of each statement's partner.

Until now everything went to the partner, and nobody had a segment.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; the tables' guards stay as they are."""
    op.add_column("accrual", sa.Column("paid_to", sa.String(), nullable=False, server_default="partner"))
    op.add_column("statement", sa.Column("segments", sa.String(), nullable=False, server_default=""))
