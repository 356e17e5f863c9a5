"""Rows: a frame of a schema from what a test says of each row; what it does not say is blank, 1, or no day."""

from collections.abc import Mapping

import dataframely as dy
import polars as pl

from engine.frames.schemas import of_types


def rows_of(schema: type[dy.Schema], *rows: Mapping[str, object]) -> pl.DataFrame:
    """Return a frame of the schema: texts that no row names are blank, whole numbers 1, and days null."""
    of_nothing: dict[type[pl.DataType], object] = {pl.Int64: 1, pl.Date: None}
    blank = {name: of_nothing.get(of_type.base_type(), "") for name, of_type in of_types(schema).items()}
    return pl.DataFrame([blank | dict(each) for each in rows], schema=of_types(schema))
