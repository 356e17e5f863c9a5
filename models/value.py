"""The base of every value: frozen, and strict about what it is made of."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """A frozen value. A new fact is a new value; an unknown field is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
