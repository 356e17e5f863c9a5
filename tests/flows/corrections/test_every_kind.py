"""Each kind of correction on the statement, its page and paper, in explain, in the books and in the archive.

What happened is in `every_kind.py`. A row says what it cites, what was there before, at which rate it was earned, what
is taken or given now, and what is left.
"""

import csv
import io
import re
import shutil
import subprocess
import sys
from html import unescape
from typing import NamedTuple

import pypdf
import pytest

from flows.questions.explaining import explained
from flows.questions.following import followed
from models.period import Period
from models.statement import CorrectionEntry
from tasks.proof.reconcile import reconcile
from tasks.storage.directory import DirectoryStore
from tasks.verify import Asked, verify
from tests.flows.corrections.every_kind import (
    FEBRUARY,
    JUNE,
    LANGUAGES,
    MARCH,
    MAY,
    MONTHS,
    EveryKind,
    everything_corrected,
)
from tests.made.vendors import archived

JANUARY_NUMBERS = {"en": "2026-000001", "pl": "2026-000002", "ru": "2026-000003", "top": "2026-000004"}
FEBRUARY_NUMBERS = {"en": "2026-000005", "pl": "2026-000006", "ru": "2026-000007", "top": "2026-000008"}


class Row(NamedTuple):
    """One correction of the partner that writes its lines as `en-L1`; amounts in major units."""

    month: Period
    kind: str
    rule: str
    refund: str  # which line, or row, did it
    refund_kind: str
    of: str  # the month it corrects
    sale: tuple[str, float, float, float, float]  # its line; paid; taken now; too much; left of it, or of the earning
    earned: tuple[float, str]  # what there was; its rate
    posted: float


NO_SALE = ("", 0, 0, 0, 0)
ROWS = {
    "a refund after payout, at the rate of its sale": Row(
        FEBRUARY, "clawback", "software", "R1", "credit_note", "2026-01", ("L1", 1000, 600, 0, 400), (100, "10"), -60
    ),
    "more than was left": Row(
        FEBRUARY, "clawback", "software", "R2", "credit_note", "2026-01", ("L1", 1000, 400, 200, 0), (100, "10"), -40
    ),
    "a first sale": Row(
        FEBRUARY, "clawback", "bounty", "R1", "credit_note", "2026-01", ("L1", 1000, 600, 0, 400), (50, "5"), -30
    ),
    "a fund": Row(
        FEBRUARY, "clawback", "fund", "R1", "credit_note", "2026-01", ("L1", 1000, 600, 0, 400), (20, "2"), -12
    ),
    "a chargeback": Row(
        FEBRUARY, "clawback", "software", "C1", "chargeback", "2026-01", ("L5", 500, 500, 0, 0), (50, "10"), -50
    ),
    "a goal that is no longer reached": Row(
        FEBRUARY, "clawback", "goal", "", "", "2026-01", NO_SALE, (30, ""), -30
    ),
    "a cap, figured again": Row(FEBRUARY, "limit", "ceiling", "", "", "2026-01", NO_SALE, (-100, ""), 100),
    "an amount by hand": Row(FEBRUARY, "adjustment", "", "A1", "", "2026-01", NO_SALE, (0, ""), 70),
    "a chargeback won": Row(
        MARCH, "clawback", "software", "W1", "chargeback_won", "2026-01", ("L5", 500, -500, 0, 500), (50, "10"), 50
    ),
    "a source that changed": Row(MARCH, "adjustment", "", "reconcile-2026-02-1", "", "2026-02", NO_SALE, (0, ""), 15),
    "a month worked out again with a refund": Row(
        MAY, "restatement", "telephony", "R7", "", "2026-01", ("", 0, 0, 0, 48), (144, ""), -96
    ),
    "a month restated by another rate": Row(
        JUNE, "restatement", "software", "", "", "2026-02", ("", 0, 0, 0, 230), (172.50, ""), 57.50
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> EveryKind:
    return everything_corrected(tmp_path_factory.mktemp("every-kind"))


def entry_of(home: EveryKind, row: Row, who: str) -> CorrectionEntry:
    refund_id = f"{who}-{row.refund}" if row.refund else ""
    if row.refund.startswith("reconcile"):
        refund_id = f"reconcile-2026-02-{who}-1"
    (entry,) = (
        each
        for each in home.statement(who, row.month).corrections
        if (each.kind, each.rule, each.refund_id) == (row.kind, row.rule, refund_id)
    )
    return entry


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
@pytest.mark.parametrize("who", LANGUAGES)
def test_a_correction_says_what_it_cites_what_was_earned_what_is_taken_and_what_is_left(
    home: EveryKind, row: Row, who: str
) -> None:
    entry = entry_of(home, row, who)
    numbers = JANUARY_NUMBERS if row.of == "2026-01" else FEBRUARY_NUMBERS
    assert (entry.cites, entry.of_number) == (f"{who}/{row.of}/v1", numbers[who])
    sale_id, *amounts = row.sale
    assert entry.sale_id == (f"{who}-{sale_id}" if sale_id else "")
    found = entry.sale_minor, entry.refunded_minor, entry.excess_minor, entry.left_minor
    assert [minor / 100 for minor in found] == amounts
    assert (float(entry.earned or 0), entry.rate, entry.refund_kind) == (*row.earned, row.refund_kind)
    assert entry.commission_minor / 100 == row.posted


# What the first column of each row says, of: what is given back, a chargeback, one that was won, a goal, a cap, by hand,
# a month worked out again.
SAID = {
    "en": ("Sale given back", "Chargeback of a sale", "Chargeback won, the sale counts again",
           "Goal that what is left no longer reaches, or reaches again", "Cap or guarantee, figured again",
           "Adjustment by hand", "Month worked out again"),
    "ru": ("Возврат продажи", "Продажа отозвана банком клиента", "Спор с банком выигран, продажа снова учтена",
           "Цель, до которой остаток больше не дотягивает или дотягивает снова", "Лимит или гарантия, пересчёт",
           "Ручная корректировка", "Пересчёт месяца"),
    "pl": ("Zwrot sprzedaży", "Sprzedaż cofnięta przez bank klienta", "Spór z bankiem wygrany, sprzedaż znów się liczy",
           "Cel, którego pozostała kwota już nie osiąga albo osiąga znowu", "Limit lub gwarancja, ponownie policzone",
           "Korekta ręczna", "Miesiąc rozliczony ponownie"),
}  # fmt: skip
WHICH = dict(zip(ROWS, (0, 0, 0, 0, 1, 3, 4, 5, 2, 5, 6, 6), strict=True))


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("who", LANGUAGES)
def test_its_page_shows_it_in_the_partners_language(home: EveryKind, name: str, who: str) -> None:
    row, page = ROWS[name], home.file("statement.html", who, ROWS[name].month).read_text(encoding="utf-8")
    rows = [plain(each) for each in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)]
    entry = entry_of(home, row, who)
    shown = [each for each in rows if SAID[who][WHICH[name]] in each and entry.of_number in each]
    for said in (row.rule, entry.sale_id, entry.refund_id if "," not in entry.refund_id else ""):
        shown = [each for each in shown if said in each]
    (only,) = shown
    digits = re.sub(r"[^0-9 ]", "", only.replace("\u00a0", "").replace(" ", "  ")).split()
    for minor in (entry.commission_minor, *([entry.left_minor] if entry.earned else [])):
        assert re.sub(r"\D", "", f"{abs(minor) / 100:.2f}") in digits


@pytest.mark.parametrize("who", LANGUAGES)
def test_paper_shows_what_the_page_does(home: EveryKind, who: str) -> None:
    for month, which in {FEBRUARY: (0, 1, 3, 4, 5), MARCH: (2, 5), MAY: (6,), JUNE: (6,)}.items():
        reader = pypdf.PdfReader(io.BytesIO(home.file("statement.pdf", who, month).read_bytes()))
        text = "".join("".join(page.extract_text().split()) for page in reader.pages)
        for each in which:
            assert "".join(SAID[who][each].split()) in text


@pytest.mark.parametrize("who", LANGUAGES)
def test_nobody_reads_of_lines_that_are_another_partners(home: EveryKind, who: str) -> None:
    others = [f"{other}-" for other in LANGUAGES if other != who]
    for month in MONTHS:
        data = home.file("statement.json", who, month).read_text(encoding="utf-8")
        assert [each for each in others if re.search(rf'[" ]{each}', data)] == []


def test_a_senior_gives_back_what_a_junior_did_and_reads_what_it_came_to(home: EveryKind) -> None:
    """10 % of 474.00 were 47.40; the junior gave back 280.00."""
    found = {each.key: each for each in home.statement("top", FEBRUARY).corrections}
    assert sorted(found) == ["en", "pl", "ru"]
    entry = found["pl"]
    assert (entry.kind, entry.rule, entry.cites, entry.of_number) == (
        "clawback", "team", "top/2026-01/v1", "2026-000004",
    )  # fmt: skip
    assert (entry.earned, entry.left_minor, entry.commission_minor) == ("47.400000", 19_40, -28_00)


EXPLAINED = {
    FEBRUARY: """\
  software, client en-C1: -60.00 (exactly -60.000000); it corrects 2026-000001, en/2026-01/v1
    line en-R1 of 2026-02-10 gives back 600.00 of line en-L1, paid 1 000.00; 400.00 is left
    en-L1 earned 100.000000 at 10 %; --line en-L1 follows it
    line en-R2 of 2026-02-11 gives back 400.00 of line en-L1, paid 1 000.00, and 200.00 more than was left; 0.00 is left
    chargeback en-C1 of 2026-02-14 gives back 500.00 of line en-L5, paid 500.00; 0.00 is left
  goal, goal 1500.00: -30.00 (exactly -30.000000): it comes to 0.00, was 30.000000; it corrects 2026-000001, en/2026-01/v1
  ceiling, client en-C1: 100.00 (exactly 100.000000, the limit is figured again): it comes to 0.00, was -100.000000; it corrects 2026-000001, en/2026-01/v1
  adjustment en-A1: 70.00, a stand at a fair (olga; mail of 2 February); it corrects 2026-000001, en/2026-01/v1
""",
    MARCH: """\
    line en-W1 of 2026-03-10 gives again 500.00 of line en-L5, paid 500.00; 500.00 is left
  adjustment reconcile-2026-02-en-1: 15.00, the billing of 2026-02 changed after it was settled (olga; en-L7); it corrects 2026-000005, en/2026-02/v1
Kept apart, withheld from the payout until it is released: 0.00 + 357.50 earned - 0.00 spent = 357.50
""",
    MAY: """\
  telephony, client en-C1: -96.00; with en-R7: it comes to 48.00, was 144.000000; it corrects 2026-000001, en/2026-01/v1
""",
    JUNE: """\
  software, client en-C1: 57.50; 20 % by contract (olga): it comes to 230.00, was 172.500000; it corrects 2026-000005, en/2026-02/v1
""",
}


@pytest.mark.parametrize("month", EXPLAINED, ids=str)
def test_explain_says_each_correction_also_of_a_partner_whose_payout_is_withheld(
    home: EveryKind, month: Period
) -> None:
    said = list(explained(home.file("statement.json", "en", month).read_bytes(), None))
    assert [each for each in EXPLAINED[month].splitlines() if each not in said] == []


FOLLOWED = {
    # A sale, forward to all that was given back of it; and each refund back to its sale.
    "L1": (Period(2026, 1), "2026-02-11, month 2026-02: line en-R2 gave back 400.00, and 200.00 more than was left"),
    "R1": (FEBRUARY, "Line en-L1 of 2026-01: statement 2026-000001, en/2026-01/v1"),
    "C1": (FEBRUARY, "2026-03-10, month 2026-03: line en-W1 gave again 500.00; 500.00 left"),
    "W1": (MARCH, "Line en-L5 of 2026-01: statement 2026-000001, en/2026-01/v1"),
    "L7": (FEBRUARY, "paid 2026-01-30, posted 2026-02-05, late: 200.00, base 200.00, under software"),
    "R6": (Period(2026, 4), "it lowers 2026-04, as a payment below 0 of that month"),
    "R7": (MAY, "2026-01 was worked out again with it: see the corrections of en/2026-05/v1"),
    "L4": (Period(2026, 1), "2026-05-10, month 2026-05: line en-R7 gave back 600.00; 0.00 left"),
}


@pytest.mark.parametrize("line", FOLLOWED)
def test_a_line_is_followed_back_to_its_sale_and_forward_to_what_was_given_back(home: EveryKind, line: str) -> None:
    month, words = FOLLOWED[line]
    assert any(words in each for each in followed(home.office, "en", month, f"en-{line}"))


def test_what_finds_nothing_left_is_rejected_and_names_the_line_that_took_it(home: EveryKind) -> None:
    with (home.folder / "home/reports/2026-02-rejected.csv").open(encoding="utf-8", newline="") as file:
        found = {row["line_id"]: row for row in csv.DictReader(file)}
    assert sorted(found) == ["en-R3", "pl-R3", "ru-R3"]
    assert any("refunded already: en-R2 took it" in value for value in found["en-R3"].values())
    assert [each.reason for each in home.statement("en", FEBRUARY).not_included] == ["refunded already"]
    said = list(followed(home.office, "en", FEBRUARY, "en-R3"))
    assert said[0] == "Line en-R3 of 2026-02, -10.00: rejected, refunded already; it earned nothing"
    assert said[1] == "Line en-L1 of 2026-01: statement 2026-000001, en/2026-01/v1"
    assert any("line en-R2 gave back 400.00, and 200.00 more than was left; 0.00 left" in each for each in said)


def test_totals_and_books_keep_the_kinds_apart(home: EveryKind) -> None:
    with (archived(home.folder / "home", "2026-02") / "totals.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["partner_id"] == "en" and row["kind"] != "accrual"]
    assert {(row["kind"], row["rule"]): int(row["commission_minor"]) / 100 for row in rows} == {
        ("clawback", "software"): -150, ("clawback", "hosting"): -150, ("clawback", "bounty"): -50,
        ("clawback", "goal"): -30, ("clawback", "fund"): -30, ("limit", "ceiling"): 100, ("adjustment", ""): 70,
    }  # fmt: skip
    for month, account in {"2026-02": "adjustment", "2026-05": "restatement:telephony", "2026-06": "restatement:software"}.items():  # fmt: skip
        journal = (archived(home.folder / "home", month) / "ledger.journal").read_text(encoding="utf-8")
        assert f"    expenses:{account}  RUB " in journal


@pytest.mark.skipif(not shutil.which("hledger"), reason="hledger is not installed: nothing to check with")
def test_hledger_accepts_every_month(home: EveryKind) -> None:
    for month in MONTHS:
        journal = archived(home.folder / "home", str(month)) / "ledger.journal"
        subprocess.run(["hledger", "-f", str(journal), "check", "--strict"], check=True)


def test_archive_and_database_hold_and_everything_comes_out_again(home: EveryKind) -> None:
    found = verify(DirectoryStore(home.folder / "home/archive"), asked=Asked(again=True))
    # The draft of March that was asked for before the payouts were withheld was never approved.
    assert [each.words for each in found.findings if "drafts never approved" not in each.words] == []
    assert found.periods == 7
    assert list(reconcile(home.office.database, home.office.store)) == []
    alone = [sys.executable, "-I", str(archived(home.folder / "home", "2026-06") / "verify.py")]
    done = subprocess.run([*alone, str(home.folder / "home/archive")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
