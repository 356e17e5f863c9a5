"""A closed month of which sales were given back is restated: what was taken is figured again by the later version.

By hand: L1, 1000.00, earned 100.00 at 10 % in January; in February 500.00 of it were given back: -50.00. At 12 % L1
earns 120.00 and its half is 60.00: March posts +20.00 for January, and -10.00 for what was given back. What is given
back later goes at 12 %: 300.00 are -36.00, and the last 200.00 are -24.00. All together is nothing.
"""

from pathlib import Path

import pytest

from flows.corrections.restating import Said, accept, restated
from flows.questions.explaining import approved_statement, explained
from flows.questions.following import followed
from models.formats import read_statement
from models.period import Period
from models.statement import Statement
from tasks.proof.reconcile import reconcile
from tasks.storage.directory import DirectoryStore
from tasks.verify import Asked, verify
from tests.flows.corrections.test_refunds import HEADING, TEN, by_month, sale
from tests.made.closing import close_months
from tests.made.vendors import claim, office, partner, settle, write_csv, write_vendor

JANUARY, FEBRUARY, MARCH = Period(2026, 1), Period(2026, 2), Period(2026, 3)
LINES = [
    sale("L1", 1000, "2026-01-10"),
    sale("R1", -500, "2026-02-10", "L1"),
    sale("R2", -300, "2026-04-10", "L1"),
    sale("R3", -200, "2026-05-10", "L1"),
]


class Vendor:
    """A vendor whose January is closed, some of it given back, and restated by another plan."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home, self.vendor = folder, folder / "home", folder / "vendor"
        self.plan = TEN

    def write(self, *lines: dict[str, object], plan: str = TEN, refunds: str = "original_rate") -> None:
        self.plan = plan
        billing: dict[str, list[dict[str, object]]] = {f"2026-0{number}.csv": [] for number in range(1, 6)}
        write_vendor(
            self.vendor,
            programme=HEADING.format(refunds=refunds).replace("plans:", "stop_when: {empty_month: allow}\nplans:")
            + plan,
            partners=[partner("a", parent_id="s"), partner("s")],
            claims=[claim("C1", "a")],
            billing=billing | {f"{name}.csv": mine for name, mine in by_month(lines).items()},
        )

    def close(self, *months: int) -> dict[str, dict[str, Statement]]:
        return close_months(self.home, self.vendor, *(f"2026-{month:02d}" for month in months))

    def restate(self, plan: str, month: Period = JANUARY) -> list[str]:
        """Accept another plan for a month, and return what was said of it."""
        corrected = self.folder / "corrected"
        corrected.mkdir(exist_ok=True)
        programme = (self.vendor / "programme.yaml").read_text()
        (corrected / "programme.yaml").write_text(programme.replace(self.plan, plan))
        there = office(self.home, self.vendor)
        found = restated(there, month, corrected, Said("olga", "the contract says so"))
        accept(found, there)
        return list(found.words())


@pytest.fixture
def vendor(tmp_path: Path) -> Vendor:
    return Vendor(tmp_path)


def owed(statement: Statement) -> float:
    return (statement.summary.commission_minor + statement.summary.corrections_minor) / 100


TWELVE = TEN.replace("10%", "12%")


@pytest.mark.parametrize("refunds", ["original_rate", "restate"])
def test_the_difference_is_what_the_month_comes_to_less_what_was_given_back_at_the_right_rate(
    vendor: Vendor, refunds: str
) -> None:
    vendor.write(*LINES, refunds=refunds)
    vendor.close(1, 2)
    said = vendor.restate(TWELVE)
    assert said[1] == "  a: was 100.00, would be 120.00, and -10.00 of what was given back since; open 10.00"
    months = vendor.close(3, 4, 5)
    assert [owed(months[f"2026-0{month}"]["a"]) for month in (3, 4, 5)] == [10.00, -36.00, -24.00]


def test_the_rows_say_which_refund_it_is_of_and_explain_follows_it(vendor: Vendor) -> None:
    vendor.write(*LINES)
    vendor.close(1, 2)
    vendor.restate(TWELVE)
    march = vendor.close(3)["2026-03"]["a"]
    more, taken = sorted(march.corrections, key=lambda each: -each.commission_minor)
    assert (more.kind, more.cites, more.commission_minor) == ("restatement", "a/2026-01/v1", 20_00)
    assert (taken.kind, taken.cites, taken.commission_minor) == ("clawback", "a/2026-01/v2", -10_00)
    assert (taken.sale_id, taken.refund_id, taken.refunded_minor, taken.left_minor) == ("L1", "R1", 500_00, 500_00)
    assert (taken.earned, taken.rate, taken.words) == ("120.000000", "12", "the contract says so (olga)")
    there = office(vendor.home, vendor.vendor)
    lines = list(explained(approved_statement(there, "a", MARCH), None))
    assert (
        "  software, client C1: -10.00 (exactly -10.000000), taken again: the contract says so (olga); "
        "it corrects a/2026-01/v2" in lines
    )
    assert list(followed(there, "a", JANUARY, "L1"))[-3:] == [
        "  month 2026-03: what R1 gave back is figured again by a/2026-01/v2",
        "    software, client C1: -10.00 (exactly -10.000000), taken again: the contract says so (olga); "
        "statement 2026-000006, a/2026-03/v1",
        "  left of it: 500.00; later months changed the payout by -60.00",
    ]


def test_explain_names_the_statement_that_posted_what_was_taken_and_not_the_version_that_repeats_it(
    vendor: Vendor,
) -> None:
    # February's own 300.00 earn 36.00 and not 30.00; what it took back of January's L1 at 10 % stays as it was.
    vendor.write(LINES[0], LINES[1], sale("L2", 300, "2026-02-11"))
    vendor.close(1, 2)
    vendor.restate(TWELVE, FEBRUARY)
    vendor.close(3)
    there = office(vendor.home, vendor.vendor)
    assert read_statement(approved_statement(there, "a", FEBRUARY)).statement == "a/2026-02/v2"
    assert list(followed(there, "a", JANUARY, "L1"))[-3:] == [
        "  2026-02-10, month 2026-02: line R1 gave back 500.00; 500.00 left",
        "    software, client C1: -50.00 (exactly -50.000000); statement 2026-000003, a/2026-02/v1",
        "  left of it: 500.00; later months changed the payout by -50.00",
    ]


def test_a_refund_in_the_month_that_settles_the_restatement_goes_at_the_right_rate_too(vendor: Vendor) -> None:
    vendor.write(LINES[0], LINES[1], sale("R2", -300, "2026-03-10", "L1"))
    vendor.close(1, 2)
    vendor.restate(TWELVE)
    march = vendor.close(3)["2026-03"]["a"]
    assert sorted(each.commission_minor for each in march.corrections) == [-36_00, -10_00, 20_00]


def test_parts_that_do_not_divide_come_to_nothing_with_the_last(vendor: Vendor) -> None:
    # 1000.01 at 12 % are 120.0012: 120.00. In thirds of the sale 40.00 each; whatever was taken at 10 %.
    vendor.write(
        sale("L1", 1000.01, "2026-01-10"),
        sale("R1", -333.33, "2026-02-10", "L1"),
        sale("R2", -333.34, "2026-04-10", "L1"),
        sale("R3", -333.34, "2026-05-10", "L1"),
    )
    vendor.close(1, 2)
    vendor.restate(TWELVE)
    months = vendor.close(3, 4, 5)
    assert 100.00 - 33.33 + sum(owed(months[f"2026-0{month}"]["a"]) for month in (3, 4, 5)) == pytest.approx(0)


def test_a_month_that_refunds_lowered_owes_nothing_more_for_them(vendor: Vendor) -> None:
    # Under net_current R1 lowered February at its own 10 %: nothing of January was taken.
    vendor.write(*LINES[:2], refunds="net_current")
    vendor.close(1, 2)
    assert vendor.restate(TWELVE)[1] == "  a: was 100.00, would be 120.00; open 20.00"
    assert owed(vendor.close(3)["2026-03"]["a"]) == 20.00


def test_a_chargeback_that_was_won_before_leaves_only_what_the_month_comes_to(vendor: Vendor) -> None:
    vendor.write(
        LINES[0],
        sale("C1", -1000, "2026-02-10", "L1", kind="chargeback"),
        sale("W1", 1000, "2026-02-20", "C1", kind="chargeback_won"),
    )
    vendor.close(1, 2)
    vendor.restate(TWELVE)
    march = vendor.close(3)["2026-03"]["a"]
    assert owed(march) == 20.00  # -120.00 and +120.00 for the chargeback, where -100.00 and +100.00 were posted
    assert sorted(each.commission_minor for each in march.corrections) == [-20_00, 20_00, 20_00]


OVERRIDDEN = """\
    - from: 2026-01
      earn:
        software: {plan: percentage, categories: [software], rate: 10%}
        team: {plan: override, of: commission, levels: [10%]}
"""


def test_whoever_earns_on_the_partner_gives_back_at_the_right_rate_too(vendor: Vendor) -> None:
    # s earned 10 % of a's 100.00, and gave back 5.00 of it. With 20 % of a's 120.00 they are 24.00, and 12.00 go back.
    vendor.write(*LINES, plan=OVERRIDDEN)
    vendor.close(1, 2)
    vendor.restate(OVERRIDDEN.replace("rate: 10%", "rate: 12%").replace("levels: [10%]", "levels: [20%]"))
    months = vendor.close(3, 4, 5)
    assert sorted(each.commission_minor for each in months["2026-03"]["s"].corrections) == [-7_00, 14_00]
    # 20 % of 36.00 and 24.00, as the restated month says: 10.00 - 5.00 + 7.00 - 7.20 - 4.80 = 0.00
    assert [owed(months[f"2026-0{month}"]["s"]) for month in (3, 4, 5)] == [7.00, -7.20, -4.80]


CAPPED = """\
    - from: 2026-01
      earn:
        software: {plan: percentage, categories: [software], rate: 10%}
        cap: {plan: cap, at_most: 100.00}
"""


def test_a_limit_of_the_restated_month_is_figured_again_as_that_version_says_it(vendor: Vendor) -> None:
    # 200.00, capped at 100.00. 500.00 back: 150.00 are left, still 100.00. At most 150.00: 50.00 more, and 500.00 back
    # change nothing either. 100.00 more back leave 140.00: -10.00, where a cap of 100.00 would still take nothing.
    vendor.write(
        sale("L1", 2000, "2026-01-10"),
        sale("R1", -500, "2026-02-10", "L1"),
        sale("R2", -100, "2026-04-10", "L1"),
        plan=CAPPED,
    )
    january = vendor.close(1, 2)
    assert [owed(january[month]["a"]) for month in ("2026-01", "2026-02")] == [100.00, 0.00]
    vendor.restate(CAPPED.replace("100.00", "150.00"))
    months = vendor.close(3, 4)
    assert [owed(months[f"2026-0{month}"]["a"]) for month in (3, 4)] == [50.00, -10.00]


def test_a_limit_that_a_later_version_figures_again_says_what_it_had_come_to(vendor: Vendor) -> None:
    # 200.00, capped at 100.00: -100.00. 500.00 back leave 150.00: 50.00 of the cap were given again in February. Capped
    # at 180.00 it takes off 20.00, so with these 50.00 it stands at 30.00; of 150.00 it takes off nothing: -30.00.
    vendor.write(sale("L1", 2000, "2026-01-10"), sale("R1", -500, "2026-02-10", "L1"), plan=CAPPED)
    vendor.close(1, 2)
    vendor.restate(CAPPED.replace("100.00", "180.00"))
    march = vendor.close(3)["2026-03"]["a"]
    (row,) = [each for each in march.corrections if each.kind == "limit"]
    assert (row.earned, row.commission_minor, row.left_minor) == ("30.000000", -30_00, 0)
    assert owed(march) == 80.00 - 30.00


def test_a_sale_that_earned_nothing_and_was_given_back_earns_nothing_by_the_later_version(vendor: Vendor) -> None:
    # C1 was excluded in January. It was none to exclude: L1 earns 100.00, and 50.00 of it go back.
    vendor.write(*LINES[:2])
    write_csv(vendor.vendor / "exclusions.csv", [{"client_id": "C1", "reason": "sold at cost"}])
    vendor.close(1, 2)
    corrected = vendor.folder / "corrected"
    corrected.mkdir()
    (corrected / "exclusions.csv").write_text("client_id,reason\n")
    there = office(vendor.home, vendor.vendor)
    accept(restated(there, JANUARY, corrected, Said("olga", "no such contract")), there)
    march = vendor.close(3)["2026-03"]["a"]
    assert sorted(each.commission_minor for each in march.corrections) == [-50_00, 100_00]


LIFE = CAPPED.replace("at_most: 100.00", "at_most: 100.00, window: lifetime")


def test_where_a_limit_looks_at_later_months_too_it_is_refused_by_name(vendor: Vendor) -> None:
    vendor.write(*LINES[:2], plan=LIFE)
    vendor.close(1, 2)
    with pytest.raises(Exception, match=r"given back in 2026-02, and a cap for life, or a goal that is taken back"):
        vendor.restate(LIFE.replace("100.00", "150.00"))


def test_the_page_says_that_a_refund_is_figured_again_and_everything_comes_out_again(vendor: Vendor) -> None:
    vendor.write(*LINES)
    settle(vendor.home, vendor.vendor, "2026-01", "2026-02")
    vendor.restate(TWELVE)
    settle(vendor.home, vendor.vendor, "2026-03", "2026-04")
    page = (vendor.home / "archive/test-partners/2026-03/v1/statements/a/statement.html").read_text()
    assert "Sale given back, figured again" in page
    there = office(vendor.home, vendor.vendor)
    assert reconcile(there.database, there.store) == []
    assert verify(DirectoryStore(vendor.home / "archive"), asked=Asked(again=True)).findings == ()
