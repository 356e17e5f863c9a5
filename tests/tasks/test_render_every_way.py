"""Render, for every way of earning: what is paid and what is not stand apart, and each figure shows how it was made."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from models.canonical import sha256
from models.phrase import Phrase
from models.phrase import name as called
from models.statement import Level, RuleAccrual, Statement
from models.vendor import LOCALES
from tasks.documents.statement_view import client_names, elsewhere, level_view, rule_view
from tasks.documents.wording import wording
from tasks.render import render
from tests.tasks.test_render import HOSTILE, Page, amounts, needs_pdftotext, pdf_text, squeezed
from tests.templates.drawn import drawn
from tests.templates.every_way import SILVER, every_way
from tests.templates.examples import statement
from tests.templates.pieces import amount, client, earned, flat, payment, share, step


def shown(issued: Statement) -> tuple[str, str]:
    """What is read on the screen and on paper, without white space."""
    made = drawn(issued)
    return squeezed(Page(made["statement.html"]).text), squeezed(pdf_text(made["statement.pdf"]))


def of(*rules: RuleAccrual, **changes: Any) -> Statement:
    return statement("en", rules).model_copy(update=changes)


@needs_pdftotext
def test_every_amount_of_every_way_of_earning_can_be_read() -> None:
    issued = every_way()
    counted = issued.rules[3]
    assert counted.tier is not None  # its bounds are numbers of clients, not amounts
    in_money = issued.model_copy(update={"rules": tuple(rule for rule in issued.rules if rule is not counted)})

    html, pdf = shown(issued)

    for name, minor in set(amounts(in_money.model_dump())):
        text = f"{abs(minor) / 100:,.2f}"
        if name != "minimum_minor" and (minor or name not in ("rounding_minor", "gain_minor")):
            assert text in html, name
            assert text in pdf, name


@needs_pdftotext
@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en", ["Not part of the payout", "Marketing fund", "It is never paid out.", "Gifts and credit", "Your margin",
                "Your clients paid you, and you have kept this already.", "Paid to people directly",
                "We pay this to the people named, not to you.", "Counted without commission"]),
        ("pl", ["Poza wypłatą", "Fundusz marketingowy", "Tego nie wypłacamy.", "Prezenty i środki", "Twoja marża",
                "Klienci zapłacili Tobie", "Płacimy to wymienionym osobom, nie Tobie.", "Policzone bez prowizji"]),
        ("ru", ["Не входит в выплату", "Маркетинговый фонд", "Она не выплачивается.", "Подарки и бонусы",
                "Ваша маржа", "Клиенты заплатили вам", "Мы платим это названным сотрудникам, а не вам."]),
    ],
)  # fmt: skip
def test_what_is_no_part_of_the_payout_says_so_and_which_way_the_money_flows(locale: str, words: list[str]) -> None:
    for document in shown(every_way(locale)):
        for word in map(squeezed, words):
            assert word in document


def test_what_is_no_part_of_the_payout_stands_after_the_commission_and_its_total() -> None:
    html = Page(drawn(every_way())["statement.html"]).text
    paid, beside = html.split("Not part of the payout")

    assert "Commission in all 120,700.93" in re.sub(r"\s+", " ", paid)
    assert "Clients: fund" not in paid
    assert "Clients: fund" in beside
    assert "Clients: boxes" not in beside


@needs_pdftotext
def test_the_fund_shows_what_it_held_what_came_what_was_spent_and_what_is_left() -> None:
    box = "In the fund before 12,345.00 Earned this month 6,000.00 Spent on activities −5,500.00 In the fund now 12,845.00"
    activity = "15 Jan 2026 Вебинар «Телефония» S-1 claim-C1, claim-C5 4,000.00"

    for document in shown(every_way()):
        assert squeezed(box) in document
        assert squeezed(activity) in document


@needs_pdftotext
def test_a_fund_to_which_nothing_came_this_month_is_still_shown() -> None:
    for document in shown(of(apart=every_way().apart[:1])):
        assert squeezed("In the fund now 12,845.00") in document
        assert squeezed("Nothing of January 2026 is part of your payout.") in document


@needs_pdftotext
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "From 500,000.00, reached in December 2025: at the end of that month the measure stood at 612,000.00."),
        (
            {"reached_in": "2025-11", "kept_by_grace": True, "measure": 42_000_000},
            "From 500,000.00, reached in November 2025 and kept by grace: "
            "at the end of December 2025 the measure stood at 420,000.00.",
        ),
        (
            {"reached_in": "", "starts_at": 0, "measure": 0, "name": "Bronze"},
            "The first level. At the end of December 2025 the measure stood at 0.00.",
        ),
        ({}, "Next level: Gold from 1,000,000.00. 388,000.00 more would have reached it."),
        ({"next_name": "", "next_starts_at": 0}, "The highest level is reached."),
        (
            {"counts": True, "starts_at": 20, "measure": 21, "next_starts_at": 41},
            "Next level: Gold from 41 clients. 20 clients more would have reached it.",
        ),
    ],
)
def test_the_level_says_when_it_was_reached_with_which_figure_and_what_the_next_needs(
    changes: dict[str, Any], says: str
) -> None:
    for document in shown(of(level=SILVER.model_copy(update=changes))):
        assert squeezed(says) in document


@pytest.mark.parametrize(("measure", "share"), [(42_000_000, 0), (50_000_000, 0), (75_000_000, 500), (99_999_999, 999)])
def test_the_bar_of_a_level_shows_how_far_the_next_is(measure: int, share: int) -> None:
    level = level_view(of(level=SILVER.model_copy(update={"measure": measure})))

    assert level is not None
    assert level.share == share


@needs_pdftotext
@pytest.mark.parametrize(
    "row",
    [
        "first sales 3 × 500.00 1,500.00",
        "registration, tier 2 3 × 275.00 825.00",
        "cancelled −250.00 −250.00",
        "15 of 31 days 10,000.00 × 15/31 4,838.709677",
        "year 2 10,000.00 × 30% 3,000.00",
        "margin at a discount of 30% 700.00 × 3/7 300.00",
        "discounts that you bear 200.00 × −80% −160.00",
        "reached: March 2026 2,000.00 2,000.00",
        "Base 1,000.00 × 10% 100.00 for entering tier 2 500.00 500.00",
        "training T-1 −30,000.00 × 20% −6,000.00",
    ],
)
def test_a_step_shows_what_it_is_and_how_it_was_worked_out(row: str) -> None:
    for document in shown(every_way()):
        assert squeezed(row) in document


@needs_pdftotext
@pytest.mark.parametrize(
    "table",
    [
        "Events: leads Event Before rounding Rounding Commission E-1 275.00 275.00",
        "People: staff Person Before rounding Rounding Commission Ирина Белова E-11 50.00 50.00",
        "Partners below you: network Partner below you Before rounding Rounding Commission P-7 2,000.00 2,000.00",
        "Goals: goals Goal Before rounding Rounding Commission 100,000.00 5,000.00 5,000.00 March 2026 2,000.00",
        "Goals: coffee Goal Before rounding Rounding Amount Espresso machine 300.00 300.00",
    ],
)
def test_what_is_not_earned_on_clients_is_shared_by_event_person_partner_or_goal(table: str) -> None:
    for document in shown(every_way()):
        assert squeezed(table) in document


@needs_pdftotext
def test_a_fee_has_no_base_no_rate_and_no_empty_table() -> None:
    fee = earned("fee", "base_fee", "a fee", 500_000, (amount(500_000, Phrase.of("the whole month")),))

    for document in shown(of(fee)):
        for empty in ("Payments", "Effective", "Clients:", "Annex", "Events"):
            assert empty not in document


@needs_pdftotext
def test_a_rule_that_only_looks_at_lines_has_no_payments_of_its_own() -> None:
    for document in shown(every_way()):
        assert "Payments:loyal" in document
        assert "Payments:first" not in document
        assert "Payments:fund" not in document


@needs_pdftotext
def test_payments_beside_those_that_earned_are_added_up_as_they_are() -> None:
    sale = earned("first", "first_sale", "once", 50_000, (amount(50_000, Phrase.of("first sales")),), clients=(
        client("C1", 1, 10_000, "500.000000", 50_000),))  # fmt: skip
    later = (payment("L1", "C1", "first", 12_200, 10_000), payment("L2", "C9", "first", 24_400, 20_000, day=20))

    for document in shown(of(sale, payments=later)):
        assert squeezed("Total, payments: 2 366.00 300.00") in document


@pytest.mark.parametrize(
    ("rule", "rate"),
    [("software", "50%"), ("loyal", "≈ 21.74%"), ("won", "≈ 60%"), ("boxes", "≈ 7%"), ("first", ""), ("resale", ""),
     ("leads", ""), ("fee", ""), ("staff", ""), ("courtesy", "0%")],
)  # fmt: skip
def test_an_effective_rate_stands_only_where_shares_of_one_base_were_earned(rule: str, rate: str) -> None:
    (accrual,) = (each for each in every_way().rules if each.rule == rule)

    assert rule_view(accrual, every_way(), wording("en")).rate == rate


@pytest.mark.parametrize(
    ("base", "commission", "to", "is_taken_off"),
    [(0, -1, "partner", True), (0, 0, "partner", False), (100, -1, "partner", True), (-100, -1, "partner", False),
     (0, -1, "fund", False)],
)  # fmt: skip
def test_what_is_taken_off_without_a_refund_is_called_so(
    base: int, commission: int, to: str, is_taken_off: bool
) -> None:
    accrual = earned("rule", "cap", "", commission, (amount(commission, None),), to=to, base=base)

    assert rule_view(accrual, every_way(), wording("en")).is_taken_off is is_taken_off


def test_a_client_nobody_wrote_a_name_of_has_a_blank_one() -> None:
    names = client_names(of(flat("a", "50", (client("C1", 1, 100, "0.500000", 50),), "0.500000", 50), payments=(
        payment("L1", "C1", "a", 100, 100), payment("L2", "K1", "a", 100, 100))))  # fmt: skip

    assert names == {"C1": "Ромашка ООО", "K1": ""}


def test_a_place_that_is_not_known_is_refused_not_left_out() -> None:
    lost = earned("rule", "cap", "", 1, (amount(1, None),), to="the dog")
    made = render([of(lost).to_bytes()])

    assert made.documents == {}
    assert "has no text for 'to.the dog'" in made.failed["P-100"]
    assert [place.to for place in elsewhere([rule_view(lost, of(lost), wording("en"))], of(lost), wording("en"))] == [
        "the dog"
    ]


def test_a_way_of_earning_without_words_of_its_own_is_called_by_its_name() -> None:
    new = earned("rule", "fixed_fee_per_client", "", 100, (amount(50, called("clients"), 2),), by="nobody")
    html = Page(drawn(of(new))["statement.html"]).text

    assert "fixed fee per client" in html
    assert "2 × 0.50" in html


@needs_pdftotext
def test_a_limit_on_hundreds_of_clients_is_printed_over_pages_and_cut_as_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.render.MOST_ROWS", 150)
    steps = tuple(amount(-1, Phrase.of("{who}: earned this month", who=f"K{number}")) for number in range(160))
    shares = tuple(share(f"E{number}", -1) for number in range(160))
    made = drawn(of(earned("ceiling", "cap", "", -160, steps, by="event", shares=shares)))
    pdf = pdf_text(made["statement.pdf"])

    assert pdf.count("Printed here are the first 150 of 160 rows.") == 2
    assert pdf.count("earned this month") == 150
    assert made["statement.html"].decode().count("earned this month") == 160


@needs_pdftotext
def test_clients_of_what_is_no_part_of_the_payout_are_cut_sooner_than_those_of_commission() -> None:
    def printed(to: str, count: int) -> str:
        shares = tuple(share(f"E{number}", 1) for number in range(count))
        made = drawn(
            of(
                earned(
                    "rule", "store_credit", "", count, (amount(count, called("all")),), to=to, by="event", shares=shares
                )
            )
        )
        return pdf_text(made["statement.pdf"])

    assert "Printed here" not in printed("credit", 20)
    assert "Printed here are the first 20 of 21 rows." in printed("credit", 21)
    assert "Printed here" not in printed("partner", 21)


def hostile(name: str) -> Statement:
    """Everything new that people can name, called `name`."""
    made = every_way()
    bonus = earned("rule", name, name, 100, (step(100, "100", "1.000000", called(name)),), by="person",
                   shares=(share(name, 100, name),))  # fmt: skip
    (fund, *_) = made.apart
    spent = fund.spent[0].model_copy(update={"entry_id": name, "activity": name, "claims": (name,)})
    level = Level(**(SILVER.model_dump() | {"name": name, "ladder": name, "next_name": name}))
    apart = (fund.model_copy(update={"spent": (spent,)}),)
    return of(bonus, segments=(name,), level=level, apart=apart)


@needs_pdftotext
@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_of_a_person_an_activity_or_a_level_is_only_ever_text(name: str) -> None:
    made, harmless = drawn(hostile(name)), Page(drawn(hostile("Acme"))["statement.html"])
    page, pdf = Page(made["statement.html"]), squeezed(pdf_text(made["statement.pdf"]))

    assert page.tags == harmless.tags
    assert [key for key, _ in page.attributes] == [key for key, _ in harmless.attributes]
    assert page.text.count(name) >= 9
    assert squeezed(name) in pdf
    assert "root:" not in pdf


@pytest.mark.parametrize("locale", LOCALES)
def test_every_way_of_earning_gives_the_same_bytes_twice(locale: str) -> None:
    def digests(example: Callable[[str], Statement]) -> list[str]:
        return [sha256(data) for data in drawn(example(locale)).values()]

    assert digests(every_way) == digests(every_way)


@pytest.mark.parametrize("name", ["", " ", "x" * 3000, "שלום", "漢字 🎉", "a\u202eb\tc\nd\x00"])
def test_a_strange_name_of_a_person_or_a_level_costs_nobody_their_statement(name: str) -> None:
    assert render([hostile(name).to_bytes()]).failed == {}


@needs_pdftotext
@pytest.mark.parametrize(
    ("commission", "to", "says"),
    [
        (50, "partner", "every line of your clients seen this month earned commission."),
        (0, "partner", "every line of your clients seen this month stands under a rule above."),
        (0, "nobody", "every line of your clients seen this month stands under a rule above."),
    ],
)
def test_where_nothing_was_left_out_only_what_earned_is_said_to_have_earned(
    commission: int, to: str, says: str
) -> None:
    mine = (client("C1", 1, 100, "0.500000", commission),)
    rule = earned("later", "first_sale", "once", commission, (), to=to, clients=mine)

    for document in shown(of(rule, payments=(payment("L1", "C1", "later", 100, 100),))):
        assert squeezed(f"Nothing was left out: {says}") in document
        assert "Effective" not in document
