"""The programme file: what it says is read exactly, and which block of a plan is in force."""

from models.period import Period
from rules.plans.percentage import Percentage
from rules.plans.tiered import Tiered
from rules.programme.blocks.refund_terms import refund_words
from rules.programme.file import parse_programme
from tests.rules.written import PROGRAMME, dated, written


def test_the_programme_says_what_was_agreed() -> None:
    programme = parse_programme(PROGRAMME)
    (block,) = programme.plans["integrator"]
    software, telephony = block.earn["software"], block.earn["telephony"]
    assert (programme.programme, programme.starts, programme.currency) == ("uis-partners", Period(2026, 1), "RUB")
    assert (programme.base, refund_words(programme.refunds), programme.zone.key) == (
        "net_of_vat",
        "net_current",
        "Europe/Moscow",
    )
    assert isinstance(software, Percentage)
    assert isinstance(telephony, Tiered)
    assert block.not_commissioned == {"hardware": "sold at cost"}
    assert block.payout.minimum == 500_000


def test_an_amount_stays_exact_and_is_never_a_float() -> None:
    telephony = parse_programme(PROGRAMME).plans["integrator"][0].earn["telephony"]
    assert isinstance(telephony, Tiered)
    assert [tier.starts_at_minor for tier in telephony.tiers or ()][1] == 30_000
    large = parse_programme(written("5000.00", "9007199254740.93"))  # in kopecks, more than a double can tell apart
    assert large.plans["integrator"][0].payout.minimum == 900_719_925_474_093


def test_without_a_minimum_every_balance_is_paid_and_without_a_list_nothing_is_excluded() -> None:
    (block,) = parse_programme(written("    payout: {minimum: 5000.00}\n")).plans["integrator"]
    assert block.payout.minimum == 0
    (block,) = parse_programme(written("    not_commissioned: {hardware: sold at cost}\n")).plans["integrator"]
    assert block.not_commissioned == {}


def test_a_statement_cites_the_file_to_the_letter() -> None:
    programme = parse_programme(PROGRAMME)
    assert programme.text == PROGRAMME
    assert programme.digest == "d33ec82e0ca56489c47f5a07cd79c90659df98a304c6dd51c21fc0cfaba6c3a4"
    assert parse_programme(PROGRAMME + "# a comment\n").digest != programme.digest


def test_the_block_in_force_is_the_latest_that_has_started() -> None:
    programme = parse_programme(dated())
    april, march = programme.terms("integrator", Period(2026, 4)), programme.terms("integrator", Period(2026, 3))
    assert april is programme.plans["integrator"][1] is programme.terms("integrator", Period(2027, 1))
    assert march is programme.plans["integrator"][0] is programme.terms("integrator", Period(2026, 1))
    assert programme.terms("integrator", Period(2025, 12)) is None
    assert programme.terms("reseller", Period(2026, 4)) is None
