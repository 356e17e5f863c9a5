"""${message}."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from migrations.triggers import guard

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """${message}."""
    # Call guard(table, primary_key, ...) for each new table of facts, and again after batch_alter_table.
    ${upgrades if upgrades else "pass"}
