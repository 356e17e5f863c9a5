"""What every schema of ours is: columns, their types and which may be null, and no rule beside."""

from functools import cache
from typing import Self, cast

import dataframely as dy
import polars as pl


class Declared(dy.Schema):
    """A schema of ours. Its columns have types and may or may not be null: it has no other rule."""

    @classmethod
    def validate(cls, frame: pl.DataFrame, /) -> dy.DataFrame[Self]:  # type: ignore[override]  # no frame of ours is lazy
        """Return the frame with these columns alone, in this order.

        Raises SchemaError and ValidationError, as dataframely says. What is as declared is seen without a query: most
        frames are of a few rows, and a query over them took a quarter of a small month.
        """
        types = frame.schema
        as_declared = all(
            types.get(name) == column.dtype
            and (column.nullable or not frame[name].null_count())
            and not column.dtype.is_nested()
            for name, column in cls.columns().items()
        )
        if as_declared:
            return cast("dy.DataFrame[Self]", frame.select(cls.column_names()))
        return super().validate(frame)

    @classmethod
    @cache
    def create_empty(cls) -> dy.DataFrame[Self]:  # type: ignore[override]
        """Return a frame without rows."""
        return super().create_empty()
