"""What we expect of billing lines: every check, why it is made, and what a breach of it would cost.

A check with a reason rejects the lines that fail it and gives them that reason. A check without one
stops the month: so much is wrong that the file or the query must be another one.

The checks look at the columns of `rules.lines.findings`. Great Expectations passes over a blank value, so a
check on what a line may leave out says nothing about a line that does.
"""

from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import Any, Literal, NamedTuple

import great_expectations as gx
from great_expectations.expectations.core import (  # type: ignore[attr-defined]  # it re-exports without saying so
    ExpectColumnValuesToBeBetween,
    ExpectColumnValuesToBeInSet,
    ExpectColumnValuesToNotBeNull,
    ExpectTableColumnsToMatchSet,
)
from great_expectations.expectations.expectation import ColumnMapExpectation, Expectation
from great_expectations.expectations.metadata_types import FailureSeverity
from great_expectations.expectations.row_conditions import Column

from expectations.judging import Judging, suite_of
from models.billing import CHARGEBACK_WON, FIRST_YEAR, KINDS, LAST_YEAR, REQUIRED_COLUMNS, Reason
from models.money import known_currencies

Base = Literal["net_of_vat", "gross"]

IS_TRUE = {"value_set": [True]}
IS_FALSE = {"value_set": [False]}
HALF = 0.5


class Check(NamedTuple):
    """One expectation, what it gives to a line that fails it, and what it is for."""

    name: str
    reason: Reason | None  # none: a breach stops the month
    reads: tuple[str, ...]  # the columns, as received, a person has to look at
    expectation: type[Expectation]
    arguments: Mapping[str, Any]
    why: str
    cost: str
    remedy: str = ""  # what to do when the month stops
    bases: tuple[Base, ...] = ("net_of_vat", "gross")

    @property
    def severity(self) -> FailureSeverity:
        """Critical stops the month, a warning rejects the line."""
        return FailureSeverity.WARNING if self.reason else FailureSeverity.CRITICAL

    @property
    def is_of_lines(self) -> bool:
        """Whether it judges each line, and not the table as a whole."""
        return issubclass(self.expectation, ColumnMapExpectation)

    @property
    def least(self) -> Fraction:
        """The share of lines that has to pass."""
        return Fraction(self.arguments.get("mostly", 1))


CHECKS: tuple[Check, ...] = (
    Check(
        "required_columns_are_present", None, REQUIRED_COLUMNS,
        ExpectTableColumnsToMatchSet, {"column_set": list(REQUIRED_COLUMNS), "exact_match": False},
        why="Every rule reads its columns by name.",
        cost="A missing column reads as blank: the whole month would earn nothing, or earn at a wrong rate.",
        remedy="Add the columns to the source, or rename its own in sources.yaml.",
    ),
    Check(
        "half_the_lines_have_an_id", None, ("line_id",),
        ExpectColumnValuesToBeInSet, {"column": "line_id_is_given", **IS_TRUE, "mostly": HALF},
        why="Billing whose lines mostly have no id is another file, or another query.",
        cost="Nearly every line would be rejected, the month closed, and no partner paid.",
        remedy="Check that sources.yaml reads the billing lines, and which column it takes for line_id.",
    ),
    Check(
        "half_the_amounts_are_readable", None, ("amount_minor", "amount"),
        ExpectColumnValuesToBeInSet, {"column": "amount_is_read", **IS_TRUE, "mostly": HALF},
        why="Amounts that mostly cannot be read are written in another way than we were told.",
        cost="Taken for minor units, 300.00 would pay a hundredth of it; rejected, no partner would be paid.",
        remedy="If the amounts look like decimals, use the `amount` column; `amount_minor` is a whole number.",
    ),
    Check(
        "line_id_is_given", Reason.NO_LINE_ID, ("line_id",),
        ExpectColumnValuesToBeInSet, {"column": "line_id_is_given", **IS_TRUE},
        why="The line id is how we know a payment again.",
        cost="The same payment would settle each month it is read, and its partner be paid each time.",
    ),
    Check(
        "invoice_id_is_given", Reason.NO_INVOICE, ("invoice_id",),
        ExpectColumnValuesToBeInSet, {"column": "invoice_id_is_given", **IS_TRUE},
        why="A figure is checked against the invoice it came from.",
        cost="Commission that leads to no invoice is money the auditor strikes out and the tax office disallows.",
    ),
    Check(
        "amount_is_readable", Reason.BAD_NUMBER, ("amount_minor", "amount"),
        ExpectColumnValuesToBeInSet, {"column": "amount_is_read", **IS_TRUE},
        why="An amount is a whole number of minor units, or decimal text that its currency can hold exactly.",
        cost="A guess is a wrong commission: 300.00 taken for minor units would earn on 3.00.",
    ),
    *(
        Check(
            f"{column}_is_a_date", Reason.BAD_DATE, (column,),
            ExpectColumnValuesToBeInSet, {"column": f"{column}_is_read", **IS_TRUE},
            why="A day is written YYYY-MM-DD and stands in the calendar; 03.02.2026 may be March or February.",
            cost=cost,
        )
        for column, cost in (
            ("issued_on", "VAT follows the invoice's day: 22 % taken out where 20 % was due makes the base too small."),
            ("paid_on", "A payment dated after the claim by mistake earns for a partner who had no claim yet."),
            ("posted_on", "The payment would settle in another month, and be paid at that month's tier."),
        )
    ),
    *(
        Check(
            f"{column}_is_plausible", Reason.BAD_DATE, (column,),
            ExpectColumnValuesToBeInSet,
            # Named one by one: a set is looked up for the whole column, bounds are compared value by value, in Python.
            {"column": f"{column}_year", "value_set": list(range(FIRST_YEAR, LAST_YEAR + 1))},
            why="No payment here is older than 1990 or later than 2100: such a day is a typing error or a filler.",
            cost=cost,
        )
        for column, cost in (
            ("issued_on", "An invoice of the year 0026 has no VAT rate anybody could defend, so no base either."),
            ("paid_on", "A payment of 1900-01-01 came before every claim: its partner would never be paid."),
            ("posted_on", "A payment posted in 9999 waits for ever, and so does the partner's commission."),
        )
    ),
    Check(
        "quantity_is_readable", Reason.BAD_NUMBER, ("quantity",),
        ExpectColumnValuesToBeInSet, {"column": "quantity_is_read", **IS_TRUE},
        why="A quantity is decimal text with a dot; 1,000 may be one or a thousand.",
        cost="A partner paid per unit would be paid a thousand times too much, or too little.",
    ),
    Check(
        "currency_is_given", Reason.UNKNOWN_CURRENCY, ("currency",),
        ExpectColumnValuesToNotBeNull, {"column": "currency"},
        why="An amount without a currency is not money.",
        cost="1000 minor units are 10.00 RUB or 1000 JPY: the commission would be wrong by any factor.",
    ),
    Check(
        "currency_is_known", Reason.UNKNOWN_CURRENCY, ("currency",),
        ExpectColumnValuesToBeInSet, {"column": "currency", "value_set": list(known_currencies())},
        why="ISO 4217 says how many decimals a currency has; for RUR or rub it says nothing.",
        cost="With the wrong number of decimals a commission is a hundred times too large or too small.",
    ),
    Check(
        "kind_is_given", Reason.UNKNOWN_KIND, ("kind",),
        ExpectColumnValuesToNotBeNull, {"column": "kind"},
        why="A line is a charge, a credit note or a chargeback, and says which.",
        cost="A refund taken for a sale earns commission on money the client got back.",
    ),
    Check(
        "kind_is_known", Reason.UNKNOWN_KIND, ("kind",),
        ExpectColumnValuesToBeInSet, {"column": "kind", "value_set": list(KINDS)},
        why="The rules know charges, credit notes and chargebacks; what another kind should earn is in no contract.",
        cost="A deposit or a write-off taken for a sale earns commission on money that is not revenue.",
    ),
    Check(
        "credit_note_is_not_positive", Reason.POSITIVE_CREDIT_NOTE, ("amount_minor", "amount"),
        ExpectColumnValuesToBeBetween,
        {"column": "amount_sign", "max_value": 0, "row_condition": Column("kind") == "credit_note"},
        why="A credit note gives money back, so it is negative, or zero.",
        cost="With its sign lost, a refund of 100.00 makes the base 200.00 too large.",
    ),
    Check(
        "chargeback_is_not_positive", Reason.POSITIVE_CREDIT_NOTE, ("amount_minor", "amount"),
        ExpectColumnValuesToBeBetween,
        {"column": "amount_sign", "max_value": 0, "row_condition": Column("kind") == "chargeback"},
        why="In a chargeback the client's bank takes the money back, so it is negative, or zero.",
        cost="With its sign lost, money the bank took earns commission a second time.",
    ),
    Check(
        "chargeback_won_is_not_negative", Reason.NEGATIVE_WON, ("amount_minor", "amount"),
        ExpectColumnValuesToBeBetween,
        {"column": "amount_sign", "min_value": 0, "row_condition": Column("kind") == CHARGEBACK_WON},
        why="A chargeback that was won brings the money again, so it is positive, or zero.",
        cost="With its sign lost, what the chargeback took from the partner is not given again.",
    ),
    Check(
        "line_is_no_repeat", Reason.REPEAT, ("line_id",),
        ExpectColumnValuesToBeInSet, {"column": "is_repeat", **IS_FALSE},
        why="The same line under the same id is one payment, however often it is sent; one copy counts.",
        cost="A file read twice would pay every partner twice.",
    ),
    Check(
        "line_is_not_open_already", Reason.ALREADY_OPEN, ("line_id",),
        ExpectColumnValuesToBeInSet, {"column": "is_already_open", **IS_FALSE},
        why="A line that an earlier month left open is carried by us; sent again as it was, it is the same line.",
        cost="Counted beside the one we carry, a payment would earn twice once its client is claimed.",
    ),
    Check(
        "line_is_no_older_version", Reason.REPLACED, ("line_id",),
        ExpectColumnValuesToBeInSet, {"column": "is_replaced", **IS_FALSE},
        why="A line we left open that the source sends again, changed, counts as the source says it now.",
        cost="A client number filled in later would never reach its partner, or the line would count twice.",
    ),
    Check(
        "line_has_one_content", Reason.CONTRADICTION, ("line_id",),
        ExpectColumnValuesToBeInSet, {"column": "is_contradiction", **IS_FALSE},
        why="Two lines under one id that differ cannot both be true, and nothing says which one is.",
        cost="Whichever was picked, the partner might be paid on money that never came.",
    ),
    Check(
        "line_is_not_settled_before", Reason.ALREADY_SETTLED, ("line_id",),
        ExpectColumnValuesToBeInSet, {"column": "is_already_settled", **IS_FALSE},
        why="A line settles once; a closed month never changes, and a correction is a line of its own.",
        cost="A payment that earned in a closed month would earn again in this one.",
    ),
    Check(
        "vat_minor_is_readable", Reason.BAD_NUMBER, ("vat_minor",),
        ExpectColumnValuesToBeInSet, {"column": "vat_minor_is_read", **IS_TRUE},
        why="A VAT amount is a whole number of minor units.",
        cost="Passed over, it would leave the VAT in the base: at 22 % the partner earns 22 % too much.",
    ),
    Check(
        "vat_rate_is_readable", Reason.BAD_NUMBER, ("vat_rate",),
        ExpectColumnValuesToBeInSet, {"column": "vat_rate_is_read", **IS_TRUE},
        why="A VAT rate is a percentage from 0 to 100 with at most four decimals: 22, not 0,22 or 22%.",
        cost="A rate read wrongly takes the wrong VAT out of every payment of that invoice.",
    ),
    Check(
        "discount_minor_is_readable", Reason.BAD_NUMBER, ("discount_minor",),
        ExpectColumnValuesToBeInSet, {"column": "discount_minor_is_read", **IS_TRUE},
        why="A discount is a whole number of minor units.",
        cost="Passed over, a discount the partner was to bear would be borne by the vendor.",
    ),
    Check(
        "vat_fits_the_amount", Reason.BAD_VAT, ("vat_minor",),
        ExpectColumnValuesToBeInSet, {"column": "vat_fits_amount", **IS_TRUE},
        why="VAT is a part of the amount: it has the same sign and is not larger.",
        cost="VAT of the wrong sign is added to the base instead of taken out, and earns commission.",
    ),
    Check(
        "vat_agrees_with_its_rate", Reason.BAD_VAT, ("vat_minor", "vat_rate"),
        ExpectColumnValuesToBeInSet, {"column": "vat_off_by_minor", "value_set": [-1, 0, 1]},
        why="Where a line gives VAT and its rate, the two differ by rounding only: one minor unit.",
        cost="One of them is wrong, and the base with it: 22 % for 20 % is 1 639 too little of each 120 000 paid.",
    ),
    Check(
        "vat_is_known", Reason.NO_VAT, ("vat_minor", "vat_rate"),
        ExpectColumnValuesToBeInSet, {"column": "vat_is_known", **IS_TRUE},
        why="Where commission is on the net amount, the invoice has to say how much of it is VAT.",
        cost="VAT left in the base earns commission on the state's money: at 22 %, 22 % too much.",
        bases=("net_of_vat",),
    ),
    *(
        Check(
            f"{column}_is_legible", Reason.BAD_TEXT, (column,),
            ExpectColumnValuesToBeInSet, {"column": f"{column}_is_legible", **IS_TRUE},
            why="An id has at most 200 characters, each of them to be seen, and is no 1.23457E+11.",
            cost=cost,
        )
        for column, cost in (
            ("line_id", "An id that is cut or cleaned on its way comes back as another line, and is paid again."),
            ("invoice_id", "An invoice nobody can look up is commission nobody can check."),
            ("client_id", "A client id with an unseen character belongs to no partner: the commission is lost."),
            ("refunds_line_id", "A refund that does not find its sale takes back the wrong commission, or none."),
            ("refunds_invoice_id", "A credit note that does not find its invoice takes nothing back, and waits."),
        )
    ),
)  # fmt: skip


def suite(base: Base) -> gx.ExpectationSuite:
    """Return the expectations of a programme that pays on `base`, as Great Expectations runs them."""
    return suite_of("billing_lines", checks(base))


def checks(base: Base) -> tuple[Check, ...]:
    """Return the checks that a programme paying on `base` makes, in the order of their reports."""
    return tuple(check for check in CHECKS if base in check.bases)


@cache
def judging_of(base: Base) -> Judging:
    """Return who makes the checks of lines for such a programme. It knows every kind of line it has judged before."""
    return Judging([check for check in checks(base) if check.is_of_lines])
