"""The base of every value: frozen, and strict about what it is made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Value(BaseModel):
    """A frozen value. A new fact is a new value; an unknown field is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Known = Annotated[bool | None, Field(exclude_if=lambda known: known is None)]
"""Whether something is so. Not written where nobody said."""

Unread = Annotated[int, Field(exclude_if=lambda lines: not lines)]
"""How many lines have an amount that cannot be read: no sum holds them. Not written where there is none."""
