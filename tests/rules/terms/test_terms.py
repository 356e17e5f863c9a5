"""Terms in force: which plan a partner is on in a month, and when a month cannot be settled."""

from datetime import date

import pytest

from models.errors import BadInput, BadProgramme
from models.older_terms import OlderTerms
from models.period import Period
from models.vendor import Terms
from rules.programme.file import parse_programme
from rules.terms.in_force import InForce, Part, in_force

BLOCK = "{from: %s, earn: {software: {plan: percentage, categories: [software], rate: 50%%}}}"
HEADING = "programme: p\nstarts: 2026-01\ncurrency: RUB\ntimezone: Europe/Moscow\nbase: gross\nrefunds: net_current\n"
PROGRAMME = parse_programme(
    f"{HEADING}plans:\n  integrator: {BLOCK % '2026-01'}\n  reseller: {BLOCK % '2026-01'}\n  agent: {BLOCK % '2026-03'}\n"
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
    reseller = Part("reseller", PROGRAMME.plans["reseller"][0])
    assert found == {"ana": InForce(second, (reseller,), since=date(2025, 10, 1))}


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


# Stable terms: a block for new clients


def of_integrator(*blocks: str, month: str = "2026-06") -> InForce:
    text = f"{HEADING}plans:\n  integrator:\n" + "".join(f"    - {block}\n" for block in blocks)
    return in_force([terms("integrator", "2026-01-01")], parse_programme(text), Period.parse(month))["ana"]


def block(month: str, applies_to: str = "all_clients", fee: str = "") -> str:
    """A block with one rule on lines, and a monthly fee where one is given."""
    fees = f", fee: {{plan: base_fee, pays: {fee}}}" if fee else ""
    earn = f"{{software: {{plan: percentage, categories: [software], rate: 50%}}{fees}}}"
    return f"{{from: {month}, applies_to: {applies_to}, earn: {earn}}}"


def bounds(found: InForce) -> list[tuple[str, str, str, str]]:
    """Each part: its block, the claims it holds for, and what the names of its rules end with."""
    return [
        (part.key, str(part.claimed_from or ""), str(part.claimed_until or ""), part.suffix) for part in found.parts
    ]


def test_a_block_for_new_clients_leaves_the_others_on_the_block_before() -> None:
    found = of_integrator(block("2026-01"), block("2026-04", "new_clients"))
    assert bounds(found) == [
        ("integrator@2026-01", "", "2026-04-01", "@2026-01"),
        ("integrator@2026-04", "2026-04-01", "", ""),
    ]
    assert [rule.name for rule in found.rules] == ["software", "software@2026-01"]
    assert [part.older for part in found.parts] == [(OlderTerms(kind="of_month", value="2026-01"),), ()]


def test_clients_stay_on_their_block_through_every_later_block_for_new_clients() -> None:
    found = of_integrator(
        block("2026-01"), block("2026-02"), block("2026-03", "new_clients"), block("2026-05", "new_clients")
    )
    assert bounds(found) == [
        ("integrator@2026-02", "", "2026-03-01", "@2026-02"),
        ("integrator@2026-03", "2026-03-01", "2026-05-01", "@2026-03"),
        ("integrator@2026-05", "2026-05-01", "", ""),
    ]


def test_a_block_for_all_clients_ends_what_was_stable() -> None:
    found = of_integrator(block("2026-01"), block("2026-03", "new_clients"), block("2026-05"))
    assert bounds(found) == [("integrator@2026-05", "", "", "")]


def test_a_block_for_new_clients_changes_nothing_before_its_month() -> None:
    blocks = (block("2026-01"), block("2026-04", "new_clients"))
    assert bounds(of_integrator(*blocks, month="2026-03")) == [("integrator@2026-01", "", "", "")]
    assert len(of_integrator(*blocks, month="2026-04").parts) == 2


def test_fees_are_paid_once_by_the_newest_block() -> None:
    found = of_integrator(block("2026-01", fee="100.00"), block("2026-04", "new_clients", fee="200.00"))
    assert [(rule.name, rule.part.key) for rule in found.rules] == [
        ("software", "integrator@2026-04"), ("fee", "integrator@2026-04"), ("software@2026-01", "integrator@2026-01"),
    ]  # fmt: skip
    assert found.newest_block is found.parts[-1].block


def test_the_first_block_is_for_all_clients() -> None:
    with pytest.raises(BadProgramme, match="the first block of 'integrator' applies to new_clients, but there is none"):
        of_integrator(block("2026-01", "new_clients"))


# Segments


def with_segments(plan: str, *labels: str, segments: str = "{amocrm: reseller, bitrix24: integrator}") -> InForce:
    text = (
        f"{HEADING}plans:\n  integrator: {BLOCK % '2026-01'}\n  reseller: {BLOCK % '2026-01'}\nsegments: {segments}\n"
    )
    row = terms(plan, "2026-01-01").model_copy(update={"segments": labels})
    return in_force([row], parse_programme(text), FEBRUARY)["ana"]


def test_without_a_plan_the_first_segment_that_has_one_decides() -> None:
    assert with_segments("", "moscow", "bitrix24", "amocrm").parts[-1].plan == "integrator"
    assert with_segments("", "amocrm", "bitrix24").parts[-1].plan == "reseller"


def test_a_plan_that_is_written_wins_over_segments() -> None:
    assert with_segments("integrator", "amocrm").parts[-1].plan == "integrator"


@pytest.mark.parametrize(
    ("labels", "has"), [((), "it has no segments"), (("moscow", "retail"), "its segments are moscow, retail")]
)
def test_a_partner_that_no_plan_is_meant_for_is_refused_with_what_to_write(labels: tuple[str, ...], has: str) -> None:
    with pytest.raises(BadInput) as refused:
        with_segments("", *labels)
    assert str(refused.value).splitlines()[1] == (
        f"  partner ana: terms from 2026-01-01 name no plan and {has}; the programme has a plan for the segments "
        "amocrm, bitrix24: write a plan, or one of these segments"
    )


def test_a_segment_leads_to_a_plan_that_exists() -> None:
    with pytest.raises(BadProgramme, match="segment 'amocrm' names 'gold'; there are integrator, reseller"):
        with_segments("", "amocrm", segments="{amocrm: gold}")
