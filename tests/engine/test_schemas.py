"""Frames have schemas: every column says what it means, and a frame that is not as declared goes no further."""

import dataframely as dy
import polars as pl
import pytest

from engine.frames import schemas
from engine.frames.declared import Declared

EVERY = [
    found
    for found in vars(schemas).values()
    if isinstance(found, type) and issubclass(found, Declared) and found is not Declared
]
every_schema = pytest.mark.parametrize("schema", EVERY, ids=lambda schema: schema.__name__)


@every_schema
def test_every_frame_and_every_column_of_it_says_what_it_is(schema: type[dy.Schema]) -> None:
    assert (schema.__doc__ or "").partition("\n")[0].endswith((".", ":"))
    for name, column in schema.columns().items():
        assert column.description, f"{schema.__name__}.{name} does not say what it means"
        assert "|" not in column.description
    assert schema.columns()


@every_schema
def test_a_frame_without_a_column_is_refused(schema: type[dy.Schema]) -> None:
    for name in schema.column_names():
        with pytest.raises(dy.exc.SchemaError, match=name):
            schema.validate(schema.create_empty().drop(name))


@every_schema
def test_a_frame_with_a_column_of_another_type_is_refused(schema: type[dy.Schema]) -> None:
    for name in schema.column_names():
        with pytest.raises(dy.exc.SchemaError, match=name):
            schema.validate(schema.create_empty().with_columns(pl.lit(None, pl.Binary).alias(name)))


@every_schema
def test_a_frame_that_is_as_declared_has_the_columns_in_their_order_and_no_others(schema: type[dy.Schema]) -> None:
    names = schema.column_names()
    frame = schema.create_empty().select(*reversed(names), colour=pl.lit("red"))
    assert schema.validate(frame).columns == names


def test_a_blank_where_there_must_be_a_value_is_refused() -> None:
    bonds = pl.DataFrame([("acme", None, "K1", None)], schema=schemas.of_types(schemas.Bonds), orient="row")
    with pytest.raises(dy.exc.ValidationError, match="partner_id"):
        schemas.Bonds.validate(bonds)


@every_schema
def test_no_schema_has_a_rule_beside_types_and_blanks(schema: type[Declared]) -> None:
    """Such a rule would not be looked at in a frame whose types and blanks are right."""
    rules = {name.rpartition("|")[2] for name in schema._validation_rules(with_cast=False)}
    assert rules <= {"nullability", "inner_nullability"}
