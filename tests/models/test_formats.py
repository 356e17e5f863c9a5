"""The formats of `statement.json`: what was issued in an older one is read, shown and kept as it is."""

import json
from pathlib import Path

import pytest
from pydantic import create_model

import models.formats
from models.canonical import canonical_json
from models.errors import UnreadableStatement
from models.formats import NEXT, partner_named_in, read_statement
from models.statement import FORMAT, Statement
from tasks.render import documents
from tests.templates.every_way import every_way
from tests.templates.examples import volume

FIXTURES = Path(__file__).parents[1] / "fixtures" / "statements"
OLD = sorted(FIXTURES.glob("format-1/*.json"))
"""Issued in format 1, beside the pages the code of then drew from them."""

archived = pytest.mark.parametrize("file", OLD, ids=lambda file: file.stem)


def page(data: bytes) -> str:
    return documents(read_statement(data), data).files["statement.html"].decode()


def body_of(html: str) -> str:
    """What a page says, whatever it looks like."""
    return html.partition("<body>")[2]


def test_there_is_a_statement_of_every_format_before_todays() -> None:
    assert {f"format-{older}" for older in range(1, FORMAT)} == {folder.name for folder in FIXTURES.iterdir()}
    assert sorted(NEXT) == list(range(1, FORMAT))


@archived
def test_a_page_says_what_it_said_when_the_statement_was_issued(file: Path) -> None:
    drawn = file.with_suffix(".html").read_text(encoding="utf-8")

    assert body_of(page(file.read_bytes())) == body_of(drawn)


@archived
def test_a_statement_of_format_1_keeps_its_amounts(file: Path) -> None:
    said = json.loads(file.read_bytes())
    statement = read_statement(file.read_bytes())

    assert "format" not in said
    assert statement.format == 2
    assert {key: getattr(statement.summary, key) for key in said["summary"]} == said["summary"]
    assert [rule.commission_minor for rule in statement.rules] == [rule["commission_minor"] for rule in said["rules"]]
    assert [payment.model_dump() for payment in statement.payments] == said["payments"]


def test_todays_format_is_read_as_it_was_written() -> None:
    assert read_statement(every_way("ru").to_bytes()) == every_way("ru")


def test_the_texts_that_approval_fills_in_stand_once_in_a_body() -> None:
    body = volume().to_bytes().replace(b'"number":"2026-000017"', b'"number":""')
    for text in ('"number":""', '"approved":{"at":"2026-02-03T03:00:00Z","by":"system"}', '"digests":{"draft":"'):
        assert body.decode().count(text) == 1


@archived
def test_a_field_that_is_added_with_a_default_breaks_no_old_statement(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = create_model("Later", __base__=Statement, paid_minor=(int, 0))
    monkeypatch.setattr(models.formats, "Statement", later)

    read = read_statement(file.read_bytes())

    assert read.model_dump()["paid_minor"] == 0
    assert read.statement == read_statement(file.read_bytes()).statement


def test_a_format_this_version_does_not_know_is_refused_by_number() -> None:
    later = canonical_json(json.loads(volume().to_bytes()) | {"format": 99})

    with pytest.raises(UnreadableStatement) as refused:
        read_statement(later)

    assert str(refused.value) == (
        f"statement P-100/2026-01/v1 is of format 99, and this version reads the formats 1 to {FORMAT}: "
        "read it with the version that wrote it, or a later one."
    )


@pytest.mark.parametrize("number", [0, -1, 1.0, "2", None, True, [2], {}])
def test_a_format_that_is_no_number_of_a_format_is_refused(number: object) -> None:
    with pytest.raises(UnreadableStatement, match="is of format"):
        read_statement(canonical_json(json.loads(volume().to_bytes()) | {"format": number}))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "0 bytes are no statement: they are not JSON"),
        (b"P-1 2026-01", "11 bytes are no statement: they are not JSON"),
        (b"\xff\xfe{}", "4 bytes are no statement: they are not JSON"),
        (b"[]", "2 bytes are no statement: they are JSON, but not an object."),
        (b"{}", "statement without a name is no statement of format 1: "),
        (b'{"summary":7,"rules":7}', "statement without a name is no statement of format 1: "),
        (b'{"format":2,"statement":["P-1"]}', "statement ['P-1'] is no statement of format 2: statement: "),
    ],
)
def test_bytes_that_are_no_statement_are_refused_in_one_sentence(data: bytes, why: str) -> None:
    with pytest.raises(UnreadableStatement) as refused:
        read_statement(data)

    assert str(refused.value).startswith(why)
    assert "\n" not in str(refused.value)


@archived
def test_a_statement_with_any_key_lost_is_refused_and_never_breaks_the_reader(file: Path) -> None:
    said = json.loads(file.read_bytes())
    for key in said:
        with pytest.raises(UnreadableStatement):
            read_statement(canonical_json({name: value for name, value in said.items() if name != key}))


def test_the_partner_of_a_statement_is_known_even_where_the_rest_cannot_be_read() -> None:
    assert partner_named_in(volume().to_bytes()) == "P-100"
    assert partner_named_in(b'{"format":99,"partner":{"partner_id":"P-7"}}') == "P-7"
    for nameless in (b"", b"[]", b"{}", b'{"partner":"P-7"}', b'{"partner":{"partner_id":7}}'):
        assert partner_named_in(nameless) == ""
