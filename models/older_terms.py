"""Older terms: what tells a rule from the one of the same name under the terms that hold today."""

from typing import Literal

from models.value import Value


class OlderTerms(Value):
    """Whose terms a rule is of, where they are not the newest: a plan's, those until a day, or those of a month."""

    kind: Literal["of_plan", "until", "of_month"]
    value: str  # the plan's name in the programme file; the last day, 2026-01-14; the month they began, 2025-06
