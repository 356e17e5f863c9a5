"""The sample vendor: always the same, never in the way, and with everything in it that real billing has."""

import csv
from collections import Counter
from pathlib import Path

import pytest
import yaml

from models.errors import BadProgramme, WrongUse
from models.period import Period
from rules.programme.file import parse_programme
from sample import make_sample
from sample.programme import EXAMPLES
from tasks.vendor.folder import read_vendor
from tests.twins.twin import TwinResult, read_csv, settle_month

FATES_OF_THE_DIRT = {
    ("settled", ""),
    ("open", "no client"),
    ("open", "not attributed"),
    ("open", "category without a rule"),
    ("open", "other currency"),
    ("unpaid", "not paid yet"),
    ("final", "paid before the claim"),
    ("final", "excluded by the plan"),
    ("rejected", "bad date"),
    ("rejected", "bad number"),
    ("rejected", "unknown kind"),
    ("rejected", "positive credit note"),
    ("rejected", "repeat"),
    ("rejected", "contradiction"),
}


def settle(folder: Path, period: str) -> TwinResult:
    programme = yaml.load((folder / "programme.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return settle_month(
        read_csv(folder / "billing" / f"{period}.csv"),
        period=period,
        starts=programme["starts"],
        currency=programme["currency"],
        base=programme["base"],
        claims=read_csv(folder / "claims.csv"),
        terms=read_csv(folder / "partners.csv"),
        plans=programme["plans"],
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    make_sample(folder, clients=200, partners=12, months=3)
    return folder


def test_the_same_arguments_make_the_same_bytes_and_another_seed_makes_others(tmp_path: Path) -> None:
    for folder, seed in [("a", 1), ("b", 1), ("c", 2)]:
        make_sample(tmp_path / folder, clients=50, partners=5, months=2, seed=seed)
    one, same, other = (contents(tmp_path / folder) for folder in "abc")
    assert one == same
    assert one.keys() == other.keys()
    assert one["billing/2026-01.csv"] != other["billing/2026-01.csv"]


def test_a_sample_that_is_there_already_is_left_as_it_is(tmp_path: Path) -> None:
    first = make_sample(tmp_path, clients=20, partners=3, months=1)
    (tmp_path / "programme.yaml").write_text("a rate somebody tries", encoding="utf-8")
    said: list[str] = []
    again = make_sample(tmp_path, clients=20, partners=3, months=1, progress=said.append)
    assert (first.already_there, again.already_there) == (False, True)
    assert again.lines == first.lines
    assert said == [f"{tmp_path} holds this sample already; nothing was changed."]
    assert (tmp_path / "programme.yaml").read_text(encoding="utf-8") == "a rate somebody tries"


def test_a_sample_that_was_cut_off_is_finished(tmp_path: Path) -> None:
    def cut_off(message: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_sample(tmp_path / "cut", clients=20, partners=3, months=2, progress=cut_off)
    make_sample(tmp_path / "cut", clients=20, partners=3, months=2)
    make_sample(tmp_path / "whole", clients=20, partners=3, months=2)
    assert contents(tmp_path / "cut") == contents(tmp_path / "whole")


def test_a_folder_with_anything_else_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs.txt").write_text("keep me")
    with pytest.raises(WrongUse, match="already holds something that is not a sample"):
        make_sample(tmp_path, clients=20, partners=3, months=1)
    assert contents(tmp_path) == {"theirs.txt": b"keep me"}
    with pytest.raises(WrongUse, match="already holds something"):
        make_sample(tmp_path / "theirs.txt", clients=20, partners=3, months=1)
    with pytest.raises(WrongUse, match="cannot be written"):
        make_sample(tmp_path / "theirs.txt" / "below", clients=20, partners=3, months=1)


def test_another_sample_in_the_folder_is_refused_with_both_sets_of_arguments(tmp_path: Path) -> None:
    make_sample(tmp_path, clients=20, partners=3, months=1)
    before = contents(tmp_path)
    with pytest.raises(WrongUse, match=r"holds another sample \(clients=20 .*asked for: clients=21 "):
        make_sample(tmp_path, clients=21, partners=3, months=1)
    assert contents(tmp_path) == before


def test_a_sample_of_nothing_is_refused_naming_the_argument(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="partners=0: Input should be greater than or equal to 1"):
        make_sample(tmp_path / "none", partners=0)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(("clients", "partners"), [(1, 1), (20, 3), (60, 1)])
def test_small_vendors_can_be_made_too(tmp_path: Path, clients: int, partners: int) -> None:
    made = make_sample(tmp_path, clients=clients, partners=partners, months=1)
    assert made.lines["2026-01"] >= 3 * clients
    assert len(settle(tmp_path, "2026-01").fates) == made.lines["2026-01"]


def test_the_programme_can_be_carried_out_from_the_month_it_starts(tmp_path: Path) -> None:
    make_sample(tmp_path, clients=20, partners=3, months=1, starts=Period(2027, 4))
    programme = parse_programme((tmp_path / "programme.yaml").read_text(encoding="utf-8"))
    assert programme.starts == Period(2027, 4)
    assert programme.programme == "uis-partners"
    integrator, agent = (programme.terms(plan, Period(2027, 4)) for plan in ("integrator", "agent"))
    assert integrator
    assert integrator.payout.minimum == 500_000
    assert agent
    assert agent.payout.minimum == 300_000
    assert (tmp_path / "billing" / "2027-04.csv").exists()


def test_every_month_has_every_kind_of_line(small: Path) -> None:
    for period in ("2026-01", "2026-02", "2026-03"):
        assert set(settle(small, period).fates) >= FATES_OF_THE_DIRT
    # What was paid on the last day of December is posted in January: before the partners' terms.
    assert ("final", "paid before the partner's terms") in settle(small, "2026-01").fates


def test_lines_that_look_wrong_but_count_are_there_every_month(small: Path) -> None:
    for number, period in enumerate(("2026-01", "2026-02", "2026-03"), 1):
        rows = read_csv(small / "billing" / f"{period}.csv")
        assert any(row["kind"] == "charge" and str(row["amount_minor"]).startswith("-") for row in rows)
        assert any(row["kind"] == "credit_note" and str(row["amount_minor"]).startswith("-") for row in rows)
        assert any(row["paid_on"] == ("2025-12-31", "2026-01-31", "2026-02-28")[number - 1] for row in rows)
        alike = Counter(tuple(value for key, value in row.items() if key != "line_id") for row in rows)
        ids = Counter(row["line_id"] for row in rows)
        assert any(times == 2 for times in alike.values())
        assert Counter(times for times in ids.values() if times > 1) == {2: 2}  # one repeat, one contradiction


def test_invoices_of_december_2025_carry_20_percent_and_later_ones_22(small: Path) -> None:
    rates = {
        (str(row["issued_on"])[:4], row["vat_rate"])
        for row in read_csv(small / "billing" / "2026-01.csv")
        if row["category"] in ("telephony", "numbers", "hardware")
    }
    assert rates == {("2025", "20"), ("2026", "22")}


def test_each_line_stands_in_the_file_of_the_month_it_is_posted_in_and_ids_never_come_back(small: Path) -> None:
    seen: set[str | None] = set()
    for path in sorted((small / "billing").iterdir()):
        rows = read_csv(path)
        assert {str(row["posted_on"])[:7] for row in rows if row["posted_on"]} == {path.stem}
        ids = {row["line_id"] for row in rows}
        assert not ids & seen
        seen |= ids


def test_the_vendors_control_totals_agree_with_its_files(small: Path) -> None:
    lines: Counter[tuple[str, str]] = Counter()
    amounts: Counter[tuple[str, str]] = Counter()
    for row in read_csv(*sorted((small / "billing").iterdir())):
        posted_on, amount = str(row["posted_on"]), str(row["amount_minor"])
        if row["posted_on"]:
            lines[posted_on[:7], str(row["currency"])] += 1
            amounts[posted_on[:7], str(row["currency"])] += 0 if amount == "1 250" else int(amount)
    with (small / "control.csv").open(newline="") as file:
        control = [tuple(row.values()) for row in csv.DictReader(file)]
    assert control == [(*key, str(lines[key]), str(amounts[key])) for key in sorted(lines)]
    assert [row[:2] for row in control[:2]] == [("2026-01", "EUR"), ("2026-01", "RUB")]


def test_partners_and_claims_are_as_awkward_as_in_life(small: Path) -> None:
    partners = read_csv(small / "partners.csv")
    assert partners[0]["name"] == "Horns & Hooves <LLC>"
    assert [(row["plan"], row["from"]) for row in partners if row["partner_id"] == "P-0002"] == [
        ("agent", "2026-01"),
        ("integrator", "2026-02"),
    ]
    claims = read_csv(small / "claims.csv")
    known = {row["partner_id"] for row in partners}
    assert [row["partner_id"] for row in claims if row["partner_id"] not in known] == ["P-0000"]
    by_client = Counter(row["client_id"] for row in claims)
    assert len(by_client) == 195  # 200 less 3 % that nobody claims, and one of those claimed by no partner
    assert sum(times == 2 for times in by_client.values()) == 3


def test_at_full_size_partners_reach_every_tier_and_some_stay_below_the_minimum(tmp_path: Path) -> None:
    made = make_sample(tmp_path, months=1)
    assert 64_000 < made.lines["2026-01"] < 68_000
    assert 0.012 < sum(made.dirt.values()) / made.lines["2026-01"] < 0.018
    accruals = settle(tmp_path, "2026-01").accruals
    rates = Counter(str(accrual.rate) for (_, rule), accrual in accruals.items() if rule == "telephony")
    assert min(rates[rate] for rate in ("2/25", "1/10", "3/25", "3/20")) >= 5  # 8, 10, 12 and 15 %, by volume
    commission: Counter[str] = Counter()
    for (partner, _), accrual in accruals.items():
        commission[partner] += accrual.commission_minor
    assert 50 < sum(0 < minor < 300_000 for minor in commission.values()) < 150


def test_without_a_wish_the_programme_is_the_example_of_the_telephony_company(small: Path) -> None:
    assert (small / "programme.yaml").read_bytes() == (EXAMPLES / "uis.yaml").read_bytes()
    assert sorted(path.name for path in small.iterdir()) == [
        "SAMPLE.json",
        "billing",
        "claims.csv",
        "control.csv",
        "partners.csv",
        "programme.yaml",
    ]


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_sample_of_every_example_is_the_same_each_time_and_can_be_read(example: Path, tmp_path: Path) -> None:
    for folder, named in [("a", example.stem), ("b", str(example))]:
        make_sample(tmp_path / folder, clients=600, partners=30, months=3, programme=named)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert (tmp_path / "a" / "programme.yaml").read_bytes() == example.read_bytes()
    vendor = read_vendor(tmp_path / "a")
    assert {warning for warning in vendor.warnings if "P-0000" not in warning} == set()
    assert len({terms.partner_id for terms in vendor.tables.partners}) == 30


def test_a_programme_that_is_not_there_is_refused_naming_the_examples(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"there is no programme 'pyramid': name a file, or one of affiliate, .*uis"):
        make_sample(tmp_path / "none", programme="pyramid")
    (tmp_path / "torn.yaml").write_text("programme: torn\n", encoding="utf-8")
    with pytest.raises(BadProgramme, match=r"torn\.yaml cannot be carried out"):
        make_sample(tmp_path / "none", programme=str(tmp_path / "torn.yaml"))
    assert not (tmp_path / "none").exists()


def test_a_sample_of_another_programme_in_the_folder_is_refused(tmp_path: Path) -> None:
    make_sample(tmp_path, clients=20, partners=3, months=1)
    with pytest.raises(WrongUse, match=r"programme=uis-partners .*asked for: .*programme=affiliate "):
        make_sample(tmp_path, clients=20, partners=3, months=1, programme="affiliate")


def test_where_another_start_is_wanted_every_month_of_the_programme_moves_with_it(tmp_path: Path) -> None:
    make_sample(tmp_path, clients=20, partners=3, months=1, starts=Period(2025, 11), programme="tiered-partnership")
    programme = parse_programme((tmp_path / "programme.yaml").read_text(encoding="utf-8"))
    assert programme.starts == Period(2025, 11)
    assert [str(block.from_) for block in programme.plans["silver"]] == ["2025-11", "2026-01"]


def test_a_programme_in_another_currency_is_billed_in_it(tmp_path: Path) -> None:
    text = (EXAMPLES / "network.yaml").read_text(encoding="utf-8").replace("currency: RUB ", "currency: EUR ")
    (tmp_path / "euro.yaml").write_text(text, encoding="utf-8")
    make_sample(tmp_path / "made", clients=80, partners=3, months=1, programme=str(tmp_path / "euro.yaml"))
    currencies = Counter(row["currency"] for row in read_csv(tmp_path / "made" / "billing" / "2026-01.csv"))
    assert currencies.keys() == {"EUR", "RUB"}
    assert currencies["RUB"] < 5


def test_where_labels_pick_the_plan_some_partners_have_a_label_instead_of_one(tmp_path: Path) -> None:
    text = (EXAMPLES / "network.yaml").read_text(encoding="utf-8") + "\nsegments: {amocrm: agent, bitrix24: senior}\n"
    (tmp_path / "labels.yaml").write_text(text, encoding="utf-8")
    make_sample(tmp_path / "made", clients=40, partners=9, months=2, programme=str(tmp_path / "labels.yaml"))
    said = [(row["plan"], row["segments"]) for row in read_csv(tmp_path / "made" / "partners.csv")]
    assert [labels for plan, labels in said if not plan] == ["amocrm", "bitrix24"]


def test_in_a_network_nobody_has_more_than_ten_partners_above_and_leaders_have_partners_below(tmp_path: Path) -> None:
    make_sample(tmp_path, clients=40, partners=2_000, months=1, programme="network")
    rows = read_csv(tmp_path / "partners.csv")
    above = {row["partner_id"]: row["parent_id"] for row in rows}
    depths = []
    for partner_id in above:
        depth = 0
        while above[partner_id]:
            partner_id, depth = str(above[partner_id]), depth + 1
        depths.append(depth)
    assert (min(depths), max(depths)) == (0, 5)
    leaders = {row["partner_id"] for row in rows if row["plan"] in ("senior", "director")}
    assert leaders == {parent for parent in above.values() if parent}


def test_people_have_roles_two_in_some_and_one_partner_has_nobody(tmp_path: Path) -> None:
    make_sample(tmp_path, clients=40, partners=6, months=2, programme="employees")
    people = Counter((row["partner_id"], row["role"]) for row in read_csv(tmp_path / "employees.csv"))
    assert {role for _, role in people} == {"seller", "engineer"}
    assert set(people.values()) == {1, 2}
    assert {partner_id for partner_id, _ in people} == {"P-0001", "P-0002", "P-0003", "P-0005", "P-0006"}


def test_consultants_serve_clients_of_others_and_clients_nobody_brought(tmp_path: Path) -> None:
    make_sample(tmp_path, clients=200, partners=6, months=2, programme="consultant")
    brought: dict[str, str] = {}
    for row in read_csv(tmp_path / "claims.csv"):
        brought.setdefault(str(row["client_id"]), str(row["partner_id"]))
    rows = read_csv(tmp_path / "assignments.csv")
    assert {row["partner_id"] for row in rows} == {"P-0002", "P-0006"}
    assert not [row for row in rows if brought.get(str(row["client_id"])) == row["partner_id"]]
    assert {str(row["client_id"]) in brought for row in rows} == {True, False}
    assert {row["until"] for row in rows} == {None, "2026-01"}


def test_one_event_in_twenty_is_taken_back_some_of_them_in_a_later_month(tmp_path: Path) -> None:
    made = make_sample(tmp_path, clients=1_000, partners=9, months=3, programme="affiliate")
    assert "events.csv" in made.files
    rows = {str(row["event_id"]): row for row in read_csv(tmp_path / "events.csv")}
    cancelled = [row for row in rows.values() if row["cancels_event_id"]]
    assert 0.03 < len(cancelled) / len(rows) < 0.07
    later = [
        str(row["occurred_on"])[:7] > str(rows[str(row["cancels_event_id"])]["occurred_on"])[:7] for row in cancelled
    ]
    assert {True, False} == set(later)


def test_discounts_stand_in_the_billing_only_where_the_programme_says_who_bears_them(tmp_path: Path) -> None:
    for name in ("affiliate", "network"):
        make_sample(tmp_path / name, clients=100, partners=6, months=1, programme=name)
    rows = read_csv(tmp_path / "affiliate" / "billing" / "2026-01.csv")
    discounted = [row for row in rows if row["promo_code"]]
    assert 0.05 < len(discounted) / len(rows) < 0.2
    # A code of a tenth: who paid 900.00 would have paid 1 000.00.
    assert all(int(str(row["discount_minor"])) == int(int(str(row["amount_minor"])) / 9) for row in discounted)
    assert "promo_code" not in read_csv(tmp_path / "network" / "billing" / "2026-01.csv")[0]
