"""No payout: a partner sees its clients and what they paid, and earns nothing on it."""

from fractions import Fraction
from typing import ClassVar, Literal

from rules.plan import Cut, Earned, OnLines, Sums, To, Working, by_base


class NoPayout(OnLines):
    """Counts and shows what clients paid, and pays nothing for it.

    Clients that paid 84 444.44 stand on the statement with a commission of 0.00.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "{plan: no_payout, categories: [software, telephony]}",
        "{plan: no_payout, categories: others}",
    )

    plan: Literal["no_payout"]

    @property
    def to(self) -> To:
        return To.NOBODY

    def cut(self) -> Cut:
        return Cut(lines=self.lines)

    def earn(self, sums: Sums) -> Earned:
        nothing = Fraction(0)
        return Earned((Working(sums.base_minor, nothing),), by_base(sums.clients, nothing), "client")

    def words(self, currency: str) -> str:
        return f"{self.lines.words}: counted and shown, nothing is paid"
