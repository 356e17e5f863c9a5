"""The tables beside partners and claims: special terms, networks, assignments, exclusions, people, funds."""

from datetime import date
from pathlib import Path

import pytest

from models.errors import BadInput
from models.vendor import Assignment, Employee, Exclusion, Spending, Terms
from tasks.vendor.folder import VendorFolder, read_vendor
from tasks.vendor.tables.rows import read_partners

PARTNERS = "partner_id,name,plan,from\nana,Ana,integrator,2026-01\nbo,Bo,agent,2026-01\n"


def vendor(folder: Path, **files: str) -> VendorFolder:
    """Read a folder of two partners with these files beside: `employees="..."` is employees.csv."""
    (folder / "programme.yaml").write_text("programme: test\n")
    for name, content in {"partners": PARTNERS, "claims": "client_id,partner_id,claimed_on\n", **files}.items():
        (folder / f"{name}.csv").write_text(content)
    return read_vendor(folder)


def refusal(folder: Path, **files: str) -> list[str]:
    """Return what is wrong, row by row, after the line that names the file."""
    with pytest.raises(BadInput) as refused:
        vendor(folder, **files)
    first, *rows = str(refused.value).splitlines()
    assert first == f"{next(iter(files))}.csv cannot be used as it is:"
    return [row.strip() for row in rows]


def partners(*rows: str) -> tuple[Terms, ...]:
    header = "partner_id,name,plan,from,parent_id,until,consolidation_group,segments\n"
    return read_partners("partners.csv", (header + "".join(f"{row}\n" for row in rows)).encode())[0]


def refused_partners(*rows: str) -> list[str]:
    with pytest.raises(BadInput) as refused:
        partners(*rows)
    return [row.strip() for row in str(refused.value).splitlines()[1:]]


def network(*parents: tuple[str, str]) -> list[str]:
    """Partners and their parents, all from January."""
    return [f"{partner},Name,agent,2026-01,{parent},,," for partner, parent in parents]


# Terms


def test_special_terms_end_on_a_day_or_with_a_month() -> None:
    ordinary, special, of_a_month = partners(
        "ana,Ana,agent,2026-01,,,,", "ana,Ana,gold,2026-03-10,,2026-04-15,,", "ana,Ana,gold,2026-06,,2026-06,,"
    )
    assert ordinary.until is None
    assert (special.from_day, special.until) == (date(2026, 3, 10), date(2026, 4, 15))
    assert (of_a_month.from_day, of_a_month.until) == (date(2026, 6, 1), date(2026, 6, 30))


def test_terms_may_hold_for_one_day_and_never_end_before_they_begin() -> None:
    (one_day,) = partners("ana,Ana,agent,2026-03-10,,2026-03-10,,")
    assert one_day.until == date(2026, 3, 10)
    assert refused_partners("ana,Ana,agent,2026-03-10,,2026-03-09,,", "bo,Bo,agent,2026-03,,soon,,") == [
        "row 2: until 2026-03-09 is before from 2026-03-10: write a later day, or take the row away",
        "row 3: until 'soon' is no month or date: write YYYY-MM or YYYY-MM-DD",
    ]


def test_segments_are_labels_between_semicolons_or_spaces_each_once() -> None:
    (terms,) = partners("ana,Ana,agent,2026-01,,,petrov,amoCRM; Bitrix24 amoCRM;")
    assert terms.segments == ("amoCRM", "Bitrix24")
    assert terms.consolidation_group == "petrov"


def test_a_plan_may_be_left_to_the_segments_but_not_to_nothing() -> None:
    (terms,) = partners("ana,Ana,,2026-01,,,,amoCRM")
    assert terms.plan == ""
    assert refused_partners("ana,Ana,,2026-01,,,,", "bo,Bo,,2026-01,,,,;") == [
        "row 2: plan is blank: write one, or the segments by which the programme picks one",
        "row 3: plan is blank: write one, or the segments by which the programme picks one",
    ]


def test_labels_are_plain_names() -> None:
    assert refused_partners("ana,Ana,agent,2026-01,,,,amo/CRM", "bo,Bo,agent,2026-01,,,ИП Петров,") == [
        "row 2: segments: 'amo/CRM' is no plain name: write up to 64 Latin letters, digits, `.`, `_` and `-`, "
        "beginning with a letter or digit",
        "row 3: consolidation_group: 'ИП Петров' is no plain name: write up to 64 Latin letters, digits, `.`, `_` "
        "and `-`, beginning with a letter or digit",
    ]


# Networks


def test_a_circle_of_parents_is_refused_and_named_once() -> None:
    assert refused_partners(*network(("ana", "bo"), ("bo", "cy"), ("cy", "ana"), ("dee", "ana"))) == [
        "row 2: parent_id goes round in a circle: ana -> bo -> cy -> ana: take one of these parents away"
    ]


def test_two_circles_are_told_at_once() -> None:
    assert refused_partners(*network(("a", "b"), ("b", "a"), ("y", "z"), ("z", "y"))) == [
        "row 2: parent_id goes round in a circle: a -> b -> a: take one of these parents away",
        "row 4: parent_id goes round in a circle: y -> z -> y: take one of these parents away",
    ]


def test_ten_levels_of_partners_above_one_are_settled_and_eleven_refused() -> None:
    chain = [(f"p{level:02d}", f"p{level - 1:02d}" if level else "") for level in range(12)]
    assert len(partners(*network(*chain[:11]))) == 11
    assert refused_partners(*network(*chain)) == [
        "row 13: partner p11 has 11 levels of partners above it, at most 10 are settled: "
        "p11 -> p10 -> p09 -> p08 -> p07 -> p06 -> p05 -> p04 -> p03 -> p02 -> p01 -> p00: "
        "name a parent nearer the top"
    ]


def test_partners_may_change_places_from_one_day_to_the_next() -> None:
    assert partners(
        "ana,Ana,agent,2026-01,bo,,,",
        "ana,Ana,agent,2026-07,,,,",
        "bo,Bo,agent,2026-01,,,,",
        "bo,Bo,agent,2026-07,ana,,,",
    )


def test_a_circle_that_stands_for_some_days_only_is_refused() -> None:
    assert refused_partners(
        "ana,Ana,agent,2026-01,bo,,,",
        "ana,Ana,agent,2026-07,,,,",
        "bo,Bo,agent,2026-01,,,,",
        "bo,Bo,agent,2026-06-30,ana,,,",
    ) == ["row 2: parent_id goes round in a circle: ana -> bo -> ana: take one of these parents away"]


def test_a_circle_that_comes_back_when_special_terms_end_is_refused() -> None:
    rows = ("ana,Ana,agent,2026-01,bo,,,", "ana,Ana,agent,2026-03,,{until},,", "bo,Bo,agent,2026-04,ana,,,")
    assert len(partners(*(row.format(until="") for row in rows))) == 3
    assert refused_partners(*(row.format(until="2026-05") for row in rows)) == [
        "row 2: parent_id goes round in a circle: ana -> bo -> ana: take one of these parents away"
    ]


# Assignments


def test_an_assignment_is_dated_and_has_an_id_of_its_own_words(tmp_path: Path) -> None:
    read = vendor(
        tmp_path,
        assignments="client_id,partner_id,from,until,assignment_id\n"
        "zeta,bo,2026-03-05,,a-7\n"
        "acme,ana,2026-01,2026-02,\n"
        "acme,ana,2026-03,,\n",
    )
    assert read.tables.assignments == (
        Assignment(
            # The start of: printf '["acme","ana","2026-01","2026-02"]\n' | sha256sum
            assignment_id="auto-851b6497bca9dd13",
            client_id="acme",
            partner_id="ana",
            from_day=date(2026, 1, 1),
            until=date(2026, 2, 28),
        ),
        Assignment(
            assignment_id="auto-d1f0a9f6d0d45e36", client_id="acme", partner_id="ana", from_day=date(2026, 3, 1)
        ),
        Assignment(assignment_id="a-7", client_id="zeta", partner_id="bo", from_day=date(2026, 3, 5)),
    )
    assert read.warnings == ()


def test_two_partners_may_serve_one_client_but_one_partner_serves_it_once(tmp_path: Path) -> None:
    assert refusal(
        tmp_path,
        assignments="client_id,partner_id,from,until\n"
        "acme,ana,2026-01,2026-02-28\n"
        "acme,bo,2026-01,\n"
        "acme,ana,2026-03-01,\n"
        "acme,ana,2026-05,\n"
        "zeta,ana,2026-01,2026-02\n"
        "zeta,ana,2026-02-28,\n",
    ) == [
        "row 5: partner ana serves client acme in row 4 already, from 2026-03-01",
        "row 7: partner ana serves client zeta in row 6 already, from 2026-01-01 until 2026-02-28",
    ]


def test_everything_wrong_with_the_assignments_is_told_at_once(tmp_path: Path) -> None:
    assert refusal(
        tmp_path,
        assignments="client_id,partner_id,from,until,assignment_id\n"
        "acme,zoe,2026-01,,\n"
        ",ana,2026-01,,\n"
        "acme,ana,,,\n"
        "acme,ana,2026-02,2026-01,\n"
        "acme,ana,2026-01,,a-1\n"
        "acme,bo,2026-01,,a-1\n",
    ) == [
        "row 2: partner_id 'zoe' is no partner of partners.csv",
        "row 3: client_id is blank",
        "row 4: from is blank",
        "row 5: until 2026-01-31 is before from 2026-02-01: write a later day, or take the row away",
        "row 7: it has the assignment_id of row 6, but says something else",
    ]


# Exclusions


def test_a_client_is_excluded_from_one_rule_or_from_every_rule_with_a_reason(tmp_path: Path) -> None:
    read = vendor(
        tmp_path,
        exclusions="client_id,reason,rule,from\nzeta,own company,,\nacme,sold at cost,telephony,2026-03\nacme,own,software,\n",
    )
    assert read.tables.exclusions == (
        Exclusion(client_id="acme", rule="software", reason="own"),
        Exclusion(client_id="acme", rule="telephony", reason="sold at cost", from_day=date(2026, 3, 1)),
        Exclusion(client_id="zeta", reason="own company"),
    )


def test_an_exclusion_without_a_reason_or_with_two_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, exclusions="client_id,reason,rule\nacme,,\nzeta,own,x\nzeta,cost,x\nzeta,own,y\n") == [
        "row 2: reason is blank",
        "row 4: it has the client_id and rule of row 3, but says something else",
    ]


# Employees


def test_people_are_named_by_partner_role_and_day(tmp_path: Path) -> None:
    read = vendor(
        tmp_path,
        employees="partner_id,person_id,name,role,from,until\n"
        "bo,p2,Olga,seller,2026-01,\n"
        "ana,p1,Ivan,seller,2026-01,2026-03\n"
        "ana,p1,Ivan,engineer,2026-02-15,\n",
    )
    assert read.tables.employees == (
        Employee(partner_id="ana", person_id="p1", name="Ivan", role="engineer", from_day=date(2026, 2, 15)),
        Employee(
            partner_id="ana",
            person_id="p1",
            name="Ivan",
            role="seller",
            from_day=date(2026, 1, 1),
            until=date(2026, 3, 31),
        ),
        Employee(partner_id="bo", person_id="p2", name="Olga", role="seller", from_day=date(2026, 1, 1)),
    )


def test_a_person_holds_a_role_once_at_a_time(tmp_path: Path) -> None:
    assert refusal(
        tmp_path,
        employees="partner_id,person_id,name,role,from,until\n"
        "ana,p1,Ivan,seller,2026-01,2026-03\n"
        "ana,p1,Ivan,seller,2026-04,\n"
        "ana,p1,Ivan,seller,2026-04-02,\n"
        "zoe,p1,Ivan,seller,2026-01,\n"
        "ana,p3,,seller,2026-01,\n",
    ) == [
        "row 4: p1 is seller of partner ana in row 3 already, from 2026-04-01",
        "row 5: partner_id 'zoe' is no partner of partners.csv",
        "row 6: name is blank",
    ]


# Spending


def test_a_fund_pays_for_an_activity_and_names_the_claims_it_brought(tmp_path: Path) -> None:
    read = vendor(
        tmp_path,
        spending="entry_id,partner_id,spent_on,activity,amount_minor,claims\n"
        "s2,ana,2026-02-10,Fair,150000,c1; c2 c1\n"
        "s1,ana,2026-01-10,Leaflets,1,\n",
    )
    assert read.tables.spending == (
        Spending(entry_id="s1", partner_id="ana", spent_on=date(2026, 1, 10), activity="Leaflets", amount_minor=1),
        Spending(
            entry_id="s2",
            partner_id="ana",
            spent_on=date(2026, 2, 10),
            activity="Fair",
            amount_minor=150_000,
            claims=("c1", "c2"),
        ),
    )


def test_everything_wrong_with_the_spending_is_told_at_once(tmp_path: Path) -> None:
    assert refusal(
        tmp_path,
        spending="entry_id,partner_id,spent_on,activity,amount_minor\n"
        "s1,ana,2026-02-10,Fair,1500.00\n"
        "s2,ana,2026-02-10,Fair,0\n"
        "s3,ana,2026-02-10,Fair,-5\n"
        "s4,ana,2026-02,Fair,5\n"
        ",ana,2026-02-10,Fair,5\n"
        "s5,ana,2026-02-10,,5\n"
        "s6,ana,2026-02-10,Fair,1000000000000001\n"
        "s7,ana,2026-02-10,Fair,5\n"
        "s7,ana,2026-02-10,Fair,6\n",
    ) == [
        "row 2: amount_minor '1500.00' is no whole number: write digits only, for example 1250",
        "row 3: amount_minor 0 is not from 1 to 1000000000000000: write what was spent",
        "row 4: amount_minor -5 is not from 1 to 1000000000000000: write what was spent",
        "row 5: spent_on '2026-02' is no date: write YYYY-MM-DD",
        "row 6: entry_id is blank",
        "row 7: activity is blank",
        "row 8: amount_minor 1000000000000001 is not from 1 to 1000000000000000: write what was spent",
        "row 10: it has the entry_id of row 9, but says something else",
    ]


# All of them


def test_a_row_said_twice_counts_once_with_a_warning(tmp_path: Path) -> None:
    read = vendor(
        tmp_path,
        spending="entry_id,partner_id,spent_on,activity,amount_minor\n" + "s1,ana,2026-02-10,Fair,5\n" * 2,
        exclusions="client_id,reason,colour\nacme,own,red\n",
    )
    assert len(read.tables.spending) == 1
    assert read.warnings == (
        "exclusions.csv: columns not read: colour.",
        "spending.csv row 3: the same as row 2, counted once.",
    )


def test_a_folder_without_these_tables_says_nothing_about_them(tmp_path: Path) -> None:
    read = vendor(tmp_path)
    assert (read.tables.assignments, read.tables.exclusions, read.tables.employees, read.tables.spending) == (
        (),
        (),
        (),
        (),
    )
    assert read.events.is_empty()
    assert read.warnings == ()
    assert sorted(read.files) == ["claims.csv", "partners.csv", "programme.yaml"]


def test_the_bytes_of_every_table_that_is_there_are_kept(tmp_path: Path) -> None:
    text = "client_id,reason\nacme,own\n"
    read = vendor(tmp_path, exclusions=text)
    assert read.files["exclusions.csv"] == text.encode()
    assert "employees.csv" not in read.files


@pytest.mark.parametrize("name", ["assignments", "exclusions", "employees", "spending"])
def test_a_missing_column_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match=f"^{name}.csv: missing columns .*It has: colour"):
        vendor(tmp_path, **{name: "colour\nred\n"})
