"""The summary of a statement: entries in order, which add up from the balance before to the balance after.

Opening 100.00, commission 40.00, to pay -140.00, carried forward 0.00: each entry raises (or lowers) what is
owed to the partner, and the last one is what they come to. A new kind of entry (an adjustment, a tax ...) is one
more member of `EntryKind` and its words in every language. The named figures people ask for are derived here and
nowhere else; the JSON has them beside the entries.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, ModelWrapValidatorHandler, SerializerFunctionWrapHandler, model_serializer, model_validator

from models.value import Value

NAMED = (
    "opening_minor", "commission_minor", "corrections_minor", "held_minor", "balance_minor", "to_pay_minor",
    "carried_minor",
)  # fmt: skip
"""The figures the JSON has beside the entries."""

NAMED_WHERE_NOT_0 = ("held_minor",)
"""Those that it has where they are not 0."""

NAMED_LATER = ("corrections_minor", "held_minor")
"""Those that may be missing where they are 0: statements were issued before there were any."""


class EntryKind(StrEnum):
    """What an entry is. The first is always `opening`, the last two are always `to_pay` and `carried`."""

    OPENING = "opening"  # what the statement before carried forward
    COMMISSION = "commission"  # what this month's rules earned the partner
    CLAWBACK = "clawback"  # what refunds take back of earlier months' commission, or chargebacks won give again
    LIMIT = "limit"  # what that changes of those months' caps and guarantees
    ADJUSTMENT = "adjustment"  # what somebody put right by hand
    RESTATEMENT = "restatement"  # what earlier months come to less, or more, when they are worked out again
    RELEASED = "released"  # what earlier statements withheld, and a person has released since
    HELD = "held"  # what would be to pay, and a person withholds: taken off the balance
    TO_PAY = "to_pay"  # what this statement pays out: taken off the balance
    CARRIED = "carried"  # what is left, and opens the next statement


class SummaryEntry(Value):
    """One entry: what it adds to the balance, and what it rests on."""

    kind: EntryKind
    amount_minor: int  # positive where it raises what is owed to the partner
    cites: tuple[str, ...]  # the statement before, by digest; the rules; the statements corrected
    # Why it is withheld. Where nothing is, an entry does not say so: statements were issued before it could be.
    reason: Annotated[str, Field(exclude_if=lambda value: value == "")] = ""

    @property
    def shown_minor(self) -> int:
        """The amount as people read it: what is to pay is taken off the balance, and read as what is paid."""
        return -self.amount_minor if self.kind is EntryKind.TO_PAY else self.amount_minor


class Summary(Value):
    """The box on the first page. Entries that do not add up make no summary."""

    entries: tuple[SummaryEntry, ...]
    minimum_minor: int  # the payout minimum of the plan

    @property
    def opening_minor(self) -> int:
        return self._sum_of(EntryKind.OPENING)

    @property
    def commission_minor(self) -> int:
        return self._sum_of(EntryKind.COMMISSION)

    @property
    def corrections_minor(self) -> int:
        """What is posted now for earlier months: below 0 where it is taken back."""
        return sum(
            map(self._sum_of, (EntryKind.CLAWBACK, EntryKind.LIMIT, EntryKind.ADJUSTMENT, EntryKind.RESTATEMENT))
        )

    @property
    def held_minor(self) -> int:
        """What is withheld of this payout, less what is released of earlier ones."""
        return -sum(map(self._sum_of, (EntryKind.RELEASED, EntryKind.HELD)))

    @property
    def balance_minor(self) -> int:
        """What is owed before anything is paid out: to pay and carried forward together."""
        return sum(entry.amount_minor for entry in self.up_to_balance)

    @property
    def to_pay_minor(self) -> int:
        return -self._sum_of(EntryKind.TO_PAY)

    @property
    def carried_minor(self) -> int:
        return self._sum_of(EntryKind.CARRIED)

    @property
    def up_to_balance(self) -> tuple[SummaryEntry, ...]:
        """The entries the balance is made of: all but the last two."""
        return self.entries[:-2]

    def _sum_of(self, kind: EntryKind) -> int:
        return sum(entry.amount_minor for entry in self.entries if entry.kind is kind)

    def named(self) -> dict[str, int]:
        """The figures the JSON has beside the entries, by name."""
        minors = {name: getattr(self, name) for name in NAMED}
        return {name: minor for name, minor in minors.items() if minor or name not in NAMED_WHERE_NOT_0}

    @model_validator(mode="wrap")
    @classmethod
    def _checked(cls, said: Any, read: ModelWrapValidatorHandler["Summary"]) -> "Summary":
        """Read entries, and the named figures where they stand beside them: both must say the same."""
        named = {} if not isinstance(said, Mapping) else {name: said[name] for name in NAMED if name in said}
        summary = read({name: value for name, value in said.items() if name not in named} if named else said)
        summary._add_up()
        wanted = [name for name in NAMED if named and (name not in NAMED_LATER or getattr(summary, name))]
        found = {name: minor for name, minor in summary.named().items() if name in named or name in wanted}
        if named != found:
            raise ValueError(f"the entries come to {found}, and beside them stands {named}")
        return summary

    def _add_up(self) -> None:
        kinds = [entry.kind for entry in self.entries]
        ends = [EntryKind.OPENING, EntryKind.TO_PAY, EntryKind.CARRIED]
        if [*kinds[:1], *kinds[1:][-2:]] != ends or any(kinds.count(kind) != 1 for kind in ends):
            raise ValueError(
                f"a summary begins with opening and ends with to_pay and carried, each once; it has {', '.join(kinds)}"
            )
        *before, last = (entry.amount_minor for entry in self.entries)
        if sum(before) != last:
            raise ValueError(f"the entries add up to {sum(before)}, and {last} is carried forward")

    @model_serializer(mode="wrap")
    def _with_named(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {**written(self), **self.named()}
