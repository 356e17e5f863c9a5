"""Terms in force: which plan a partner is on in a month, and when a month cannot be settled."""

from datetime import date

import pytest

from models.errors import BadInput
from models.period import Period
from models.vendor import Terms
from rules.programme import parse_programme
from rules.terms import InForce, in_force

BLOCK = "{from: %s, earn: {software: {plan: percentage, categories: [software], rate: 50%%}}}"
PROGRAMME = parse_programme(
    "programme: p\nstarts: 2026-01\ncurrency: RUB\ntimezone: Europe/Moscow\nbase: gross\nrefunds: net_current\n"
    f"plans:\n  integrator: {BLOCK % '2026-01'}\n  reseller: {BLOCK % '2026-01'}\n  agent: {BLOCK % '2026-03'}\n"
)
FEBRUARY = Period(2026, 2)


def terms(plan: str, from_day: str, partner_id: str = "ana") -> Terms:
    return Terms(partner_id=partner_id, name=partner_id.title(), plan=plan, from_day=date.fromisoformat(from_day))


def february(*rows: Terms, must_have: tuple[str, ...] = ()) -> dict[str, InForce]:
    return in_force(rows, PROGRAMME, FEBRUARY, must_have)


def problems(*rows: Terms, must_have: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(BadInput) as refused:
        february(*rows, must_have=must_have)
    heading, *lines = str(refused.value).splitlines()
    assert heading == "partners.csv cannot be settled with this programme:"
    return lines


def test_the_latest_terms_that_have_begun_are_in_force() -> None:
    first, second = terms("integrator", "2025-10-01"), terms("reseller", "2026-02-01")
    in_march = terms("integrator", "2026-03-01")
    found = february(in_march, second, first)
    assert found == {"ana": InForce(second, PROGRAMME.plans["reseller"][0], since=date(2025, 10, 1))}


@pytest.mark.parametrize(
    ("from_day", "is_in_force"),
    [("2026-02-01", True), ("2026-02-28", True), ("2026-03-01", False)],
)
def test_terms_are_in_force_in_the_month_they_begin_in(from_day: str, is_in_force: bool) -> None:
    assert bool(february(terms("integrator", from_day))) == is_in_force


def test_a_first_row_may_begin_on_any_day_of_the_month() -> None:
    assert february(terms("integrator", "2026-02-17"))["ana"].since == date(2026, 2, 17)


def test_a_change_of_plan_inside_the_month_is_refused() -> None:
    assert problems(terms("integrator", "2026-01-01"), terms("reseller", "2026-02-17")) == [
        "  partner ana: terms from 2026-02-17 change the plan 'integrator' to 'reseller' inside 2026-02: "
        "a plan changes on the first day of a month, write 2026-03 or 2026-02"
    ]


def test_a_change_of_plan_on_the_first_day_of_the_month_is_none_inside_it() -> None:
    found = february(terms("integrator", "2026-01-01"), terms("reseller", "2026-02-01"))
    assert found["ana"].terms.plan == "reseller"


def test_a_change_inside_an_earlier_month_is_no_matter_of_this_one() -> None:
    assert february(terms("integrator", "2026-01-01"), terms("reseller", "2026-01-17"))["ana"].terms.plan == "reseller"


def test_a_change_of_plan_inside_the_month_is_refused_whatever_follows_it() -> None:
    first, change = terms("integrator", "2026-01-01"), terms("reseller", "2026-02-10")
    for later in (terms("reseller", "2026-02-20"), terms("integrator", "2026-02-20")):
        (problem,) = problems(first, change, later)
        assert "terms from 2026-02-10 change the plan 'integrator' to 'reseller' inside 2026-02" in problem


def test_a_new_name_or_locale_may_come_on_any_day() -> None:
    renamed = terms("integrator", "2026-02-17").model_copy(update={"name": "Ana & Co", "locale": "pl"})
    assert february(terms("integrator", "2026-01-01"), renamed)["ana"].terms.name == "Ana & Co"


def test_a_plan_the_programme_does_not_have_is_refused_by_name() -> None:
    assert problems(terms("pay_per_view", "2026-01-01")) == [
        "  partner ana: terms from 2026-01-01 name the plan 'pay_per_view'; "
        "the programme has agent, integrator, reseller"
    ]


def test_a_plan_that_starts_later_is_refused_with_its_month() -> None:
    assert problems(terms("agent", "2026-02-01")) == [
        "  partner ana: terms from 2026-02-01 name the plan 'agent', which starts in 2026-03, after 2026-02"
    ]


def test_a_partner_with_clients_or_a_balance_cannot_vanish_from_the_file() -> None:
    assert problems(must_have=("bo",)) == [
        "  partner bo has clients or a balance, but partners.csv has no row for it: keep the row"
    ]
    assert february(terms("integrator", "2026-01-01"), must_have=("ana",)).keys() == {"ana"}


def test_a_partner_with_a_balance_cannot_have_its_terms_put_off() -> None:
    later = terms("integrator", "2026-03-01")
    assert february(later, must_have=("ana",)) == {}
    with pytest.raises(BadInput, match="partner ana has a balance, but its terms begin on 2026-03-01, after 2026-02"):
        in_force([later], PROGRAMME, FEBRUARY, owed={"ana"})


def test_every_partner_that_cannot_be_calculated_is_named_at_once() -> None:
    found = problems(
        terms("integrator", "2026-01-01", "ana"),
        terms("nothing", "2026-01-01", "dee"),
        terms("agent", "2026-01-01", "cy"),
        must_have=("zoe", "ana", "bo"),
    )
    assert [problem.split()[1].rstrip(":") for problem in found] == ["bo", "zoe", "cy", "dee"]
