"""Groups: which partners are measured together in a month, as partners of one owner."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from models.period import Period
from models.vendor import Terms
from rules.terms.spans import rows_by_partner, spans


@dataclass(frozen=True)
class Groups:
    """The consolidation groups of partners by month: who joins one, or leaves it, does so from a day on."""

    rows: tuple[Terms, ...] = ()  # all of each partner that is ever in a group

    @classmethod
    def of(cls, partners: Iterable[Terms]) -> "Groups":
        rows = tuple(partners)
        ever = {row.partner_id for row in rows if row.consolidation_group}
        return cls(tuple(row for row in rows if row.partner_id in ever))

    def in_month(self, month: Period) -> Mapping[str, str]:
        """Return the group of each partner that is in one at the end of the month.

        One that was in none until May, and is in G from June 1st on, is measured alone in May, and with G in June.
        """
        if month not in self._by_month:
            begun = {each: mine for each, mine in self._of_partner.items() if mine[0].from_day <= month.last_day}
            groups = {each: spans(mine, month)[-1].terms.consolidation_group for each, mine in begun.items()}
            self._by_month[month] = {each: group for each, group in groups.items() if group}
        return self._by_month[month]

    def ever_with(self, partner_id: str) -> list[str]:
        """Return the partner, and all who are in a group of its in any month."""
        its = {row.consolidation_group for row in self._of_partner.get(partner_id, ()) if row.consolidation_group}
        return sorted({partner_id, *(row.partner_id for row in self.rows if row.consolidation_group in its)})

    @cached_property
    def _of_partner(self) -> dict[str, list[Terms]]:
        return rows_by_partner(self.rows)

    @cached_property
    def _by_month(self) -> dict[Period, Mapping[str, str]]:
        return {}
