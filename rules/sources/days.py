"""Days as a source writes them: `31.01.2026`, a moment in a time zone, a serial number of a spreadsheet."""

import re
from collections.abc import Iterator
from typing import Annotated, Self

import polars as pl
from pydantic import BeforeValidator, Field, field_validator, model_validator

from models.time_zones import known_time_zone
from models.value import Value
from rules.sources.numbers import one_or_more

EXCEL, UNIX = "excel", "unix"
ISO = "YYYY-MM-DD"
"""Always read."""

TOKENS = {
    "YYYY": ("[0-9]{4}", "%Y"),
    "YY": ("[0-9]{2}", "%y"),
    "MMM": ("[A-Za-z]{3}", "%b"),
    "MM": ("[0-9]{2}", "%m"),
    "M": ("[0-9]{1,2}", "%m"),
    "DD": ("[0-9]{2}", "%d"),
    "D": ("[0-9]{1,2}", "%d"),
    "HH": ("[0-9]{2}", "%H"),
    "H": ("[0-9]{1,2}", "%H"),
    "hh": ("[0-9]{1,2}", "%I"),
    "mm": ("[0-9]{2}", "%M"),
    "ss": ("[0-9]{2}", "%S"),
    "AM": ("(?:AM|PM)", "%p"),
}
"""What a form is made of: the pattern of each part, and its name in `strptime`."""

PART = re.compile("|".join(sorted(TOKENS, key=len, reverse=True)))
MARKS = " ./,:-T"
OF_TIME = {"HH", "H", "hh", "mm", "ss", "AM"}
EXAMPLES = "DD.MM.YYYY, DD/MM/YYYY, MM/DD/YYYY, YYYY/MM/DD, YYYYMMDD, DD MMM YYYY, DD.MM.YYYY HH:mm:ss, excel or unix"
ISO_MOMENT = (
    r"^(?<day>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?<clock>[0-9]{2}:[0-9]{2})(?<seconds>:[0-9]{2})?(?:[.,][0-9]+)?"
    r" ?(?<zone>Z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?$"
)
FIRST_SERIAL = "1899-12-30"
"""The day 0 of a spreadsheet's serial numbers."""

SERIAL = r"^(?<days>[3-7][0-9]{4})(?:\.(?<rest>[0-9]+))?$"
"""From 1982 to 2119; a year such as 2026 is no serial number."""


class DayForm(Value):
    """The keys of a block of sources.yaml that say how its days and moments are written."""

    dates: Annotated[tuple[str, ...], BeforeValidator(one_or_more)] = Field(default=(), validate_default=False)
    timezone: str | None = None  # whose days the books keep
    stamps_in: str | None = None  # what a moment without an offset is told in; None: in `timezone`

    @field_validator("dates")
    @classmethod
    def _forms_are_known(cls, forms: tuple[str, ...]) -> tuple[str, ...]:
        for form in forms:
            if form not in (EXCEL, UNIX) and not _is_form(form):
                raise ValueError(f"{form!r} is no form of a day: write one such as {EXAMPLES}")
        for place, form in enumerate(forms):
            for other in (ISO, *forms[:place]):
                if _shape(form) == _shape(other) and _letters(form) != _letters(other):
                    raise ValueError(f"{other} and {form} read one text as two days: keep the one that is meant")
        return forms

    @field_validator("timezone", "stamps_in")
    @classmethod
    def _zone_is_known(cls, zone: str | None) -> str | None:
        if zone is not None and not known_time_zone(zone):
            raise ValueError(f"{zone!r} is not an IANA time zone: write for example Europe/Moscow")
        return zone

    @model_validator(mode="after")
    def _moments_have_a_zone(self) -> Self:
        if self.timezone is None:
            if self.stamps_in is not None:
                raise ValueError("stamps_in: add `timezone:`, the zone whose days the books keep")
            for form in self.dates:
                if _has_time(form):
                    raise ValueError(
                        f"dates: {form} is a moment, and the day it falls on depends on the time zone: add "
                        f"`timezone:`, for example `timezone: Europe/Moscow`"
                    )
        return self

    @property
    def says_days(self) -> bool:
        """Whether days are written in another way than ours."""
        return bool(self.dates) or self.timezone is not None

    def as_iso(self, column: str) -> pl.Expr:
        """The column with its days as YYYY-MM-DD. Text in none of the declared forms stays, and cannot be read."""
        text = pl.col(column)
        read = [day.dt.to_string("%Y-%m-%d") for day in self._days(text)]
        return pl.coalesce(*read, text).alias(column)

    def _days(self, text: pl.Expr) -> Iterator[pl.Expr]:
        for form in self.dates:
            if form == EXCEL:
                yield self._of_serial(text)
            elif form == UNIX:
                yield self._of_unix(text)
            else:
                yield self._of_form(text, form)
        if self.timezone is not None:
            yield self._of_iso_moment(text)

    def _of_form(self, text: pl.Expr, form: str) -> pl.Expr:
        pattern = "^" + PART.sub(lambda part: TOKENS[part[0]][0], _escaped(form)) + "$"
        written = PART.sub(lambda part: TOKENS[part[0]][1], form)
        fitting = pl.when(text.str.contains(pattern)).then(text)
        if not _has_time(form):
            return fitting.str.to_date(written, strict=False)
        return self._day_of(fitting.str.to_datetime(written, strict=False, time_unit="ms"))

    def _of_serial(self, text: pl.Expr) -> pl.Expr:
        parts = text.str.extract_groups(SERIAL)
        day = pl.lit(FIRST_SERIAL).str.to_date() + pl.duration(days=parts.struct.field("days").cast(pl.Int64))
        billionths = parts.struct.field("rest").str.slice(0, 9).str.pad_end(9, "0").cast(pl.Int64)
        whole = billionths.is_null() | (billionths == 0)
        if self.timezone is None:
            return pl.when(whole).then(day)
        moment = day.cast(pl.Datetime("ms")) + pl.duration(seconds=billionths * 86_400 // 10**9)
        return pl.when(whole).then(day).otherwise(self._day_of(moment))

    def _of_unix(self, text: pl.Expr) -> pl.Expr:
        seconds = pl.when(text.str.contains(r"^[0-9]{9,10}$")).then(text).cast(pl.Int64, strict=False) * 1000
        thousandths = pl.when(text.str.contains(r"^[0-9]{12,13}$")).then(text).cast(pl.Int64, strict=False)
        return self._local(pl.coalesce(seconds, thousandths).cast(pl.Datetime("ms")))

    def _of_iso_moment(self, text: pl.Expr) -> pl.Expr:
        parts = text.str.extract_groups(ISO_MOMENT)
        written = pl.concat_str(
            parts.struct.field("day"),
            pl.lit(" "),
            parts.struct.field("clock"),
            parts.struct.field("seconds").fill_null(":00"),
        )
        moment = written.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="ms")
        offset = parts.struct.field("zone")
        minutes = _offset_minutes(offset)
        in_utc = self._local(moment - pl.duration(minutes=minutes))
        return pl.when(offset.is_null()).then(self._day_of(moment)).otherwise(in_utc)

    def _day_of(self, moment: pl.Expr) -> pl.Expr:
        """The day of a moment without an offset; null where it does not exist, or falls on either of two days."""
        zone = self.stamps_in or self.timezone
        if zone == self.timezone:
            return moment.dt.date()
        assert zone is not None
        first, last = (
            self._local(
                moment.dt.replace_time_zone(zone, ambiguous=ambiguous, non_existent="null")
                .dt.convert_time_zone("UTC")
                .dt.replace_time_zone(None)
            )
            for ambiguous in ("earliest", "latest")
        )
        return pl.when(first == last).then(first)

    def _local(self, in_utc: pl.Expr) -> pl.Expr:
        """The day on which a moment of UTC falls in the books' zone."""
        assert self.timezone is not None
        return in_utc.dt.replace_time_zone("UTC").dt.convert_time_zone(self.timezone).dt.date()


def _offset_minutes(offset: pl.Expr) -> pl.Expr:
    digits = offset.str.replace_all(r"[^0-9]", "").str.pad_end(4, "0")
    size = digits.str.slice(0, 2).cast(pl.Int64, strict=False) * 60 + digits.str.slice(2, 2).cast(
        pl.Int64, strict=False
    )
    return pl.when(offset.str.starts_with("-")).then(-size).otherwise(size)


def _is_form(form: str) -> bool:
    parts = PART.findall(form)
    rest = PART.sub("", form)
    has_day = [part[0] for part in parts if part not in OF_TIME]
    return sorted(has_day) == ["D", "M", "Y"] and all(mark in MARKS for mark in rest)


def _escaped(form: str) -> str:
    return form.replace(".", "[.]")


def _parts(form: str) -> list[str]:
    """The parts of a form as they follow each other."""
    return [] if form in (EXCEL, UNIX) else PART.findall(form)


def _letters(form: str) -> list[str]:
    return [part[0] for part in _parts(form)]


def _has_time(form: str) -> bool:
    return form == UNIX or not OF_TIME.isdisjoint(_parts(form))


def _shape(form: str) -> str:
    """The form with every number of one or two digits alike: what cannot be told apart by looking."""
    return PART.sub(lambda part: "N" if part[0] in ("DD", "D", "MM", "M", "YY") else part[0], form)
