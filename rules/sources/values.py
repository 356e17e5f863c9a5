"""Values as a source writes them, and what they mean here: constants, maps, extractions, signs, rows to skip."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated

import polars as pl
from pydantic import BeforeValidator, Field, field_validator, model_validator

from models.billing import TEXT_COLUMNS
from models.value import Value
from rules.lines.reading import minor_of_major
from rules.sources.numbers import NumberForm, below_zero, is_zero, negated, one_or_more, plain_or_marked

NUMBERS = ("amount", "amount_minor", "vat_minor", "discount_minor", "vat_rate", "quantity")
MONEY = ("amount", "amount_minor", "vat_minor", "discount_minor")
DAYS = ("issued_on", "paid_on", "posted_on")
IN_MAJOR_UNITS = ("vat_minor", "discount_minor")
ANY = "*"
"""In a map: every other value. In a condition: any text."""

Texts = Annotated[tuple[str, ...], BeforeValidator(one_or_more)]


def beside(theirs: str) -> str:
    """The name under which a column of the table, that is asked but gives none of ours, travels with its lines."""
    return f"\0{theirs}"


class Extract(Value):
    """Which part of a text is the value: the group of a regular expression, in a column of the table."""

    column: str
    pattern: str

    @field_validator("pattern")
    @classmethod
    def _has_one_group(cls, pattern: str) -> str:
        try:
            groups = re.compile(pattern).groups
            pl.Series([""]).str.extract(pattern)
        except (re.error, pl.exceptions.ComputeError) as error:
            raise ValueError(f"{pattern!r} is no regular expression: {error}") from None
        if groups != 1:
            raise ValueError(f"{pattern!r} has {groups} groups: put what is the value, and nothing else, in (brackets)")
        return pattern


class Lookup(Value):
    """A table beside sources.yaml that knows the value by one of ours: the category of a product."""

    by: str
    table: str

    @field_validator("by")
    @classmethod
    def _by_is_ours(cls, by: str) -> str:
        return _ours(by)


class AmountFrom(Value):
    """Two columns of the table: what was billed stands in one, what was given back in the other."""

    plus: str
    minus: str


class ValueForm(Value):
    """The keys of a block of sources.yaml that say what its values mean."""

    skip_where: dict[str, Texts] = Field(default_factory=dict)  # their column -> values of rows that are no line
    fill_down: Texts = ()  # their column, or ours: a blank cell has the value of the row above
    extract: dict[str, Extract] = Field(default_factory=dict)  # our column -> where it stands
    join: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # our column -> theirs that make it together
    map: dict[str, dict[str, str]] = Field(default_factory=dict)  # our column -> their value -> ours
    set: dict[str, str] = Field(default_factory=dict)  # our column -> the value of every line
    lookup: dict[str, Lookup] = Field(default_factory=dict)  # our column -> the table that knows it
    amount_from: AmountFrom | None = None
    negative_where: dict[str, Texts] = Field(default_factory=dict)  # their column, or ours -> values
    kind_by_sign: bool = False
    major_units: Texts = ()

    @field_validator("map", "set", "lookup", "extract", "join")
    @classmethod
    def _columns_are_ours(cls, written: Mapping[str, object]) -> Mapping[str, object]:
        for name in written:
            _ours(name)
        return written

    @field_validator("major_units")
    @classmethod
    def _may_be_major(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in IN_MAJOR_UNITS:
                raise ValueError(
                    f"{name!r} is none of {', '.join(IN_MAJOR_UNITS)}; an amount in major units is `amount`"
                )
        return names

    @model_validator(mode="after")
    def _each_has_one_origin(self) -> "ValueForm":
        made = [*self.set, *self.lookup, *self.extract, *self.join]
        made += ["amount"] if self.amount_from else []
        made += ["kind"] if self.kind_by_sign else []
        if twice := sorted({name for name in made if made.count(name) > 1}):
            raise ValueError(
                f"{', '.join(twice)} is made in two ways: keep one of set, lookup, extract, join and the others"
            )
        return self

    @property
    def makes(self) -> frozenset[str]:
        """Our columns that no column of the table has to give."""
        made = {*self.set, *self.lookup, *self.extract, *self.join}
        return frozenset(
            made | ({"amount"} if self.amount_from else set()) | ({"kind"} if self.kind_by_sign else set())
        )

    @property
    def asks(self) -> frozenset[str]:
        """Columns of the table that must be there, beside those that are ours."""
        asked = {*self.skip_where, *(each.column for each in self.extract.values())}
        asked |= {theirs for columns in self.join.values() for theirs in columns}
        return frozenset(asked | ({self.amount_from.plus, self.amount_from.minus} if self.amount_from else set()))

    @property
    def says_values(self) -> bool:
        """Whether anything is said of values."""
        return any(getattr(self, name) for name in ValueForm.model_fields)

    def is_skipped(self) -> pl.Expr:
        """Whether a row of the table is no billing line."""
        conditions = (is_any_of(beside(theirs), values) for theirs, values in self.skip_where.items())
        return pl.any_horizontal(pl.lit(False), *conditions)

    def skips(self, values: Mapping[str, str]) -> bool:
        """Whether one row, its text by their columns, is no billing line."""
        return any(re.match(_pattern(said), values.get(theirs, "").strip()) for theirs, said in self.skip_where.items())

    def extracted(self) -> Iterator[pl.Expr]:
        """Our columns that are a part of one of theirs."""
        for name, each in self.extract.items():
            yield pl.col(beside(each.column)).str.extract(each.pattern).alias(name)

    def joined(self) -> Iterator[pl.Expr]:
        """Our columns that several of theirs make together, a stroke between them; nothing where one is blank."""
        for name, columns in self.join.items():
            yield pl.concat_str([beside(theirs) for theirs in columns], separator="/").alias(name)

    def mapped(self) -> Iterator[pl.Expr]:
        """Our columns with their values by our names; one that the map does not have stays."""
        for name, values in self.map.items():
            known = {theirs: ours for theirs, ours in values.items() if theirs != ANY}
            of_any = pl.lit(values[ANY]) if ANY in values else pl.col(name)
            yield pl.col(name).fill_null("").replace_strict(known, default=of_any, return_dtype=pl.String).alias(name)

    def constants(self) -> Iterator[pl.Expr]:
        """Our columns that are the same on every line; a blank is no value."""
        for name, value in self.set.items():
            yield pl.lit(value or None, pl.String).alias(name)

    def amounts(self, form: NumberForm) -> Iterator[pl.Expr]:
        """The amount, from what was billed and what was given back: only one of the two may be there."""
        if self.amount_from is None:
            return
        columns = [pl.col(beside(theirs)) for theirs in (self.amount_from.plus, self.amount_from.minus)]
        plus, minus = (plain_or_marked(column, form.number(column)) for column in columns)
        # A minus in the column of what was given back says it twice, or takes it back: nobody can know.
        unclear = pl.concat_str(columns[0].fill_null("nothing"), pl.lit(" and "), columns[1])
        is_clear = is_zero(plus) & ~minus.str.starts_with("-")
        yield (
            pl.when(is_zero(minus))
            .then(pl.coalesce(plus, minus))
            .when(is_clear)
            .then(negated(minus))
            .otherwise(unclear)
        ).alias("amount")

    def signs(self, there: Mapping[str, str]) -> Iterator[pl.Expr]:
        """Amounts and VAT below zero where a column says so; `there` is the frame's name of each column written."""
        if self.negative_where:
            is_negative = pl.any_horizontal(
                is_any_of(there[column], values) for column, values in self.negative_where.items()
            )
            for name in ("amount", "amount_minor", "vat_minor"):
                yield pl.when(is_negative).then(below_zero(pl.col(name))).otherwise(pl.col(name)).alias(name)

    def kinds(self) -> Iterator[pl.Expr]:
        """The kind, by the sign of the amount."""
        if self.kind_by_sign:
            amount = pl.coalesce("amount_minor", "amount")
            is_back = amount.str.starts_with("-") & ~is_zero(amount)
            yield pl.when(is_back).then(pl.lit("credit_note")).otherwise(pl.lit("charge")).alias("kind")

    def in_minor_units(self) -> Iterator[pl.Expr]:
        """The columns that are in major units, in minor ones; text that is no such amount stays, and cannot be read."""
        for name in self.major_units:
            yield plain_or_marked(pl.col(name), minor_of_major(name)).alias(name)


def is_any_of(column: str, values: tuple[str, ...]) -> pl.Expr:
    """Whether the text is one of the values; `*` in a value is any text, and a blank one is a blank cell."""
    return pl.col(column).fill_null("").str.contains(_pattern(values))


def _pattern(values: tuple[str, ...]) -> str:
    patterns = (".*".join(re.escape(part) for part in value.split(ANY)) for value in values)
    return "(?s)^(?:" + "|".join(patterns) + r")$"


def _ours(name: str) -> str:
    if name not in TEXT_COLUMNS:
        raise ValueError(f"{name!r} is no billing column (there are: {', '.join(TEXT_COLUMNS)})")
    return name
