"""What a statement says of a rule is said in the partner's language, and never with a figure changed."""

from typing import Any

import pytest

from models.older_terms import OlderTerms
from models.period import Period
from models.phrase import Phrase, PhraseValue
from models.phrase import name as called
from models.statement import NextTier, TierReached
from models.vendor import LOCALES
from tasks.documents.rule_words import RuleWords
from tasks.documents.wording import wording
from tests.templates.pieces import earned, step

NBSP = "\u00a0"


def say(locale: str = "en", digits: int = 2) -> RuleWords:
    return RuleWords(wording(locale), digits)


MONTH_2025 = OlderTerms(kind="of_month", value="2025-06")
SILVER = OlderTerms(kind="of_plan", value="silver")
UNTIL = OlderTerms(kind="until", value="2026-01-14")


@pytest.mark.parametrize(
    ("locale", "terms", "shown"),
    [
        ("en", (), "telephony"),
        ("en", (MONTH_2025,), "telephony (terms of June 2025)"),
        ("pl", (MONTH_2025,), "telephony (warunki: czerwiec 2025)"),
        ("ru", (MONTH_2025,), "telephony (условия: июнь 2025)"),
        ("en", (SILVER,), "telephony (plan silver)"),
        ("en", (SILVER, MONTH_2025), "telephony (plan silver, terms of June 2025)"),
        ("en", (UNTIL,), "telephony (terms until 14 January 2026)"),
        ("ru", (UNTIL,), "telephony (условия до 14 января 2026 г.)"),
        ("en", (UNTIL, MONTH_2025), "telephony (terms until 14 January 2026, terms of June 2025)"),
    ],
)
def test_a_rule_of_other_terms_says_which_terms(locale: str, terms: tuple[OlderTerms, ...], shown: str) -> None:
    rule = earned("telephony@any@thing", "percentage", "", 0, ()).model_copy(
        update={"name": "telephony", "terms": terms}
    )
    assert say(locale).rule(rule) == shown


def goal(kind: Any, text: str) -> PhraseValue:
    return PhraseValue(kind=kind, text=text)


@pytest.mark.parametrize(
    ("phrase", "shown"),
    [
        (Phrase.of("year {n}", n=2), "год 2"),
        (Phrase.of("year {n}: no rate", n=4), "год 4: ставки нет"),
        (Phrase.of("for entering tier {n}", n=2), "за переход на ступень 2"),
        (Phrase.of("{days} of {all} days", days=15, all=31), "дней: 15 из 31"),
        (Phrase.of("minimum"), "минимум"),
        (Phrase.of("minimum, {days} of {all} days", days=15, all=31), "минимум, дней: 15 из 31"),
        (Phrase.of("{n} clients", n=5), "клиентов: 5"),
        (Phrase.of("level {n}: {partner}", n=2, partner="P-7"), "уровень 2: P-7"),
        (Phrase.of("nobody is named {role}", role="head of sales"), "никто не назван в роли head of sales"),
        (Phrase.of("{event}, tier {n}", event="registration", n=2), "registration, ступень 2"),
        (
            Phrase.of("{event} of {product}: no amount is agreed", event="install", product="SW-OLD"),
            "install of SW-OLD: сумма не согласована",
        ),
        (Phrase.of("{event} {id}: no amount is given", event="training", id="T-1"), "training T-1: сумма не указана"),
        (Phrase.of("{who}: earned this month", who="C1"), "C1: заработано в этом месяце"),
        (Phrase.of("earned this month"), "заработано в этом месяце"),
        (Phrase.of("{who}: left of what may be earned for life", who="C1"), "C1: осталось от общего предела"),
        (Phrase.of("margin at {rate} % discount", rate=goal("rate", "30")), f"маржа при скидке 30{NBSP}%"),
        (Phrase.of("reached: {goal}", goal=goal("amount", "100000.00")), f"достигнуто: 100{NBSP}000,00"),
        (Phrase.of("reached: {goal}", goal=Period(2026, 3)), "достигнуто: март 2026"),
        (Phrase.of("reached: {goal}", goal=goal("count", "1200")), f"достигнуто: 1{NBSP}200"),
        (called("seller"), "seller"),
        (called("earned this month"), "earned this month"),
        (called("2026-03"), "2026-03"),
        (Phrase.of("a phrase nobody has translated: {n}", n=3), "a phrase nobody has translated: 3"),
    ],
)
def test_a_step_is_said_in_the_language_and_what_others_named_stands(phrase: Phrase, shown: str) -> None:
    assert say("ru").phrase(phrase) == shown


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("said", ["{0.__class__}", "year {n}", "{n} clients", "reached: {goal}", "{}"])
def test_braces_in_what_others_named_are_only_text(locale: str, said: str) -> None:
    assert say(locale).phrase(called(said)) == said
    assert said in say(locale).phrase(Phrase.of("{who}: at most", who=said))


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
        ({"window_months": None}, "Measured by the whole bill since the programme started: 30.00"),
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
