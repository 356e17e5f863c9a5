"""Groups: partners of one owner, by month."""

from datetime import date

from models.period import Period
from models.vendor import Terms
from rules.terms.groups import Groups


def row(partner_id: str, since: str, group: str = "", until: str = "") -> Terms:
    day = date.fromisoformat
    return Terms(
        partner_id=partner_id, name=partner_id, plan="p", from_day=day(since), until=day(until) if until else None,
        consolidation_group=group,
    )  # fmt: skip


def in_month(groups: Groups, *months: int) -> list[dict[str, str]]:
    return [dict(groups.in_month(Period(2026, month))) for month in months]


def test_a_partner_is_in_the_group_of_the_row_that_holds_on_the_last_day_of_the_month() -> None:
    groups = Groups.of([row("bo", "2026-01-01", "G"), row("ana", "2026-01-01"), row("ana", "2026-02-28", "G")])
    assert in_month(groups, 1, 2) == [{"bo": "G"}, {"ana": "G", "bo": "G"}]


def test_after_special_terms_the_group_of_the_terms_before_holds_again() -> None:
    groups = Groups.of([row("ana", "2026-01-01", "G"), row("ana", "2026-03-01", "H", until="2026-03-31")])
    assert in_month(groups, 2, 3, 4) == [{"ana": "G"}, {"ana": "H"}, {"ana": "G"}]


def test_who_left_the_programme_stays_in_its_group_and_who_has_not_begun_is_in_none() -> None:
    groups = Groups.of([row("ana", "2026-02-01", "G", until="2026-02-28")])
    assert in_month(groups, 1, 2, 5) == [{}, {"ana": "G"}, {"ana": "G"}]


def test_who_was_ever_in_one_group_is_known_beside_who_never_was() -> None:
    rows = (
        row("ana", "2026-01-01", "G"),
        row("ana", "2026-02-01"),
        row("bo", "2026-05-01", "G"),
        row("cy", "2026-01-01"),
    )
    groups = Groups.of(rows)
    assert (groups.ever_with("bo"), groups.ever_with("cy")) == (["ana", "bo"], ["cy"])
