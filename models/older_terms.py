"""Older terms: what tells a rule from the one of the same name under the terms that hold today."""

from typing import Literal

from models.value import Value


class OlderTerms(Value):
    """Whose terms a rule is of, where they are not the newest.

    A plan's, those until a day, those that began in a month, or those of the month in which late lines were paid.
    """

    kind: Literal["of_plan", "until", "of_month", "paid_in"]
    value: str  # the plan's name in the programme file; the last day, 2026-01-14; a month, 2025-06
