"""Columns: which of a table's own columns are ours, and what to say when one is missing."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Annotated, NamedTuple, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from engine.frames.schemas import JudgedLines
from models.billing import REQUIRED_COLUMNS, TEXT_COLUMNS
from models.errors import BadInput
from rules.sources.days import DayForm
from rules.sources.numbers import NumberForm, one_or_more
from rules.sources.values import DAYS, ValueForm

RESERVED = {*TEXT_COLUMNS, *JudgedLines.column_names(), "source", "row"}


class Columns(NamedTuple):
    """Which column of a table gives which of ours; the rest is left behind."""

    theirs: dict[str, str]  # ours -> theirs
    unknown: tuple[str, ...]
    absent: tuple[str, ...]  # asked for under keep:, and not there
    beside: tuple[str, ...] = ()  # theirs that are asked, and give none of ours


class ColumnNames(NumberForm, DayForm, ValueForm):
    """What a block of sources.yaml says of a table: which column is ours by another name, how values are written."""

    rename: dict[str, Annotated[tuple[str, ...], BeforeValidator(one_or_more)]] = Field(default_factory=dict)
    keep: tuple[str, ...] = ()

    @field_validator("keep")
    @classmethod
    def _kept_names_are_free(cls, keep: tuple[str, ...]) -> tuple[str, ...]:
        if taken := sorted(RESERVED.intersection(keep)):
            raise ValueError(f"{', '.join(taken)}: this name is ours already, so it is no column of your own to keep")
        return tuple(sorted(set(keep)))

    @model_validator(mode="after")
    def _new_names_are_known(self) -> Self:
        for theirs, ours in ((theirs, ours) for theirs, names in self.rename.items() for ours in names):
            if ours not in (*TEXT_COLUMNS, *self.keep):
                raise ValueError(
                    f"rename: {theirs}: {ours!r} is no billing column (there are: {', '.join(TEXT_COLUMNS)}); "
                    f"to keep a column of your own under this name, add it to `keep:`"
                )
        return self

    @property
    def says_anything(self) -> bool:
        """Whether lines are more than renamed."""
        return self.says_numbers or self.says_days or self.says_values

    def match(self, place: str, found: Sequence[str]) -> Columns:
        """Find our columns among those of a table. Raises BadInput naming every one that is missing or there twice."""
        pairs = [
            (ours, their) for their in found for ours in self.rename.get(their, (their,)) if ours not in self.makes
        ]
        ours = [name for name, _ in pairs]
        problems = []
        if twice := sorted({name for name in ours if ours.count(name) > 1}):
            problems.append(f"more than one column is called {', '.join(twice)}: leave one, or rename it.")
        theirs = {name: their for name, their in pairs if name in (*TEXT_COLUMNS, *self.keep)}
        if missing := self._missing(theirs):
            advice = "Rename it where it is made, or under `rename:` in sources.yaml (their name: our name)."
            problems.append(f"{describe_missing(missing, found)} {advice}")
        either = (*self.negative_where, *self.fill_down)  # theirs, or ours
        asked = {*self.asks, *(name for name in either if name not in TEXT_COLUMNS or name in found)}
        if gone := sorted(asked.difference(found)):
            problems.append(f"sources.yaml asks for its {describe_missing(gone, found)}")
        if problems:
            raise BadInput(f"{place}: " + f"\n{place}: ".join(problems))
        self._zone_is_said(place, theirs)
        used = {*theirs.values(), *asked}
        return Columns(
            theirs,
            unknown=tuple(their for their in found if their not in used),
            absent=tuple(name for name in self.keep if name not in theirs),
            beside=tuple(sorted(asked)),
        )

    def _missing(self, theirs: Iterable[str]) -> list[str]:
        given = {*theirs, *self.makes}
        # Decimal text in major units may stand instead of a whole number of minor units.
        given |= {"amount_minor"} if "amount" in given else set()
        given |= {"currency"} if self.currency_signs else set()
        return [name for name in REQUIRED_COLUMNS if name not in given]

    def _zone_is_said(self, place: str, theirs: dict[str, str]) -> None:
        """Raise BadInput where a column says that its moments are in UTC, and sources.yaml that they are not."""
        for name in DAYS:
            if self.timezone and not self.stamps_in and any(zone in theirs.get(name, "") for zone in ("UTC", "GMT")):
                raise BadInput(
                    f"{place}: column {theirs[name]} tells its moments in UTC by its name, and without a word they are "
                    f"taken for those of {self.timezone}: write `stamps_in: UTC` in sources.yaml."
                )


def describe_missing(missing: Sequence[str], found: Sequence[str]) -> str:
    """Name the missing columns, the names that look alike, and what is there."""
    alike = []
    for name in missing:
        by_small = {other.strip().lower(): other for other in found}
        if near := get_close_matches(name.lower(), by_small, n=1, cutoff=0.7):
            alike.append(f"is {by_small[near[0]]!r} meant as {name}?")
    words = f"missing column{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
    if len(found) == 1 and any(mark in found[0] for mark in ";\t|"):
        mark = next(mark for mark in ";\t|" if mark in found[0])
        written = "\\t" if mark == "\t" else mark
        alike.append(
            f"are the columns separated by something else than a comma? "
            f'Then write `delimiter: "{written}"` for this source in sources.yaml.'
        )
    return " ".join([f"{words}.", *(f"{hint[0].upper()}{hint[1:]}" for hint in alike), f"It has: {', '.join(found)}."])


def not_kept(name: str, unknown: Iterable[str], absent: Iterable[str]) -> list[str]:
    """Return warnings: columns left behind, and columns that were asked for and are not there."""
    warnings = []
    if left := sorted(set(unknown)):
        warnings.append(f"{name}: columns not kept: {', '.join(left)} (to keep them, name them under `keep:`).")
    if gone := sorted(set(absent)):
        warnings.append(f"{name}: columns named under `keep:` that are not everywhere: {', '.join(gone)}.")
    return warnings
