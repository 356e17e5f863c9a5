"""What is refused is refused in whole sentences: the thing, the figures, and what to write or do instead."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from models.errors import BadInput, BadProgramme
from models.period import Period
from models.vendor import Spending, Terms
from rules.archive.seal import Seal, parse_sha256sums
from rules.earning.beside_payout import balances_beside_payout, must_cover_spending
from rules.programme.file import parse_programme
from rules.terms.in_force import in_force
from rules.terms.levels import faults
from tests.rules.accruals import accrued
from tests.rules.written import PROGRAMME

JANUARY = Period(2026, 1)
SEAL = Seal(
    programme="uis-partners",
    period="2026-01",
    version=1,
    sha256sums="1" * 64,
    files=2,
    code="0.1.0",
    draft="2" * 64,
    control="agrees",
    previous="",
)


def refused(text: str) -> list[str]:
    """What is said of a programme file, fault by fault."""
    with pytest.raises(BadProgramme) as problem:
        parse_programme(text)
    return [fault.partition(": ")[2] for fault in str(problem.value).splitlines()[1:]]


def spending(partner_id: str, entry_id: str, amount_minor: int) -> Spending:
    return Spending(
        entry_id=entry_id,
        partner_id=partner_id,
        spent_on=date(2026, 1, 20),
        activity="A fair",
        amount_minor=amount_minor,
        claims=(),
    )


def test_spending_above_a_fund_is_refused_for_every_partner_with_what_each_fund_holds() -> None:
    fund: dict[str, Any] = {"plan": "marketing_fund", "categories": "all", "rate": "2%"}
    ana = balances_beside_payout(
        accrued(100_000, fund=fund), {"fund": 5_000}, [spending("ana", "S-1", 6_000), spending("ana", "S-2", 1_001)]
    )
    bo = balances_beside_payout((), {}, [spending("bo", "S-3", 100)])
    with pytest.raises(BadInput) as problem:
        must_cover_spending({"bo": bo, "ana": ana}, "RUB")
    assert str(problem.value) == (
        "spending.csv takes more from a marketing fund than it holds:\n"
        "  partner ana: S-1, S-2 spend 70.01, but the fund holds 70.00\n"
        "  partner bo: S-3 spend 1.00, but the fund holds 0.00\n"
        "Move an entry to a later month, or lower it."
    )


def test_what_two_rules_set_aside_for_one_fund_adds_up() -> None:
    fund: dict[str, Any] = {"plan": "marketing_fund", "categories": "all", "rate": "2%"}
    (kept,) = balances_beside_payout(accrued(100_000, launch=fund, fairs=fund), {}, [])
    assert kept.earned_minor == 4_000


def test_terms_that_cannot_be_settled_are_refused_for_every_partner_on_a_line_of_its_own() -> None:
    rows = [Terms(partner_id=name, name=name, plan="", from_day=date(2026, 1, 1)) for name in ("ana", "bo")]
    without = (
        "terms from 2026-01-01 name no plan and it has no segments; the programme has a plan for the segments none"
    )
    instead = "write a plan, or one of these segments"
    with pytest.raises(BadInput) as problem:
        in_force(rows, parse_programme(PROGRAMME), JANUARY)
    assert str(problem.value) == (
        "partners.csv cannot be settled with this programme:\n"
        f"  partner ana: {without}: {instead}\n"
        f"  partner bo: {without}: {instead}"
    )


def levels(measure: str, written: str) -> str:
    return f"{PROGRAMME}levels: {{status: {{measure: {measure}, levels: {written}}}}}\n"


def test_levels_are_written_by_name_figure_and_plan() -> None:
    assert refused(levels("all", "Bronze")) == [
        "levels.status.levels: write levels as name: figure and plan, for example {Bronze: {reaches: 0, plan: bronze}}"
    ]


def test_the_first_level_is_named_where_it_leaves_some_partners_without_one() -> None:
    assert refused(levels("all", "{Low: {reaches: 1, plan: integrator}, High: {reaches: 9, plan: integrator}}")) == [
        "levels.status.levels: the first level must reach 0, so that every partner is on one; 'Low' does not"
    ]


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        ("{of: active_clients}", "levels must rise: 'High' at 1000 follows 'Mid' at 1000"),
        ("all", "levels must rise: 'High' at 1 000.00 follows 'Mid' at 1 000.00"),
    ],
)
def test_levels_that_do_not_rise_are_refused_in_clients_or_in_money(measure: str, words: str) -> None:
    low, mid, high = (f"{{reaches: {figure}, plan: integrator}}" for figure in ("0", "1000", "1000"))
    assert refused(levels(measure, f"{{Low: {low}, Mid: {mid}, High: {high}}}")) == [f"levels.status.levels: {words}"]


def test_every_category_that_levels_measure_and_no_plan_names_is_listed() -> None:
    ladder = parse_programme(
        levels("{categories: [software, numbers]}", "{Low: {reaches: 0, plan: integrator}}")
    ).levels
    assert faults(ladder, ["integrator"], {"telephony"}) == [
        "'status' measures software, numbers, which no plan names: such lines would never count"
    ]


@pytest.mark.parametrize(
    ("read", "data", "words"),
    [
        (parse_sha256sums, b"cut", "SHA256SUMS does not end with a line feed: it was cut short."),
        (
            Seal.parse,
            SEAL.to_bytes() + b" ",
            "SEAL is not written the way seals are (sorted keys, no spaces, one line): it was changed.",
        ),
        (Seal.parse, b"[]", "SEAL cannot be read: the whole file: Input should be an object."),
        (Seal.parse, b"{}", "SEAL cannot be read: programme: Field required."),
    ],
)
def test_a_seal_or_a_list_that_we_did_not_write_is_refused_in_a_sentence(
    read: Callable[[bytes], object], data: bytes, words: str
) -> None:
    with pytest.raises(BadInput) as problem:
        read(data)
    assert str(problem.value) == words


def test_every_fault_of_a_programme_file_stands_on_a_line_of_its_own_below_the_name_of_the_file() -> None:
    with pytest.raises(BadProgramme) as problem:
        parse_programme(
            PROGRAMME.replace("currency: RUB\n", "")
            .replace("50%", "50")
            .replace("    payout: {minimum: 5000.00}\n", "")
        )
    assert str(problem.value) == (
        "programme.yaml cannot be carried out:\n"
        "  line 1, column 1: currency: this key is required\n"
        "  line 10, column 60: plans.integrator.earn.software.rate: '50' is not a rate: "
        "write percent, for example 50% or 7.5%\n"
        "  line 16, column 9: plans.integrator.earn.telephony.tiers: '0' cannot be read before `currency` can"
    )


SOFTWARE = "software: {plan: percentage, categories: [software], rate: 50%}"
REST = "{plan: percentage, categories: others, rate: 5%}"


def test_a_fault_of_a_key_that_is_called_like_its_plan_is_found_at_the_key() -> None:
    gift = "{plan: gift, gift: [Espresso machine], worth: 300.00, measure: all, reaches: 100000}"
    assert refused(PROGRAMME.replace(SOFTWARE, f"{SOFTWARE}\n      present: {gift}")) == [
        "plans.integrator.earn.present.gift: write plain text, not a list or a block"
    ]


def test_the_rest_can_be_taken_by_one_rule_alone() -> None:
    assert refused(PROGRAMME.replace(SOFTWARE, f"{SOFTWARE}\n      one: {REST}\n      two: {REST}")) == [
        "plans.integrator: categories: others stands under 'one' and under 'two': "
        "a line can earn once, so name it in one place"
    ]


def test_where_a_rule_takes_the_rest_any_category_may_be_measured() -> None:
    measured = PROGRAMME.replace("{categories: [telephony, numbers], window: month}", "{categories: [fax]}")
    assert refused(measured)[0].startswith("plans.integrator: rule 'telephony' measures fax, which no rule earns on")
    parse_programme(measured.replace(SOFTWARE, f"{SOFTWARE}\n      rest: {REST}"))
