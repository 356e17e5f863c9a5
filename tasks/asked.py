"""Asked: what answers to plans are made from, beside the lines of the month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from models.period import Period
from models.vendor import Assignment, Employee, Exclusion
from tasks.measures import Measures
from tasks.past import Past, first_paid


@dataclass(frozen=True, eq=False)
class Asked:
    """What answers are made from, beside the lines."""

    month: Period
    sums: pl.DataFrame  # the month's own, SUMS_SCHEMA
    past: Past
    measures: Measures
    events: pl.DataFrame  # EVENT_SCHEMA, settled ones
    employees: Sequence[Employee] = ()
    assignments: Sequence[Assignment] = ()
    exclusions: Sequence[Exclusion] = ()

    @cached_property
    def paid_first(self) -> dict[str, date]:
        """The day each client first paid anything that counts."""
        return first_paid(pl.concat([self.past.sums, self.sums]))
