"""What a statement says of a rule is said in the partner's language, and never with a figure changed."""

from typing import Any

import pytest

from models.statement import NextTier, TierReached
from models.vendor import LOCALES
from tasks.documents.rule_words import RuleWords
from tasks.documents.wording import wording
from tests.templates.pieces import earned, step

NBSP = "\u00a0"


def say(locale: str = "en", digits: int = 2) -> RuleWords:
    return RuleWords(wording(locale), digits)


@pytest.mark.parametrize(
    ("locale", "name", "shown"),
    [
        ("en", "telephony", "telephony"),
        ("en", "telephony@2025-06", "telephony (terms of June 2025)"),
        ("pl", "telephony@2025-06", "telephony (warunki: czerwiec 2025)"),
        ("ru", "telephony@2025-06", "telephony (условия: июнь 2025)"),
        ("en", "telephony@silver", "telephony (plan silver)"),
        ("en", "telephony@silver@2025-06", "telephony (plan silver, terms of June 2025)"),
        ("en", "telephony@until-2026-01-14", "telephony (terms until 14 January 2026)"),
        ("ru", "telephony@until-2026-01-14", "telephony (условия до 14 января 2026 г.)"),
        ("en", "telephony@until-2026-01-14@2025-06", "telephony (terms until 14 January 2026, terms of June 2025)"),
    ],
)
def test_a_rule_of_other_terms_says_which_terms(locale: str, name: str, shown: str) -> None:
    assert say(locale).rule(name) == shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("year 2", "год 2"),
        ("year 4: no rate", "год 4: ставки нет"),
        ("for entering tier 2", "за переход на ступень 2"),
        ("15 of 31 days", "дней: 15 из 31"),
        ("minimum", "минимум"),
        ("minimum, 15 of 31 days", "минимум, дней: 15 из 31"),
        ("5 clients", "клиентов: 5"),
        ("level 2: P-7", "уровень 2: P-7"),
        ("nobody is named head of sales", "никто не назван в роли head of sales"),
        ("registration, tier 2", "registration, ступень 2"),
        ("install of SW-OLD: no amount is agreed", "install of SW-OLD: сумма не согласована"),
        ("training T-1: no amount is given", "training T-1: сумма не указана"),
        ("C1: earned this month", "C1: заработано в этом месяце"),
        ("earned this month", "заработано в этом месяце"),
        ("C1: left of what may be earned for life", "C1: осталось от общего предела"),
        ("margin at 30 % discount", f"маржа при скидке 30{NBSP}%"),
        ("reached: 100000.00", f"достигнуто: 100{NBSP}000,00"),
        ("reached: 2026-03", "достигнуто: март 2026"),
        ("reached: 20", "достигнуто: 20"),
        ("seller", "seller"),
        ("Espresso machine", "Espresso machine"),
        ("", ""),
    ],
)
def test_a_step_is_said_in_the_language_and_a_plans_own_words_stand(said: str, shown: str) -> None:
    assert say("ru").step(said) == shown


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("said", ["{0.__class__}", "year {n}", "{n} clients", "reached: {goal}", "{}"])
def test_braces_in_the_words_of_a_step_are_only_text(locale: str, said: str) -> None:
    assert "{" in say(locale).step(said)


@pytest.mark.parametrize(
    ("base", "rate", "count", "shown"),
    [
        (50_000, "100", 3, "3 × 500.00"),
        (50_000, "100", 1, "500.00"),
        (1_000_000, "15/31", 1, "10,000.00 × 15/31"),
        (1_000_000, "7.5", 1, "10,000.00 × 7.5%"),
        (1_000_000, "5", 2, "2 × 10,000.00 × 5%"),
        (-57_500, "100", 1, "−575.00"),
        (20_000, "-80", 1, "200.00 × −80%"),
        (20_000, "-3/7", 1, "200.00 × −3/7"),
    ],
)
def test_a_step_shows_how_it_is_worked_out(base: int, rate: str, count: int, shown: str) -> None:
    assert say().working(step(base, rate, "0.000000", count=count)) == shown


def tier(**changes: Any) -> TierReached:
    following = NextTier(starts_at_minor=41, rate="12", distance_minor=11, gain_minor=0)
    values = {"position": 2, "starts_at_minor": 20, "rate": "10", "measure_minor": 3_000, "measure_of": ("all",),
              "measured": "paid", "window_months": 1, "over": "partner", "next": following}  # fmt: skip
    return TierReached(**(values | changes))


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, "Measured by the whole bill: 30.00"),
        ({"measure_of": ("telephony", "numbers")}, "Measured by telephony, numbers: 30.00"),
        ({"window_months": 2}, "Measured by the whole bill over 2 months: 30.00"),
        ({"window_months": 1200}, "Measured by the whole bill since the programme started: 30.00"),
        ({"over": "consolidation_group"}, "Measured by the whole bill in your consolidation group: 30.00"),
        (
            {"measure_of": ("telephony",), "window_months": 12, "over": "consolidation_group"},
            "Measured by telephony over 12 months in your consolidation group: 30.00",
        ),
        ({"measured": "billed"}, "Measured by what was billed for any category: 30.00"),
        ({"measured": "active_clients"}, "Measured by the number of clients who paid for any category: 3,000"),
        (
            {"measured": "new_clients", "measure_of": ("telephony",), "window_months": 3},
            "Measured by the number of clients who paid for the first time for telephony over 3 months: 3,000",
        ),
    ],
)
def test_what_picked_the_tier_says_of_what_over_how_long_and_whose(changes: dict[str, Any], shown: str) -> None:
    assert say().measured(tier(**changes)) == shown


@pytest.mark.parametrize(
    ("locale", "count", "shown"),
    [("en", 1, "1 client"), ("en", 20, "20 clients"), ("pl", 1, "1 klienta"), ("pl", 21, "21 klientów"),
     ("ru", 1, "1 клиента"), ("ru", 3, "3 клиентов"), ("ru", 21, "21 клиента"), ("ru", 1200, f"1{NBSP}200 клиентов")],
)  # fmt: skip
def test_a_bound_that_counts_clients_is_no_amount(locale: str, count: int, shown: str) -> None:
    assert say(locale).bound(count, in_clients=True) == shown


def test_a_bound_in_money_has_the_digits_of_its_currency() -> None:
    assert say(digits=0).bound(1_234, in_clients=False) == "1,234"
    assert say(digits=2).bound(1_234, in_clients=False) == "12.34"


@pytest.mark.parametrize("locale", LOCALES)
def test_tiers_are_called_by_how_they_apply_and_other_rules_by_their_way(locale: str) -> None:
    words = wording(locale)
    package = earned("rule", "tiered", "", 0, (), tiers="package")
    fee = earned("rule", "base_fee", "", 0, ())

    assert say(locale).way(package) == words.text("by.package")
    assert say(locale).way(fee) == words.text("way.base_fee")
    assert say(locale).way(fee.model_copy(update={"plan": "per_seat"})) == "per seat"
