"""A measure: the figure that picks a tier, reaches a goal or makes a level. It need not be what earns."""

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from models.period import Period

ALL: Literal["all"] = "all"
LIFETIME: Literal["lifetime"] = "lifetime"
"""How a window since the programme starts is written; as a value it is None, no number of months."""


class AfterRefunds(StrEnum):
    """What a rule counts of sales that a later month gives back."""

    AS_EARNED = "as earned"  # what it earned goes back with the sale; measures stay what they were
    LEFT = "left"  # what is left of them, in whatever month they were paid
    KEPT = "kept"  # all of them: what they reached is kept


EARLIEST = Period(1, 1)
"""No month comes before it."""

_WINDOW = re.compile(r"([1-9][0-9]{0,2}) months")


def read_window(text: object) -> int | None:
    """Read `month` or `12 months` as a number of months that ends with this one; `lifetime` is None."""
    if text in ("month", LIFETIME):
        return 1 if text == "month" else None
    if written := _WINDOW.fullmatch(str(text)):
        return int(written[1])
    raise ValueError(f"{text!r} is no window: write month, lifetime, or a number of months such as `12 months`")


Window = Annotated[
    int | None,
    BeforeValidator(read_window),
    WithJsonSchema({"type": "string", "pattern": "^(month|lifetime|[1-9][0-9]{0,2} months)$", "default": "month"}),
]


class Measure(BaseModel):
    """Paid or billed amounts of some categories, or of all, over a window; or a number of clients."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    categories: Annotated[tuple[str, ...], Field(min_length=1)] | Literal["all"] = Field(
        ALL,
        description="the categories that count: a list, or `all` for the whole bill; `measure: all` is short for that",
    )
    of: Literal["paid", "billed", "active_clients", "new_clients"] = Field(
        "paid",
        description="`paid`: what was paid. `billed`: what was billed, paid or not. `active_clients`: how "
        "many clients paid. `new_clients`: how many paid for the first time. `paid` when left out",
    )
    window: Window = Field(
        1,
        description="`month`; a number of months that ends with this one, as `12 months`; or `lifetime`, "
        "since the programme starts. `month` when left out",
    )
    over: Literal["partner", "consolidation_group"] = Field(
        "partner",
        description="`partner`, or `consolidation_group`: all partners of one owner together. `partner` when left out",
    )

    @property
    def counts(self) -> bool:
        """Whether it is a number of clients, not an amount of money."""
        return self.of in ("active_clients", "new_clients")

    @property
    def looks_back(self) -> bool:
        """Whether earlier months have to be known."""
        return self.window != 1 or self.of == "new_clients"

    @property
    def words(self) -> str:
        named = "all categories" if self.categories == ALL else ", ".join(self.categories)
        what = {
            "paid": f"what was paid for {named}",
            "billed": f"what was billed for {named}",
            "active_clients": f"the clients who paid for {named}",
            "new_clients": f"the clients who paid for {named} for the first time",
        }[self.of]
        when = "the month" if self.window == 1 else f"{self.window} months"
        scope = " over the consolidation group" if self.over == "consolidation_group" else ""
        return f"{what} in {'the programme’s life' if self.window is None else when}{scope}"

    def first_month(self, month: Period) -> Period:
        """The month the window that ends with `month` begins with; the first there is, where it never began."""
        return EARLIEST if self.window is None else month.plus(1 - self.window)


def read_measure(written: object) -> object:
    """`measure: all` is short for the whole bill of the month."""
    return {"categories": ALL} if written == ALL else written


AMeasure = Annotated[Measure, BeforeValidator(read_measure)]
