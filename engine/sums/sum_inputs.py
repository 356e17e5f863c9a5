"""Sum inputs: what the sums that plans ask for are made from, except this month's lines."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import polars as pl

from engine.frames.schemas import EarnedAmounts, JudgedEvents, MonthSums
from engine.sums.measures import Measures
from engine.sums.past import Past, first_paid
from models.period import Period
from models.vendor import Assignment, Employee, Exclusion


@dataclass(frozen=True, eq=False)
class SumInputs:
    """Inputs for the plans' sums, except this month's lines."""

    month: Period
    sums: pl.DataFrame  # MonthSums of this month
    past: Past
    measures: Measures
    corrections: pl.DataFrame = field(default_factory=EarnedAmounts.create_empty)  # of earlier months' earnings
    given_back: pl.DataFrame = field(default_factory=MonthSums.create_empty)  # what refunds take off what was paid
    events: pl.DataFrame = field(default_factory=JudgedEvents.create_empty)  # settled ones
    again: frozenset[str] = frozenset()  # lines put into a month that is worked out again: what was given back since
    employees: Sequence[Employee] = ()
    assignments: Sequence[Assignment] = ()
    exclusions: Sequence[Exclusion] = ()

    @cached_property
    def paid_first(self) -> dict[str, date]:
        """The day each client first paid anything that counts."""
        return first_paid(pl.concat([self.past.sums, self.sums]))
