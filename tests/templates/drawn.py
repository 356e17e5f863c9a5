"""The documents of an example statement, as if it had been issued."""

from models.statement import Statement
from tasks.render import documents


def drawn(statement: Statement) -> dict[str, bytes]:
    return documents(statement, statement.to_bytes()).files
