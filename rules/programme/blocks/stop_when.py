"""Stop when: what may be odd about a month's billing lines before the month is stopped instead of paid."""

from fractions import Fraction
from typing import Literal

from pydantic import Field

from rules.programme.blocks.plan_terms import Block
from rules.programme.written import Count, Rate

Side = Literal["kind", "source", "currency"]
"""What lines have in common. Where every line with the same one is rejected, it is no accident."""


class StopWhen(Block):
    """When a month is not approved because too much of it could not be read, or seems to be paid already."""

    rejected_above: Rate = Fraction(5, 100)
    at_least: Count = Field(2, ge=1)
    all_of: tuple[Side, ...] = ("kind", "source", "currency")
    mixed_amounts: Literal["stop", "allow"] = "stop"
    empty_month: Literal["stop", "allow"] = "stop"
    settled_again: Literal["stop", "allow"] = "stop"
    sent_twice: Literal["stop", "allow"] = "stop"
