"""The list of a month's files, the seal that closes it, and the keys they lie under."""

import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.canonical import canonical_json, sha256
from models.errors import BadInput
from models.period import Period, Version
from rules.archive.layout import digest_in, input_key, locate, period_folder, safe_key, statement_key
from rules.archive.seal import Seal, parse_sha256sums, sha256sums

HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"  # sha256sum of hello
WORLD = "486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5a6c65260e9cb8a7"  # sha256sum of world


class File(NamedTuple):
    key: str
    sha256: str


def seal(**changes: object) -> Seal:
    says = {
        "programme": "uis-partners",
        "period": "2026-02",
        "version": 1,
        "sha256sums": HELLO,
        "files": 2,
        "code": "0.1.0+3fa9c2d41b7e",
        "draft": WORLD,
        "control": "agrees",
        "previous": "",
    }
    return Seal.model_validate({**says, **changes})


def test_the_list_has_a_digest_and_a_path_a_line_sorted_by_path() -> None:
    files = [File("totals.csv", HELLO), File("statements/P-2/statement.json", WORLD)]
    assert sha256sums(files).decode() == (
        f"{WORLD}  statements/P-2/statement.json\n"  #
        f"{HELLO}  totals.csv\n"
    )


def test_paths_are_written_relative_to_the_months_folder() -> None:
    listed = sha256sums([File("uis/2026-01/v1/totals.csv", HELLO)], "uis/2026-01/v1")
    assert listed.decode() == f"{HELLO}  totals.csv\n"


def test_an_empty_month_has_an_empty_list() -> None:
    assert sha256sums([]) == b""
    assert parse_sha256sums(b"") == {}


def test_sha256sum_of_any_machine_reads_the_list(tmp_path: Path) -> None:
    contents = {"totals.csv": b"hello", "statements/Партнёр 1/statement.json": b"world", "statements/-b/x": b""}
    for path, content in contents.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    (tmp_path / "SHA256SUMS").write_bytes(sha256sums(File(path, sha256(data)) for path, data in contents.items()))

    check = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    assert subprocess.run(check, cwd=tmp_path, check=False).returncode == 0

    (tmp_path / "totals.csv").write_bytes(b"hellx")
    assert subprocess.run(check, cwd=tmp_path, check=False, capture_output=True).returncode == 1


parts = st.text("aZжя0_ -", min_size=1, max_size=8)
safe_paths = st.lists(parts, min_size=1, max_size=4).map("/".join)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)


@settings(deadline=None)
@given(st.dictionaries(safe_paths, digests))
def test_what_is_listed_is_read_again(files: dict[str, str]) -> None:
    assert parse_sha256sums(sha256sums(File(path, digest) for path, digest in files.items())) == files


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"{HELLO}  a\n{HELLO}  b", "does not end with a line feed"),
        (f"{HELLO}  a\n\n", "line 2, is not 64 hexadecimal digits"),
        (f"{HELLO} a\n", "line 1, is not 64"),
        (f"{HELLO} *a\n", "line 1, is not 64"),
        (f"{HELLO.upper()}  a\n", "line 1, is not 64"),
        (f"{HELLO[:-1]}  a\n", "line 1, is not 64"),
        (f"{HELLO}  \n", "line 1, is not 64"),
        (f"{HELLO}  a\r\n", "cannot be a key"),
        (f"{HELLO}  a\n{WORLD}  a\n", "line 2, names a file twice"),
        (f"{HELLO}  ../a\n", "cannot be a key"),
        (f"{HELLO}  /etc/passwd\n", "cannot be a key"),
        (f"{HELLO}  a\\b\n", "cannot be a key"),
        ("\ufeff" + f"{HELLO}  a\n", "line 1, is not 64"),
    ],
)
def test_a_list_that_we_did_not_write_is_refused(text: str, fault: str) -> None:
    with pytest.raises(BadInput, match=fault):
        parse_sha256sums(text.encode())


@settings(deadline=None)
@given(st.binary(min_size=1))
def test_junk_is_refused_as_a_list_in_plain_words(junk: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        parse_sha256sums(junk)
    assert str(refused.value).isprintable()


def test_a_seal_is_one_line_of_canonical_json() -> None:
    assert seal().to_bytes().decode() == (
        '{"code":"0.1.0+3fa9c2d41b7e","control":"agrees","draft":"' + WORLD + '","files":2,"format":1,'
        '"period":"2026-02","previous":"","programme":"uis-partners","sha256sums":"' + HELLO + '",'
        '"signed":false,"version":1}\n'
    )


def test_a_seal_is_read_as_it_was_written() -> None:
    for written in (seal(), seal(previous=HELLO, control="absent", version=2)):
        assert Seal.parse(written.to_bytes()) == written
        assert written.digest == sha256(written.to_bytes())


SINCE_FORMAT_2 = {
    "format": 2,
    "lock": WORLD,
    "month": 2,
    "next": "2026-03",
    "approved": {"at": "2026-03-02T03:00:00Z", "by": "anna"},
    "consents": [{"at": "2026-03-02T02:00:00Z", "by": "anna", "role": "approved"}],
    "audit": {"seq": 12, "digest": HELLO},
    "statements": {"count": 2, "first": "2026-000003", "last": "2026-000004", "root": WORLD},
    "clock": "machine",
}


def test_a_seal_of_format_2_says_who_approved_and_which_statements_there_are_and_may_be_signed() -> None:
    for signed in (False, True):
        written = seal(**SINCE_FORMAT_2, signed=signed)
        assert Seal.parse(written.to_bytes()) == written


@pytest.mark.parametrize("name", sorted(SINCE_FORMAT_2.keys() - {"format"}))
def test_a_format_says_all_that_is_its_own_and_no_more(name: str) -> None:
    of_2 = seal(**SINCE_FORMAT_2).model_dump(mode="json")
    with pytest.raises(BadInput, match="a seal of format 2 says more"):
        Seal.parse(canonical_json({key: value for key, value in of_2.items() if key != name}))
    of_1 = seal().model_dump(mode="json", exclude_none=True)
    with pytest.raises(BadInput, match="a seal of format 1 does not say that"):
        Seal.parse(canonical_json(of_1 | {name: of_2[name]}))
    with pytest.raises(BadInput, match="a seal of format 1 does not say that"):
        Seal.parse(canonical_json(of_1 | {"signed": True}))


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 3},
        {"programme": None},
        {"period": "2026-13"},
        {"version": 0},
        {"version": "1"},
        {"sha256sums": HELLO[:-1]},
        {"files": -1},
        {"files": 2.0},
        {"draft": ""},
        {"control": "perhaps"},
        {"previous": "none"},
        {"clock": "2026-02-03"},
    ],
)
def test_a_seal_that_says_something_else_is_refused_by_field(changes: dict[str, object]) -> None:
    written = canonical_json({**seal().model_dump(exclude_none=True), **changes})
    with pytest.raises(BadInput, match=f"SEAL cannot be read: {next(iter(changes))}"):
        Seal.parse(written)


@pytest.mark.parametrize("junk", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b"{" * 1000, b'{"format":1}'])
def test_junk_is_refused_as_a_seal_in_plain_words(junk: bytes) -> None:
    with pytest.raises(BadInput, match="SEAL cannot be read"):
        Seal.parse(junk)


@pytest.mark.parametrize("changed", [b" ", b"\n"])
def test_a_seal_written_differently_is_refused(changed: bytes) -> None:
    with pytest.raises(BadInput, match="SEAL is not written the way seals are"):
        Seal.parse(seal().to_bytes() + changed)


def test_a_seal_with_a_key_twice_is_refused() -> None:
    with pytest.raises(BadInput, match="SEAL is not written the way seals are"):
        Seal.parse(seal().to_bytes().replace(b'{"code"', b'{"files":3,"code"'))


def test_every_key_of_the_archive_is_made_of_ids() -> None:
    assert input_key("uis-partners", HELLO, "parquet") == f"uis-partners/inputs/{HELLO}.parquet"
    assert period_folder("uis-partners", Version(Period(2026, 1))) == "uis-partners/2026-01/v1"
    assert period_folder("uis-partners", Version(Period(2026, 1), 2)) == "uis-partners/2026-01/v2"
    assert statement_key("uis-partners", Version(Period(2026, 12)), "P-100", "statement.json") == (
        "uis-partners/2026-12/v1/statements/P-100/statement.json"
    )


@pytest.mark.parametrize("partner_id", ["", ".", "..", "../P-1", "P/1", "/", "P\\1", "P\n1", ".hidden"])
def test_an_id_that_would_land_in_another_folder_is_refused(partner_id: str) -> None:
    with pytest.raises(BadInput, match="of the archive"):
        statement_key("uis-partners", Version(Period(2026, 1)), partner_id, "statement.json")


def test_a_key_is_found_again_in_its_place() -> None:
    january = Version(Period(2026, 1), 1)
    assert locate("2026-01/v1/totals.csv") == (january, "totals.csv")
    assert locate("2026-01/v1/statements/P-1/statement.json") == (january, "statements/P-1/statement.json")
    assert locate("2026-01/v12/SEAL") == (Version(Period(2026, 1), 12), "SEAL")
    assert locate(f"inputs/{HELLO}.parquet") == f"{HELLO}.parquet"
    for stray in ("readme", "2026-13/v1/a", "2026-01/v0/a", "2026-01/a", "2026-01/v1/", "inputs/a/b", "2026-1/v1/a"):
        assert locate(stray) is None


def test_each_version_names_the_one_before_it() -> None:
    assert str(Version(Period(2026, 1)).before) == "2025-12/v1"
    assert str(Version(Period(2026, 1), 3).before) == "2026-01/v2"


def test_an_input_is_named_by_its_digest() -> None:
    assert digest_in(f"{HELLO}.parquet") == HELLO
    for other in (HELLO, f"{HELLO[1:]}.json", "lines.parquet", f"{HELLO}.", f"x{HELLO}.json"):
        assert digest_in(other) is None


def test_a_refused_key_is_shown_without_what_could_fool_a_screen() -> None:
    with pytest.raises(BadInput) as refused:
        safe_key("a\x1b[2J\n\udcffb")
    assert str(refused.value).isprintable()
