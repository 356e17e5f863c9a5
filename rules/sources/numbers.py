"""Numbers as a source writes them: `1 234,50`, `900.00-`, `(500.00)`, `$80`, read exactly or not at all."""

import re
from typing import Annotated, Literal, Self

import polars as pl
from pydantic import BeforeValidator, Field, field_validator, model_validator

from models.money import known_currency
from models.value import Value

SPACES = " \u00a0\u2009\u202f"
"""A space, and those that do not break a line."""

APOSTROPHES = "'\u2019"
TRAILING, PARENTHESES, UNICODE_MINUS, LEADING_APOSTROPHE = "1-", "(1)", "\u22121", "'-1"
NEGATIVES = (TRAILING, PARENTHESES, UNICODE_MINUS, LEADING_APOSTROPHE)
"""How -1 may be written, beside `-1`."""

NEVER = "[^\\s\\S]"
"""Matches nothing: what is not declared is not read."""

Negative = Literal["1-", "(1)", "\u22121", "'-1"]

PLAIN = r"^[+-]?[0-9]+(\.[0-9]+)?$"
"""A number that is read without any declaration."""

NOT_AS_DECLARED = " (not as sources.yaml says)"
"""Stands after a value that could be read, but not in the way that is declared: so nobody reads it in another."""


def one_or_more(written: object) -> object:
    """One text, where a list may stand, is a list of one."""
    return (written,) if isinstance(written, str) else written


class NumberForm(Value):
    """The keys of a block of sources.yaml that say how its numbers are written."""

    decimal: Literal[".", ","] = "."
    thousands: Annotated[tuple[str, ...], BeforeValidator(one_or_more)] = ()
    negatives: Annotated[tuple[Negative, ...], BeforeValidator(one_or_more)] = ()
    currency_signs: dict[str, str] = Field(default_factory=dict)  # what stands beside a number -> ISO 4217

    @field_validator("thousands")
    @classmethod
    def _marks_are_known(cls, marks: tuple[str, ...]) -> tuple[str, ...]:
        for mark in marks:
            if len(mark) != 1 or mark not in f"{SPACES}.,{APOSTROPHES}":
                raise ValueError(f"""{mark!r} separates no thousands: write one of " ", ".", ",", "'\"""")
        return marks

    @field_validator("currency_signs")
    @classmethod
    def _currencies_are_known(cls, signs: dict[str, str]) -> dict[str, str]:
        for sign, code in signs.items():
            if not sign.strip() or re.search(r"[0-9+\-()]", sign):
                raise ValueError(f"{sign!r} is no sign of a currency: write for example {{$: USD}}")
            if not known_currency(code):
                raise ValueError(f"{sign}: {code!r} is not in ISO 4217: write a code such as RUB, EUR or PLN")
        return signs

    @model_validator(mode="after")
    def _marks_differ(self) -> Self:
        if self.decimal in self.thousands:
            other = "," if self.decimal == "." else "."
            raise ValueError(
                f"thousands and decimal are both {self.decimal!r}: if 1{self.decimal}234{other}50 is what is written, "
                f'add `decimal: "{other}"`'
            )
        return self

    @property
    def says_numbers(self) -> bool:
        """Whether numbers are written in another way than ours."""
        return self.decimal != "." or bool(self.thousands or self.negatives or self.currency_signs)

    def number(self, text: pl.Expr, *, signed: bool = True) -> pl.Expr:
        """The number with a dot and no thousands, `-1234.50`; null where the text is not written as declared.

        `signed` allows for the sign of a currency beside it.
        """
        parts = self._parts(text, signed=signed)
        marks = [parts.struct.field(name).fill_null("") for name in ("before", "inside", "after", "last")]
        is_minus = [mark.is_in(["-", "\u2212"]) for mark in marks]
        opens, closes = parts.struct.field("opens").is_not_null(), parts.struct.field("closes").is_not_null()
        minuses = pl.sum_horizontal(each.cast(pl.Int8) for each in (*is_minus, opens))
        pluses = pl.sum_horizontal((mark == "+").cast(pl.Int8) for mark in marks)
        is_one = (opens == closes) & (minuses + pluses <= 1) & self._one_currency(parts, signed=signed)
        body = (
            parts.struct.field("body").str.replace_all(f"[{_class(self._marks)}]", "")
            if self._marks
            else (parts.struct.field("body"))
        )
        sign = pl.when(minuses > 0).then(pl.lit("-")).otherwise(pl.lit(""))
        return pl.when(is_one).then(pl.concat_str(sign, body.str.replace(self.decimal, ".", literal=True)))

    def currency(self, text: pl.Expr) -> pl.Expr:
        """The currency whose sign stands beside the number; null where there is none."""
        parts = self._parts(text, signed=True)
        sign = pl.coalesce(parts.struct.field("currency"), parts.struct.field("currency_after"))
        return sign.replace_strict(self.currency_signs, default=None, return_dtype=pl.String)

    def as_plain(self, column: str, *, signed: bool = True) -> pl.Expr:
        """The column with its numbers as ours are written. One that is not as declared stays, and cannot be read."""
        return plain_or_marked(pl.col(column), self.number(pl.col(column), signed=signed))

    @property
    def _marks(self) -> str:
        """Every character that separates thousands."""
        given = "".join(self.thousands)
        return "".join(
            dict.fromkeys(
                given
                + (SPACES if set(given) & set(SPACES) else "")
                + (APOSTROPHES if set(given) & set(APOSTROPHES) else "")
            )
        )

    def _parts(self, text: pl.Expr, *, signed: bool) -> pl.Expr:
        return self._bare(text).str.extract_groups(self._pattern(signed=signed))

    def _bare(self, text: pl.Expr) -> pl.Expr:
        return text.str.strip_prefix("'") if LEADING_APOSTROPHE in self.negatives else text

    def _pattern(self, *, signed: bool) -> str:
        front = "[+\u2212-]" if UNICODE_MINUS in self.negatives else "[+-]"
        behind = ("[\u2212-]" if UNICODE_MINUS in self.negatives else "-") if TRAILING in self.negatives else NEVER
        opens, closes = (r"\(", r"\)") if PARENTHESES in self.negatives else (NEVER, NEVER)
        signs = "|".join(map(re.escape, self.currency_signs))
        currency = signs if signed and signs else NEVER
        whole = f"[0-9]{{1,3}}(?:[{_class(self._marks)}][0-9]{{3}})+|[0-9]+" if self._marks else "[0-9]+"
        body = f"(?:{whole})(?:{re.escape(self.decimal)}[0-9]+)?"
        gap = f"[{SPACES}]*"
        return gap.join(
            [
                rf"^(?<before>{front})?",
                rf"(?<opens>{opens})?",
                rf"(?<currency>{currency})?",
                rf"(?<inside>{front})?",
                rf"(?<body>{body})",
                rf"(?<after>{behind})?",
                rf"(?<currency_after>{currency})?",
                rf"(?<closes>{closes})?",
                rf"(?<last>{behind})?$",
            ]
        )

    @staticmethod
    def _one_currency(parts: pl.Expr, *, signed: bool) -> pl.Expr:
        if not signed:
            return pl.lit(True)
        return parts.struct.field("currency").is_null() | parts.struct.field("currency_after").is_null()


def _class(characters: str) -> str:
    return "".join(re.escape(character) for character in characters)


def plain_or_marked(written: pl.Expr, read: pl.Expr) -> pl.Expr:
    """What was read; where nothing was, the text as written, marked if it would pass for a number of ours."""
    marked = pl.when(written.str.contains(PLAIN)).then(pl.concat_str(written, pl.lit(NOT_AS_DECLARED)))
    return pl.coalesce(read, marked, written)


def negated(number: pl.Expr) -> pl.Expr:
    """The number with the other sign; other text as it is."""
    size = number.str.strip_prefix("+")
    turned = pl.when(number.str.starts_with("-")).then(number.str.strip_prefix("-")).otherwise("-" + size)
    return pl.when(number.str.contains(PLAIN)).then(turned).otherwise(number)


def below_zero(number: pl.Expr) -> pl.Expr:
    """The number with a minus, whatever its sign was; other text as it is."""
    size = number.str.strip_prefix("+").str.strip_prefix("-")
    return pl.when(number.str.contains(PLAIN)).then("-" + size).otherwise(number)


def is_zero(number: pl.Expr) -> pl.Expr:
    """Whether there is no number, or nothing but zeros: what a table writes in the column that is not meant."""
    return number.is_null() | number.str.contains(r"^[+-]?0+(\.0+)?$")
