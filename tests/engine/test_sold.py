"""What sold lines earned, of a month that kept it by client only: each line its part of its client's commission."""

from datetime import date
from fractions import Fraction

import polars as pl

from engine.frames.parquet import parquet_bytes
from engine.frames.schemas import SoldLines, of_types
from engine.lines.sold import accruals_of_statements
from models.statement import ClientAccrual, Statement
from tests.templates.examples import statement
from tests.templates.pieces import client as accrual
from tests.templates.pieces import earned

COLUMNS = ("line_id", "client_id", "partner_id", "rule", "base_minor", "outcome")
ANA = statement("en", ()).partner.partner_id


def sold(*clients: str) -> pl.DataFrame:
    """Lines of these clients, which refunds of this month name."""
    blank = dict.fromkeys(SoldLines.column_names())
    rows = [
        blank
        | {
            "month": "2026-01",
            "line_id": f"S-{number}",
            "client_id": name,
            "amount_minor": 1,
            "currency": "RUB",
            "outcome": "settled",
            "paid_on": date(2026, 1, 5),
        }
        for number, name in enumerate(clients)
    ]
    return pl.DataFrame(rows, schema=of_types(SoldLines))


def month(*rows: tuple[str, str, str, str, int, str]) -> bytes:
    """The lines.parquet of a month: rows of COLUMNS."""
    types = dict(zip(COLUMNS, [pl.String] * 4 + [pl.Int64, pl.String], strict=True))
    return parquet_bytes(pl.DataFrame(rows, schema=types, orient="row"))


def client(client_id: str, base_minor: int, commission_minor: int) -> ClientAccrual:
    return accrual(client_id, 1, base_minor, "", commission_minor)


def issued(*clients: ClientAccrual, terms: str = "") -> Statement:
    """Ana's statement, with one rule on software that earned for these clients."""
    rule = earned("software", "percentage", "", 0, (), clients=clients)
    return statement("en", (rule.model_copy(update={"rule": f"software{terms}"}),))


def parts(frame: pl.DataFrame) -> dict[str, Fraction]:
    """What each line earned, exactly: its base at the rate it was earned at."""
    return {
        row["line_id"]: row["base_minor"] * Fraction(int(row["rate_num"]), int(row["rate_den"]))
        for row in frame.iter_rows(named=True)
    }


def test_each_line_earned_its_part_of_what_the_statement_says_of_its_client() -> None:
    # 300 of base earned 31: the line of 100 a third of it, the line of 200 the rest; together again 31.
    lines = month(
        ("L1", "C1", ANA, "software", 100, "settled"),
        ("L2", "C1", ANA, "software", 200, "settled"),
    )
    found = accruals_of_statements(sold("C1"), lines, [issued(client("C1", 300, 31))])
    assert parts(found) == {"L1": Fraction(31, 3), "L2": Fraction(62, 3)}
    assert set(found.select("partner_id", "rule", "terms", "to", "shared_by", "key").rows()) == {
        (ANA, "software", "", "partner", "client", "C1")
    }


def test_a_rule_of_older_terms_keeps_their_name_apart() -> None:
    lines = month(("L1", "C1", ANA, "software@2025-06", 100, "settled"))
    found = accruals_of_statements(sold("C1"), lines, [issued(client("C1", 100, 10), terms="@2025-06")])
    assert found.select("rule", "terms").rows() == [("software", "@2025-06")]


def test_only_settled_lines_of_the_clients_that_refunds_name_are_looked_at() -> None:
    lines = month(
        ("L1", "C1", ANA, "software", 100, "settled"),
        ("L2", "C1", ANA, "software", 100, "open"),
        ("L3", "C2", ANA, "software", 100, "settled"),
        ("L4", "C1", "another", "software", 100, "settled"),
        ("L5", "C1", ANA, "training", 100, "settled"),
    )
    found = accruals_of_statements(sold("C1"), lines, [issued(client("C2", 100, 10), client("C1", 100, 10))])
    assert list(parts(found)) == ["L1"]


def test_a_client_without_a_base_and_one_without_lines_have_no_rate_and_the_next_is_still_looked_at() -> None:
    lines = month(
        ("L0", "C1", ANA, "software", 0, "settled"),
        ("L2", "C3", ANA, "software", 100, "settled"),
    )
    statements = [issued(client("C1", 0, 0), client("C2", 50, 5), client("C3", 100, -7))]
    found = accruals_of_statements(sold("C1", "C2", "C3"), lines, statements)
    assert parts(found) == {"L2": Fraction(-7)}


def test_without_statements_nothing_was_earned() -> None:
    found = accruals_of_statements(sold("C1"), month(("L1", "C1", ANA, "software", 100, "settled")), [])
    assert found.height == 0
