"""How Alembic meets the database: over the connection that the program gives it, inside that one's transaction."""

from alembic import context
from sqlalchemy import Connection, create_engine, make_url
from sqlmodel import SQLModel

import models.rows  # noqa: F401  (fills the metadata that `alembic revision --autogenerate` compares with)


def migrate(connection: Connection) -> None:
    """Bring the schema to the wanted revision, inside the transaction the connection is in."""
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
    context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:  # an engineer's `alembic -x url=sqlite:///scratch.db revision --autogenerate`
    url = make_url(context.get_x_argument(as_dictionary=True)["url"])
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    with create_engine(url).begin() as own:
        migrate(own)
