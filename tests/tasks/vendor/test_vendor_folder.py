"""The vendor's folder: what stops the month, what is set aside and told, and what is read as it was written."""

import gzip
import os
from datetime import date
from pathlib import Path

import pytest

from models.errors import BadInput, WrongUse
from models.vendor import Claim, ControlTotal, Terms
from tasks.vendor.folder import VendorFolder, read_vendor
from tasks.vendor.programme_file import read_programme_text

PROGRAMME = "programme: uis-partners\n"
PARTNERS = "partner_id,name,plan,from,locale,parent_id\nana,Ana,integrator,2026-01,ru,\nbo,Bo,agent,2026-02-15,,ana\n"
CLAIMS = "claim_id,client_id,partner_id,claimed_on,channel,evidence\nc1,acme,ana,2026-01-10,form,mail of 2026-01-09\n"


def vendor(folder: Path, **files: str | bytes | None) -> VendorFolder:
    """Read a folder with these files; `partners="..."` is partners.csv, and None takes a file away."""
    written: dict[str, str | bytes | None] = {"programme": PROGRAMME, "partners": PARTNERS, "claims": CLAIMS, **files}
    for name, content in written.items():
        path = folder / (f"{name}.yaml" if name in ("programme", "sources") else f"{name}.csv")
        if content is not None:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_vendor(folder)


def refusal(folder: Path, **files: str | bytes | None) -> str:
    with pytest.raises(BadInput) as refused:
        vendor(folder, **files)
    return str(refused.value)


# The folder


def test_a_whole_folder_is_read_and_its_bytes_are_kept_for_the_archive(tmp_path: Path) -> None:
    read = vendor(tmp_path, control="period,currency,lines,amount_minor\n2026-01,RUB,12,-3400\n")
    assert read.tables.partners == (
        Terms(partner_id="ana", name="Ana", plan="integrator", from_day=date(2026, 1, 1), locale="ru"),
        Terms(partner_id="bo", name="Bo", plan="agent", from_day=date(2026, 2, 15), locale="en", parent_id="ana"),
    )
    assert read.tables.claims == (
        Claim(
            claim_id="c1",
            client_id="acme",
            partner_id="ana",
            claimed_on=date(2026, 1, 10),
            channel="form",
            evidence="mail of 2026-01-09",
        ),
    )
    assert read.tables.control == (ControlTotal(period="2026-01", currency="RUB", lines=12, amount_minor=-3400),)
    assert read.programme_text == PROGRAMME
    assert read.invalid_claims == ()
    assert read.warnings == ()
    assert sorted(read.files) == ["claims.csv", "control.csv", "partners.csv", "programme.yaml"]
    assert read.files["partners.csv"] == PARTNERS.encode()
    assert [source.name for source in read.sources] == ["billing/*"]


def test_a_folder_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"no folder .*nowhere"):
        read_vendor(tmp_path / "nowhere")


def test_without_a_programme_the_way_to_a_sample_is_shown(tmp_path: Path) -> None:
    assert "settle sample" in refusal(tmp_path, programme=None)


def test_the_programme_is_read_without_the_tables(tmp_path: Path) -> None:
    (tmp_path / "programme.yaml").write_text("\ufeffa: 1\n", encoding="utf-8")
    (tmp_path / "partners.csv").write_text("no header that we know\n", encoding="utf-8")
    assert read_programme_text(tmp_path) == "a: 1\n"


def test_where_there_is_no_programme_to_read_the_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"has no programme.yaml: `settle sample DIR` makes a folder"):
        read_programme_text(tmp_path)
    with pytest.raises(WrongUse, match=r"no folder .*nowhere"):
        read_programme_text(tmp_path / "nowhere")
    (tmp_path / "programme.yaml").write_bytes("тест".encode("windows-1251"))
    with pytest.raises(BadInput, match=r"programme.yaml line 1: the byte 0xF2 is not UTF-8"):
        read_programme_text(tmp_path)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "control.csv").mkdir()
    assert refusal(tmp_path) == "control.csv is a folder: put a plain file there, or take it away."


def test_without_partners_there_is_nobody_to_pay(tmp_path: Path) -> None:
    assert "has no partners.csv" in refusal(tmp_path, partners=None)


def test_without_claims_and_control_totals_the_month_goes_on(tmp_path: Path) -> None:
    read = vendor(tmp_path, claims=None)
    assert read.tables.claims == ()
    assert read.tables.control is None
    assert read.warnings == ("there is no claims.csv: no client can be attributed this month.",)
    assert sorted(read.files) == ["partners.csv", "programme.yaml"]


def test_sources_yaml_says_where_the_billing_is_and_is_not_archived(tmp_path: Path) -> None:
    read = vendor(tmp_path, sources="billing:\n  - files: [exports/*.csv]\nlook_back_months: 3\n")
    assert [source.name for source in read.sources] == ["exports/*.csv"]
    assert read.look_back_months == 3
    assert "sources.yaml" not in read.files


# Text


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    mark = b"\xef\xbb\xbf"
    read = vendor(
        tmp_path, partners=mark + PARTNERS.encode(), claims=mark + CLAIMS.encode(), programme=mark + b"a: 1\n"
    )
    assert [terms.partner_id for terms in read.tables.partners] == ["ana", "bo"]
    assert [claim.claim_id for claim in read.tables.claims] == ["c1"]
    assert read.programme_text == "a: 1\n"


@pytest.mark.parametrize(
    ("file", "name", "line"), [("partners", "partners.csv", 4), ("programme", "programme.yaml", 4)]
)
def test_windows_1251_is_refused_by_file_line_and_byte(tmp_path: Path, file: str, name: str, line: int) -> None:
    text = (PARTNERS if file == "partners" else "a: 1\nb: 2\nc: 3\n").encode() + "тест,Ромашка".encode("windows-1251")
    message = refusal(tmp_path, **{file: text})
    assert f"{name} line {line}: the byte 0xF2 is not UTF-8" in message
    assert "save it as UTF-8" in message


def test_utf_16_from_a_spreadsheet_is_refused(tmp_path: Path) -> None:
    assert "partners.csv line 1: the byte 0xFF is not UTF-8" in refusal(tmp_path, partners=PARTNERS.encode("utf-16"))


def test_a_nul_byte_is_refused_by_line(tmp_path: Path) -> None:
    assert "claims.csv line 2: there is a NUL byte" in refusal(tmp_path, claims=CLAIMS.replace("form", "fo\0rm"))


# Tables


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_an_empty_table_is_refused_with_the_header_it_needs(tmp_path: Path, content: str) -> None:
    message = refusal(tmp_path, partners=content)
    assert message == "partners.csv is empty: no header. Its first row must be partner_id,name,plan,from."


def test_a_missing_column_is_named_with_the_columns_found_and_the_name_that_looks_alike(tmp_path: Path) -> None:
    message = refusal(tmp_path, partners="Partner_Id,name,plans,form\nana,Ana,integrator,2026-01\n")
    assert "missing columns partner_id, plan, from" in message
    assert "Is 'Partner_Id' meant as partner_id?" in message
    assert "Is 'plans' meant as plan?" in message
    assert "It has: Partner_Id, name, plans, form." in message


def test_a_file_with_semicolons_is_told_from_one_with_missing_columns(tmp_path: Path) -> None:
    message = refusal(tmp_path, partners=PARTNERS.replace(",", ";"))
    assert "separated by something else than a comma" in message


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    message = refusal(tmp_path, partners="partner_id,name,plan,from,plan\nana,Ana,a,2026-01,b\n")
    assert "more than one column is called plan" in message


def test_a_column_nobody_knows_is_a_warning(tmp_path: Path) -> None:
    read = vendor(tmp_path, partners="partner_id,name,plan,from,city\nana,Ana,integrator,2026-01,Omsk\n", claims=CLAIMS)
    assert read.warnings == ("partners.csv: columns not read: city.",)


def test_everything_wrong_with_a_file_is_told_at_once(tmp_path: Path) -> None:
    message = refusal(
        tmp_path,
        partners="partner_id,name,plan,from,locale\n"
        "ana,Ana,integrator,2026-13,en\n"
        "bo,Bo,integrator\n"
        'cy,"Cy, ""the\nsecond""",,2026-02-30,en\n'
        "../up,Dee,integrator,2026-01,en\n"
        "eve,,integrator,2026-01,en\n"
        "fay,Fay,integrator,01.02.2026,en\n"
        "gus,Gus,integrator,2026-01,de\n",
    )
    assert message.splitlines() == [
        "partners.csv cannot be used as it is:",
        "  row 2: from '2026-13' is no month: write YYYY-MM",
        "  row 3: it has 3 values, but the header has 5",
        "  row 4: column name: a line break inside a quoted value, from row 4 to row 5. A stray quote in each of two rows "
        "makes one record of them, and loses the second: take the quotes away, or write each as two",
        "  row 6: partner_id '../up' cannot name a folder: write up to 64 Latin letters, digits, `.`, `_` and `-`, "
        "beginning with a letter or digit, without `..`",
        "  row 7: name is blank",
        "  row 8: from '01.02.2026' is no month or date: write YYYY-MM or YYYY-MM-DD",
        "  row 9: locale 'de' is not one of en, pl, ru",
    ]


@pytest.mark.parametrize(("wrong", "shown", "more"), [(20, 20, False), (21, 20, True)])
def test_of_many_problems_twenty_are_shown_and_the_others_counted(
    tmp_path: Path, wrong: int, shown: int, more: bool
) -> None:
    rows = "".join(f"p{number},Name,integrator,never\n" for number in range(wrong))
    message = refusal(tmp_path, partners=f"partner_id,name,plan,from\n{rows}")
    assert message.count("is no month or date") == shown
    assert ("+1 more" in message) is more


def test_a_quote_that_is_never_closed_is_named_by_the_row_it_opens_in(tmp_path: Path) -> None:
    message = refusal(
        tmp_path, claims=CLAIMS + 'c2,"beta,ana,2026-01-11,form,mail\nc3,gamma,ana,2026-01-11,form,mail\n'
    )
    assert "claims.csv cannot be used as it is:" in message
    assert "row 3: " in message
    assert "never closed" in message


# Partners


@pytest.mark.parametrize(
    "partner_id", ["ana/../bo", "..", "a..b", "-ana", ".ana", "ana bo", "ана", "a" * 65, "ana\\bo", "ana%2f", "con:"]
)
def test_a_partner_id_that_cannot_name_a_folder_is_refused(tmp_path: Path, partner_id: str) -> None:
    message = refusal(tmp_path, partners=f"partner_id,name,plan,from\n{partner_id},Ana,integrator,2026-01\n")
    assert "row 2" in message
    assert "cannot name a folder" in message


def test_the_longest_plain_partner_id_is_accepted(tmp_path: Path) -> None:
    longest = "A" + "b.c_d-9" * 9
    assert len(longest) == 64
    read = vendor(tmp_path, partners=f"partner_id,name,plan,from\n{longest},Ana,integrator,2026-01\n", claims=None)
    assert read.tables.partners[0].partner_id == longest


def test_two_partners_may_not_differ_in_capital_letters_alone(tmp_path: Path) -> None:
    message = refusal(tmp_path, partners="partner_id,name,plan,from\nana,A,x,2026-01\nANA,B,x,2026-02\n")
    assert "row 3: partner_id 'ANA' and 'ana' differ only in capital letters" in message


def test_a_repeated_partner_is_a_dated_change_of_terms(tmp_path: Path) -> None:
    read = vendor(
        tmp_path,
        partners="partner_id,name,plan,from\nana,Ana,gold,2026-07-01\nana,Ana,integrator,2026-01\n",
        claims=None,
    )
    assert [(terms.plan, terms.from_day) for terms in read.tables.partners] == [
        ("integrator", date(2026, 1, 1)),
        ("gold", date(2026, 7, 1)),
    ]


def test_terms_of_one_partner_from_one_day_are_there_once(tmp_path: Path) -> None:
    message = refusal(tmp_path, partners="partner_id,name,plan,from\nana,A,x,2026-01\nana,A,y,2026-01-01\n")
    assert "row 3: partner ana has terms from 2026-01-01 in row 2 already" in message


@pytest.mark.parametrize(("parent", "words"), [("zoe", "no partner of this file"), ("ana", "the partner itself")])
def test_a_parent_must_be_another_partner_of_the_file(tmp_path: Path, parent: str, words: str) -> None:
    message = refusal(tmp_path, partners=f"partner_id,name,plan,from,parent_id\nana,Ana,x,2026-01,{parent}\n")
    assert f"row 2: parent_id '{parent}'" in message
    assert words in message


def test_a_table_of_partners_without_a_partner_is_refused(tmp_path: Path) -> None:
    assert "row 2: there are no partners" in refusal(tmp_path, partners="partner_id,name,plan,from\n")


# Claims


def test_a_claim_without_an_id_gets_one_that_says_what_it_says(tmp_path: Path) -> None:
    without = "client_id,partner_id,claimed_on,channel,evidence\nacme,ana,2026-01-10,form,mail\n"
    moved = "evidence,channel,claimed_on,partner_id,client_id,claim_id\n\nmail,form,2026-01-10,ana,acme,\n"
    first, second = vendor(tmp_path, claims=without).tables.claims, vendor(tmp_path, claims=moved).tables.claims
    # The start of: printf '["acme","ana","2026-01-10","form","mail"]\n' | sha256sum
    assert first[0].claim_id == "auto-9f1e6e64870c5c0d"
    assert first == second


def test_an_identical_repeated_claim_counts_once_with_a_warning(tmp_path: Path) -> None:
    again = CLAIMS + CLAIMS.splitlines()[1] + "\n"
    read = vendor(tmp_path, claims=again)
    assert len(read.tables.claims) == 1
    assert read.warnings == ("claims.csv row 3: the same claim as in row 2, counted once.",)


def test_one_claim_id_cannot_say_two_things(tmp_path: Path) -> None:
    message = refusal(tmp_path, claims=CLAIMS + "c1,acme,bo,2026-01-10,form,mail of 2026-01-09\n")
    assert "row 3: claim c1 says something else in row 2" in message


def test_a_claim_that_cannot_be_read_never_wins_and_the_month_goes_on(tmp_path: Path) -> None:
    read = vendor(
        tmp_path,
        claims="claim_id,client_id,partner_id,claimed_on,channel,evidence\n"
        "c1,acme,zoe,2026-01-10,form,mail\n"
        "c2,,ana,2026-01-10,,\n"
        "c3,acme,ana,2026-02-30,,\n"
        "c4,,nobody,soon,,\n"
        'c5,"ac\x07me",ana,2026-01-10,,\n'
        "c6,acme,ana,,,\n"
        "c7,acme,ana,2026-01-12,,\n",
    )
    assert [claim.claim_id for claim in read.tables.claims] == ["c7"]
    assert [(claim.claim_id, claim.row, claim.reason) for claim in read.invalid_claims] == [
        ("c1", 2, "partner_id 'zoe' is no partner of partners.csv"),
        ("c2", 3, "client_id is blank"),
        ("c3", 4, "claimed_on '2026-02-30' is no date: write YYYY-MM-DD"),
        (
            "c4",
            5,
            "client_id is blank; partner_id 'nobody' is no partner of partners.csv; "
            "claimed_on 'soon' is no date: write YYYY-MM-DD",
        ),
        ("c5", 6, "client_id 'ac\\x07me' has characters that cannot be printed"),
        ("c6", 7, "claimed_on is blank"),
    ]
    assert read.invalid_claims[0].evidence == "mail"
    assert read.warnings[0] == (
        "claims.csv row 2: claim c1 is rejected: partner_id 'zoe' is no partner of partners.csv."
    )
    assert len(read.warnings) == 6


@pytest.mark.parametrize(
    "client_id", ["../../etc", "<script>alert(1)</script>", '#read("/etc/passwd")', "Фирма «Ромашка»"]
)
def test_a_client_id_may_be_anything_that_can_be_printed(tmp_path: Path, client_id: str) -> None:
    quoted = client_id.replace('"', '""')
    read = vendor(tmp_path, claims=f'client_id,partner_id,claimed_on\n"{quoted}",ana,2026-01-10\n')
    assert [claim.client_id for claim in read.tables.claims] == [client_id]


def test_claims_are_in_the_order_of_their_days_whatever_the_order_of_the_file(tmp_path: Path) -> None:
    header, rows = "claim_id,client_id,partner_id,claimed_on\n", ["b,x,ana,2026-01-02\n", "a,y,ana,2026-01-02\n"]
    rows.append("c,z,ana,2026-01-01\n")
    assert [claim.claim_id for claim in vendor(tmp_path, claims=header + "".join(rows)).tables.claims] == [
        "c",
        "a",
        "b",
    ]
    backwards = vendor(tmp_path, claims=header + "".join(reversed(rows)))
    assert [claim.claim_id for claim in backwards.tables.claims] == ["c", "a", "b"]


# Control totals


def test_control_totals_are_whole_numbers_once_for_a_month_and_currency(tmp_path: Path) -> None:
    message = refusal(
        tmp_path,
        control="period,currency,lines,amount_minor\n"
        "2026-01,RUB,12,3400\n"
        "2026-01,RUB,12,3400\n"
        "2026-1,RUB,12,3400\n"
        "2026-02,RUB,12,34.00\n"
        "2026-03,RUB,-1,3400\n"
        "2026-04,,1,3400\n",
    )
    assert message.splitlines() == [
        "control.csv cannot be used as it is:",
        "  row 3: 2026-01 RUB has totals in row 2 already",
        "  row 4: period '2026-1' is no month: write YYYY-MM",
        "  row 5: amount_minor '34.00' is no whole number: write digits only, for example 1250",
        "  row 6: lines -1 is below zero",
        "  row 7: currency is blank",
    ]


# What is passed over without a word


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("claims.ods", "claims.csv"),
        ("Claims.CSV", "claims.csv"),
        ("events.csv.gz", "events.csv"),
        ("spending.parquet", "spending.csv"),
        ("programme.yml", "programme.yaml"),
        ("calendar.yml", "calendar.yaml"),
    ],
)
def test_a_table_in_a_form_that_is_not_read_is_refused_by_name(tmp_path: Path, name: str, meant: str) -> None:
    (tmp_path / name).write_bytes(b"anything")
    assert f"{name} is not read: the table is {meant}." in refusal(tmp_path)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("exclusion.csv", "exclusions.csv"),
        ("claim.xlsx", "claims.csv"),
        ("source.yaml", "sources.yaml"),
        ("calender.yaml", "calendar.yaml"),
    ],
)
def test_a_table_under_a_misspelt_name_is_not_passed_over(tmp_path: Path, name: str, meant: str) -> None:
    (tmp_path / name).write_bytes(b"anything")
    assert f"{name} is not read: is {meant} meant?" in refusal(tmp_path)


@pytest.mark.parametrize("name", ["claims.csv.bak", "claims-old.csv", "claims2.csv", "products.csv", "README.txt"])
def test_what_is_no_table_may_lie_beside_them(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"anything")
    assert len(vendor(tmp_path).tables.claims) == 1


@pytest.mark.parametrize("table", ["claims", "control", "exclusions", "events"])
def test_a_table_whose_link_leads_nowhere_is_not_taken_for_absent(tmp_path: Path, table: str) -> None:
    (tmp_path / f"{table}.csv").symlink_to("gone.csv")
    assert f"{table}.csv is a link that leads nowhere (gone.csv)" in refusal(tmp_path, claims=None)


def test_a_table_that_is_a_pipe_is_refused_and_not_waited_on(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "control.csv")
    assert "control.csv is a named pipe" in refusal(tmp_path)


EVENT = (
    "event_id,client_id,partner_id,kind,product_code,occurred_on,cancels_event_id\n{},acme,ana,install,,2026-01-10,\n"
)


def test_events_are_read_packed_and_whatever_the_case_of_their_name(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "2026.csv.gz").write_bytes(gzip.compress(EVENT.format("E1").encode()))
    (tmp_path / "events" / "jan.CSV").write_text(EVENT.format("E2"))
    (tmp_path / "events" / ".hidden").write_text("")
    read = vendor(tmp_path)
    assert read.events.select("event_id", "source", "row").rows() == [
        ("E1", "events/2026.csv.gz", 2),
        ("E2", "events/jan.CSV", 2),
    ]


@pytest.mark.parametrize("name", ["2026.ods", "2026.parquet", "notes"])
def test_events_in_a_form_that_is_not_read_are_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / name).write_bytes(b"anything")
    assert f"events/{name} ends in none of .csv, .csv.gz" in refusal(tmp_path)


def test_packed_events_that_do_not_unpack_are_refused(tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "a.csv.gz").write_bytes(gzip.compress(EVENT.format("E1").encode())[:-9])
    assert "events/a.csv.gz is damaged and does not unpack" in refusal(tmp_path)


@pytest.mark.parametrize("table", ["claims", "events"])
def test_two_stray_quotes_in_a_table_are_named_by_row(tmp_path: Path, table: str) -> None:
    texts = {
        "claims": 'client_id,partner_id,claimed_on,evidence\nacme,ana,2026-01-01,"a\nbell,ana,2026-01-01,b"\n',
        "events": EVENT.format('"E1') + 'E2",bell,ana,install,,2026-01-10,\n',
    }
    said = refusal(tmp_path, **{table: texts[table]})
    assert f"{table}.csv cannot be used as it is:\n  row 2: column" in said
    assert "a line break inside a quoted value, from row 2 to row" in said


# Ids that a spreadsheet or an eye takes for others


def test_a_claim_on_a_number_that_a_spreadsheet_shortened_is_rejected(tmp_path: Path) -> None:
    rows = "client_id,partner_id,claimed_on\n1.23457E+11,ana,2026-01-10\n1.23457E+11,bo,2026-01-11\n"
    read = vendor(tmp_path, claims=rows)
    assert read.tables.claims == ()
    said = "client_id '1.23457E+11' is a number that a spreadsheet shortened: write all its digits, as text"
    assert [claim.reason for claim in read.invalid_claims] == [said, said]


def test_a_claim_whose_id_nobody_can_read_is_rejected(tmp_path: Path) -> None:
    read = vendor(tmp_path, claims=CLAIMS.replace("c1", "c1\u200b"))
    assert [claim.reason for claim in read.invalid_claims] == [
        "claim_id 'c1\\u200b' has characters that cannot be printed"
    ]


def test_claims_on_clients_that_look_alike_are_named_by_row(tmp_path: Path) -> None:
    rows = "client_id,partner_id,claimed_on\n00123,ana,2026-01-10\n123,bo,2026-01-11\n124,bo,2026-01-11\n"
    read = vendor(tmp_path, claims=rows)
    assert len(read.tables.claims) == 3
    assert read.warnings == (
        "claims.csv row 3: client_id '123' looks like '00123' of row 2, and they are two clients here: "
        "did you mean that one?",
    )


def test_a_shortened_number_in_another_table_stops(tmp_path: Path) -> None:
    said = refusal(tmp_path, exclusions="client_id,reason\n1.23457E+11,own\n")
    assert "row 2: client_id '1.23457E+11' is a number that a spreadsheet shortened" in said


# What would fill the memory


def test_a_programme_of_fifty_megabytes_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = PROGRAMME + "# no\n" * 400_001
    said = refusal(tmp_path, programme=large)
    assert said.startswith("programme.yaml has 2 000 029 bytes, more than the 2 MB of SETTLE_LARGEST_YAML_MB")
    monkeypatch.setenv("SETTLE_LARGEST_YAML_MB", "3")
    assert vendor(tmp_path, programme=large).programme_text == large


@pytest.mark.parametrize("name", ["claims.csv", "events.csv", "events/a.csv", "events/a.csv.gz"])
def test_a_table_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("SETTLE_LARGEST_TABLE_MB", "1")
    data = b"x" * 1_000_001
    (tmp_path / "events").mkdir()
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    assert "the 1 MB of SETTLE_LARGEST_TABLE_MB" in refusal(tmp_path, claims=None)
