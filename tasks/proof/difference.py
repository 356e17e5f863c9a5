"""Differences: where two records of one fact disagree, and the error that stops a month for them."""

from collections.abc import Sequence
from typing import NamedTuple

from models.errors import SettlementError

SHOWN = 20


class Difference(NamedTuple):
    """One thing on which two records disagree: the row or object it is about, and what each says."""

    where: str
    words: str

    def __str__(self) -> str:
        return f"{self.where}: {self.words}"


class FactsDisagree(SettlementError):
    """The database, its audit trail and the archive do not say the same: somebody changed one of them."""

    def __init__(self, differences: Sequence[Difference]) -> None:
        self.differences = tuple(differences)
        shown = "\n  ".join(str(each) for each in differences[:SHOWN])
        more = f"\n  and {len(differences) - SHOWN} more: settle doctor" if len(differences) > SHOWN else ""
        super().__init__(
            f"what is recorded of the months before does not agree ({len(differences)}):\n  {shown}{more}\n"
            "Nothing was settled. Find out who changed it and when; restore the database or the archive from a backup "
            "of before, and run again. `settle doctor` compares everything, `settle verify` the archive alone."
        )
