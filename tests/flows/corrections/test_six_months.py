"""Six months worked by hand: a rate change, what was sold before it given back after it, and an override above it all.

ana and bo are agents below top, who earns 5 % of what they earn. All payments are without VAT. Until February
software earns 10 %, by volume, and 12 % from 10 000.00 on; telephony earns, graduated, 8 % up to 5 000.00 and 10 %
above. From March on it is 15 % and 20 %, and 6 % and 9 %.

January.
  ana, software: A1 of acme 8 000.00 + A2 of bell 4 000.05 = 12 000.05 reach 12 %: 1 440.006, rounded 1 440.01
                 acme 960.00; bell 480.006, floored 480.00, and the missing kopeck: 480.01
  ana, telephony: A3 of acme 6 000.00 + A4 of bell 2 000.00: 5 000.00 x 8 % + 3 000.00 x 10 % = 700.00
                  of each rouble 0.0875: acme 525.00, bell 175.00
  bo, software: B1 of cora 3 000.00 x 10 % = 300.00
  top: ana 2 140.01 x 5 % = 107.0005, bo 300.00 x 5 % = 15.00: 122.0005, rounded 122.00: ana 107.00, bo 15.00

February. The tier of February does not see what is given back of January.
  ana, software: A5 of acme 5 000.00 x 10 % = 500.00
  ana, back: of A3 2 000.00: 525.00 x 2 000 / 6 000 = 175.00
             A2, by a chargeback of 1 000.00: 480.006 x 1 000.00 / 4 000.05 = 120.00 exactly; of the 480.01 that bell
             was given for 480.006 that is 480.01 x 120.00 / 480.006 = 120.000999..., rounded 120.00
  bo, software: B2 of cora 1 000.00 x 10 % = 100.00; then bo leaves
  top: new: ana 500.00 x 5 % = 25.00, bo 100.00 x 5 % = 5.00; back: -295.00 x 5 % = -14.75
       together 15.25; taken back of ana's 107.00 for 107.0005: 14.7499..., 14.75; the new row is 15.25 + 14.75 = 30.00

March. Another rate. A7 was paid on February 27th, and reached the books in March: it earns as March does.
  ana, software: A6 of bell 9 000.00 + A7 of acme 1 500.00 = 10 500.00 reach 20 %: 2 100.00: bell 1 800.00, acme 300.00
  ana, telephony: A8 of acme 4 000.00 x 6 % = 240.00
  ana, back: of A1 3 000.00: 960.00 x 3 000 / 8 000 = 360.00, at January's 12 %
  bo, back: B1, all of it: 300.00, though bo has left; it is carried
  top: new: ana 2 340.00 x 5 % = 117.00; back: ana -360.00 and bo -300.00: -18.00 - 15.00
       together 84.00. Of ana's January 14.75 + 18.00 = 32.75 now: 107.00 x 32.75 / 107.0005 = 32.7498..., less 14.75
       is 18.00; of bo's 15.00. The new row is 84.00 + 33.00 = 117.00

April. The chargeback is won.
  ana, software: A9 of acme 2 000.00 x 15 % = 300.00
  ana, back: A2 gets back what the chargeback took: +120.00; of A6 4 500.00: 1 800.00 x 4 500 / 9 000 = 900.00
             300.00 + 120.00 - 900.00 = -480.00, carried
  top: new: 300.00 x 5 % = 15.00; back: 120.00 x 5 % = +6.00, -900.00 x 5 % = -45.00: together -24.00, carried
       of ana's January 26.75 now, which is 6.00 less; of its March 45.00; the new row is -24.00 + 39.00 = 15.00

Then somebody sees that February's software was to earn 11 % below 10 000.00, and not 10 %. It is restated; May settles it.
  February, ana: 5 000.00 x 11 % = 550.00, 50.00 more; bo: 1 000.00 x 11 % = 110.00, 10.00 more
  top: ana 27.50 + bo 5.50 - 14.75 = 18.25; the new row is 18.25 + 14.75 = 33.00: 3.00 more, 2.50 for ana, 0.50 for bo

May. Nobody sells.
  ana, back: the rest of A3, 4 000.00: 525.00 - 175.00 = 350.00
             of A4 999.99: 175.00 x 999.99 / 2 000.00 = 87.499125, rounded 87.50
             -480.00 - 437.50 + 50.00 of the restatement = -867.50, carried
  bo: -300.00 + 10.00 = -290.00, carried
  top, back: -437.50 x 5 % = -21.875. Of ana's January 26.75 + 21.875 = 48.625 now: 107.00 x 48.625 / 107.0005 =
             48.62477..., 48.62; less 26.75 is 21.87. There is no new row: -24.00 - 21.87 + 3.00 = -42.87, carried

June. The rest of what was sold in January is given back.
  ana, software: A10 of acme 12 000.00 x 20 % = 2 400.00
  ana, back: the rest of A4, 1 000.01: 175.00 - 87.50 = 87.50; A2, all of it: 480.01; the rest of A1, 5 000.00: 600.00
             A1 once more: nothing is left of it, so this line is rejected
             of A5 of February 1 000.00, at the 11 % it is restated to: 550.00 x 1 000 / 5 000 = 110.00
             -867.50 + 2 400.00 - 1 167.51 - 110.00 = 254.99
  top: new: 2 400.00 x 5 % = 120.00; back: -1 167.51 x 5 % = -58.3755 of January, -110.00 x 5 % = -5.50 of February;
       together 56.1245, rounded 56.12
       of ana's January 48.625 + 58.3755 = 107.0005, which is all of it: 107.00 - 48.62 = 58.38; of its February 5.50
       the new row is 56.12 + 58.38 + 5.50 = 120.00; -42.87 + 56.12 = 13.25

What January earned ana, and top on ana, is back at 0.00: 700.00 - 175.00 - 350.00 - 87.50 - 87.50;
1 440.01 - 120.00 - 360.00 + 120.00 - 480.01 - 600.00; 107.00 - 14.75 - 18.00 + 6.00 - 21.87 - 58.38.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from flows.corrections.restating import Said, accept, restated
from flows.questions.explaining import approved_statement
from models.formats import read_statement
from models.period import Period
from models.statement import Statement
from tests.made.closing import close_months, control
from tests.made.golden_months import kopecks
from tests.made.vendors import claim, line, office, partner, write_vendor

PROGRAMME = """\
programme: test-partners
starts: 2026-01
currency: RUB
timezone: Europe/Moscow
base: gross
refunds: original_rate
plans:
  agent:
    - from: 2026-01
      earn:
        software:
          plan: tiered
          categories: [software]
          by: volume
          measure: {categories: [software]}
          tiers: {0: 10%, 10000: 12%}
        telephony:
          plan: tiered
          categories: [telephony]
          by: graduated
          measure: {categories: [telephony]}
          tiers: {0: 8%, 5000: 10%}
    - from: 2026-03
      earn:
        software:
          plan: tiered
          categories: [software]
          by: volume
          measure: {categories: [software]}
          tiers: {0: 15%, 10000: 20%}
        telephony:
          plan: tiered
          categories: [telephony]
          by: graduated
          measure: {categories: [telephony]}
          tiers: {0: 6%, 5000: 9%}
  top:
    from: 2026-01
    earn: {team: {plan: override, of: commission, levels: [5%]}}
"""


def bill(line_id: str, client_id: str, category: str, amount: str, paid_on: str, **others: Any) -> dict[str, Any]:
    said = {"category": category, "issued_on": paid_on, "paid_on": paid_on, "posted_on": None, "refunds_line_id": None}
    return line(line_id, client_id, kopecks(amount), **said | others)


def back(line_id: str, sale: Mapping[str, Any], amount: str, paid_on: str, **others: Any) -> dict[str, Any]:
    return bill(
        line_id, sale["client_id"], sale["category"], amount, paid_on, refunds_line_id=sale["line_id"], **others
    )


A1 = bill("A1", "acme", "software", "8 000.00", "2026-01-12")
A2 = bill("A2", "bell", "software", "4 000.05", "2026-01-13")
A3 = bill("A3", "acme", "telephony", "6 000.00", "2026-01-14")
A4 = bill("A4", "bell", "telephony", "2 000.00", "2026-01-15")
B1 = bill("B1", "cora", "software", "3 000.00", "2026-01-16")
A5 = bill("A5", "acme", "software", "5 000.00", "2026-02-11")
A6 = bill("A6", "bell", "software", "9 000.00", "2026-03-05")
CHARGED = back("R2", A2, "-1 000.00", "2026-02-20", kind="chargeback")

BILLING = {
    "2026-01": [A1, A2, A3, A4, B1],
    "2026-02": [
        back("R1", A3, "-2 000.00", "2026-02-10"), CHARGED, A5,
        bill("B2", "cora", "software", "1 000.00", "2026-02-12"),
    ],
    "2026-03": [
        A6, bill("A7", "acme", "software", "1 500.00", "2026-02-27", posted_on="2026-03-03"),
        bill("A8", "acme", "telephony", "4 000.00", "2026-03-06"), back("R3", A1, "-3 000.00", "2026-03-10"),
        back("R4", B1, "-3 000.00", "2026-03-11"),
    ],
    "2026-04": [
        back("W1", CHARGED, "1 000.00", "2026-04-02", kind="chargeback_won"), back("R5", A6, "-4 500.00", "2026-04-10"),
        bill("A9", "acme", "software", "2 000.00", "2026-04-12"),
    ],
    "2026-05": [back("R6", A3, "-4 000.00", "2026-05-10"), back("R7", A4, "-999.99", "2026-05-11")],
    "2026-06": [
        back("R8", A4, "-1 000.01", "2026-06-10"), back("R9", A2, "-4 000.05", "2026-06-11"),
        back("R12", A5, "-1 000.00", "2026-06-12"), back("R10", A1, "-5 000.00", "2026-06-12"), back("R11", A1, "-1.00", "2026-06-13"),
        bill("A10", "acme", "software", "12 000.00", "2026-06-14"),
    ],
}  # fmt: skip

# Of each month: what new lines earned, by rule
NEW = {
    "ana": [{"software": "1 440.01", "telephony": "700.00"}, {"software": "500.00"},
            {"software": "2 100.00", "telephony": "240.00"}, {"software": "300.00"}, {}, {"software": "2 400.00"}],
    "bo": [{"software": "300.00"}, {"software": "100.00"}, {}, {}, {}, {}],
    "top": [{"team": "122.00"}, {"team": "30.00"}, {"team": "117.00"}, {"team": "15.00"}, {}, {"team": "120.00"}],
}  # fmt: skip
# ... and what was taken back, or given again: by the line that did, or by whose earnings it follows; and the month
BACK = {
    "ana": [
        {},
        {("R1", "2026-01"): "-175.00", ("R2", "2026-01"): "-120.00"},
        {("R3", "2026-01"): "-360.00"},
        {("W1", "2026-01"): "120.00", ("R5", "2026-03"): "-900.00"},
        {("R6", "2026-01"): "-350.00", ("R7", "2026-01"): "-87.50", ("acme", "2026-02"): "50.00"},
        {
            ("R12", "2026-02"): "-110.00",
            ("R8", "2026-01"): "-87.50",
            ("R9", "2026-01"): "-480.01",
            ("R10", "2026-01"): "-600.00",
        },
    ],
    "bo": [{}, {}, {("R4", "2026-01"): "-300.00"}, {}, {("cora", "2026-02"): "10.00"}, {}],
    "top": [
        {},
        {("ana", "2026-01"): "-14.75"},
        {("ana", "2026-01"): "-18.00", ("bo", "2026-01"): "-15.00"},
        {("ana", "2026-01"): "6.00", ("ana", "2026-03"): "-45.00"},
        {("ana", "2026-01"): "-21.87", ("ana", "2026-02"): "2.50", ("bo", "2026-02"): "0.50"},
        {("ana", "2026-01"): "-58.38", ("ana", "2026-02"): "-5.50"},
    ],
}
# ... and the balances: opening, to pay, carried forward
BALANCES = {
    "ana": [("0.00", "2 140.01", "0.00"), ("0.00", "205.00", "0.00"), ("0.00", "1 980.00", "0.00"),
            ("0.00", "0.00", "-480.00"), ("-480.00", "0.00", "-867.50"), ("-867.50", "254.99", "0.00")],
    "bo": [("0.00", "300.00", "0.00"), ("0.00", "100.00", "0.00"), ("0.00", "0.00", "-300.00"),
           ("-300.00", "0.00", "-300.00"), ("-300.00", "0.00", "-290.00"), ("-290.00", "0.00", "-290.00")],
    "top": [("0.00", "122.00", "0.00"), ("0.00", "15.25", "0.00"), ("0.00", "84.00", "0.00"),
            ("0.00", "0.00", "-24.00"), ("-24.00", "0.00", "-42.87"), ("-42.87", "13.25", "0.00")],
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("six-months")


@pytest.fixture(scope="module")
def statements(home: Path) -> dict[str, dict[str, Statement]]:
    vendor = write_vendor(
        home / "vendor",
        programme=PROGRAMME,
        partners=[
            partner("ana", plan="agent", parent_id="top", until=""),
            partner("bo", plan="agent", parent_id="top", until="2026-02-28"),
            partner("top", plan="top", parent_id="", until=""),
        ],
        claims=[claim("acme", "ana"), claim("bell", "ana"), claim("cora", "bo")],
        billing={f"{month}.csv": lines for month, lines in BILLING.items()},
    )
    *until_april, may, june = BILLING
    found = close_months(home / "home", vendor, *until_april)
    (home / "right").mkdir()
    february = PROGRAMME[PROGRAMME.index("    - from: 2026-01") : PROGRAMME.index("    - from: 2026-03")]
    february = february.replace("from: 2026-01", "from: 2026-02").replace(
        "{0: 10%, 10000: 12%}", "{0: 11%, 10000: 12%}"
    )
    right = PROGRAMME.replace("    - from: 2026-03", f"{february}    - from: 2026-03")
    (home / "right/programme.yaml").write_text(right, encoding="utf-8")
    there, said = office(home / "home", vendor), Said("olga", "11 % from February on")
    assert accept(restated(there, Period(2026, 2), home / "right", said), there)
    return found | close_months(home / "home", vendor, may, june)


@pytest.mark.parametrize("who", ["ana", "bo", "top"])
def test_new_sales_earn_as_their_own_month_says(statements: dict[str, dict[str, Statement]], who: str) -> None:
    found = [
        {rule.rule: rule.commission_minor for rule in month[who].rules if rule.commission_minor}
        for month in statements.values()
    ]
    assert found == [{rule: kopecks(amount) for rule, amount in month.items()} for month in NEW[who]]


@pytest.mark.parametrize("who", ["ana", "bo", "top"])
def test_what_is_given_back_takes_what_its_sale_earned(statements: dict[str, dict[str, Statement]], who: str) -> None:
    found = [
        {
            (each.refund_id or each.key, each.cites.split("/")[1]): each.commission_minor
            for each in month[who].corrections
            if each.commission_minor
        }
        for month in statements.values()
    ]
    assert found == [{key: kopecks(amount) for key, amount in month.items()} for month in BACK[who]]


@pytest.mark.parametrize("who", ["ana", "bo", "top"])
def test_each_month_opens_with_what_the_one_before_carried(
    statements: dict[str, dict[str, Statement]], who: str
) -> None:
    summaries = [month[who].summary for month in statements.values()]
    found = [(each.opening_minor, each.to_pay_minor, each.carried_minor) for each in summaries]
    assert found == [tuple(map(kopecks, month)) for month in BALANCES[who]]


def test_the_late_payment_earns_in_the_month_that_booked_it(statements: dict[str, dict[str, Statement]]) -> None:
    paid_before = [each for each in statements["2026-03"]["ana"].payments if each.paid_on < "2026-03-01"]
    assert [(each.line_id, each.posted_on, each.rule) for each in paid_before] == [("A7", "2026-03-03", "software")]


def test_a_sale_given_back_whole_is_not_given_back_again(
    home: Path, statements: dict[str, dict[str, Statement]]
) -> None:
    assert control(home / "home", "2026-06")["rejected", "refunded already"] == 1


@pytest.mark.parametrize(
    ("who", "was", "now"), [("ana", "500.00", "550.00"), ("bo", "100.00", "110.00"), ("top", "15.25", "18.25")]
)
def test_february_as_restated_stands_beside_february_as_it_was_issued(
    home: Path, statements: dict[str, dict[str, Statement]], who: str, was: str, now: str
) -> None:
    there = office(home / "home", home / "vendor")
    second = read_statement(approved_statement(there, who, Period(2026, 2)))
    assert second.supersedes is not None
    back_minor = sum(each.commission_minor for each in second.corrections if each.to == "partner")
    total_minor = second.summary.commission_minor + back_minor
    assert second.statement == f"{who}/2026-02/v2"
    found = second.supersedes.total_minor, total_minor, second.supersedes.difference_minor
    taken = statements["2026-02"][who].summary.corrections_minor
    extra = kopecks("-295.00") if who == "ana" else 0
    assert taken == back_minor
    assert found == (kopecks(was) + extra, kopecks(now) + extra, kopecks(now) - kopecks(was))
