"""How Alembic meets the database: through the program's own door, one process at a time."""

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import models.rows  # noqa: F401  (fills the metadata that `alembic revision --autogenerate` compares with)
from tasks.database import Database
from tasks.settings import Settings


def migrate(connection: Connection) -> None:
    """Bring the schema to the wanted revision, inside the transaction the connection is in."""
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
    context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with Database(Settings().database).migrating() as own:
        migrate(own)
