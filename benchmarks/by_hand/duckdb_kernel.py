"""A month's commissions by hand in DuckDB: one query finds the lines to leave out, one sums the others."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.by_hand.contract import (
    CURRENCY,
    FIRST_DAY,
    GIVE_BACK,
    KINDS,
    LAST_DAY,
    SOFTWARE,
    TELEPHONY,
    WHOLE,
    Sums,
    billing_of,
    commissions,
    terms_of,
)

IS_READABLE = f"""
    line_id IS NOT NULL AND invoice_id IS NOT NULL AND kind IN {KINDS}
    AND regexp_full_match(amount_minor, '{WHOLE}')
    AND (kind NOT IN {GIVE_BACK} OR TRY_CAST(amount_minor AS BIGINT) <= 0)
    AND (vat_minor IS NOT NULL OR vat_rate IS NOT NULL)
    AND (vat_minor IS NULL OR regexp_full_match(vat_minor, '{WHOLE}'))
    AND (issued_on IS NULL OR (len(issued_on) = 10 AND TRY_CAST(issued_on AS DATE) IS NOT NULL))
    AND (paid_on IS NULL OR (len(paid_on) = 10 AND TRY_CAST(paid_on AS DATE) IS NOT NULL))
    AND (posted_on IS NULL OR (len(posted_on) = 10 AND TRY_CAST(posted_on AS DATE) IS NOT NULL))
"""

LEFT_OUT = f"""
    CREATE TEMP TABLE left_out AS
    WITH copied AS (SELECT line_id FROM lines GROUP BY line_id HAVING count(*) > 1),
    copies AS (
        SELECT place, line_id, paid_on IS NULL AS is_unpaid, row(*COLUMNS(* EXCLUDE place)) AS content
        FROM lines SEMI JOIN copied USING (line_id)
    ),
    compared AS (
        SELECT place, count(DISTINCT content) OVER same AS contents, min(place) OVER same AS first_place
        FROM copies WINDOW same AS (PARTITION BY line_id, is_unpaid)
    )
    SELECT place FROM compared WHERE contents > 1 OR place > first_place
    UNION
    SELECT place FROM lines WHERE NOT coalesce({IS_READABLE}, false)
"""

SUMS = f"""
    WITH attributed AS (
        SELECT client_id, first(partner_id ORDER BY claimed_on, claim_id) AS partner_id, min(claimed_on) AS claimed_on
        FROM claims WHERE claimed_on <= DATE '{LAST_DAY}' GROUP BY client_id
    ),
    brought AS (
        SELECT client_id, partner_id, greatest(claimed_on, first_day) AS since
        FROM attributed JOIN terms USING (partner_id)
    ),
    sound AS (
        SELECT line_id, client_id, category, refunds_line_id, CAST(amount_minor AS BIGINT) AS amount,
            CAST(paid_on AS DATE) AS paid_on, CAST(vat_rate AS BIGINT) AS rate,
            amount - coalesce(
                CAST(vat_minor AS BIGINT),
                sign(amount) * ((2 * abs(amount) * rate + 100 + rate) // (2 * (100 + rate)))
            ) AS net
        FROM lines ANTI JOIN left_out USING (place)
        WHERE currency = '{CURRENCY}'
            AND CAST(coalesce(posted_on, paid_on) AS DATE) BETWEEN DATE '{FIRST_DAY}' AND DATE '{LAST_DAY}'
    ),
    given_back AS (
        SELECT refunds_line_id AS line_id, client_id, sum(-amount) AS given FROM sound
        WHERE refunds_line_id IS NOT NULL AND amount < 0 GROUP BY ALL
    ),
    kept AS (
        SELECT client_id, category, CASE
            WHEN given IS NULL OR amount <= 0 THEN net
            ELSE (2 * CAST(net AS HUGEINT) * greatest(amount - given, 0) + amount) // (2 * amount)
        END AS base
        FROM sound LEFT JOIN given_back USING (line_id, client_id) JOIN brought USING (client_id)
        WHERE paid_on >= since AND (refunds_line_id IS NULL OR amount >= 0)
    )
    SELECT partner_id, coalesce(sum(base) FILTER (category IN ('{"', '".join(SOFTWARE)}')), 0),
        coalesce(sum(base) FILTER (category IN ('{"', '".join(TELEPHONY)}')), 0), sum(base)
    FROM kept JOIN brought USING (client_id) GROUP BY partner_id
"""


def commissions_of(vendor: Path, run: Callable[..., Any]) -> dict[str, int]:
    """Return the month's commission of each partner in kopecks; `run(name, function, *arguments)` runs a step."""
    with duckdb.connect() as database:
        run("read and leave out", _leave_out, database, vendor)
        return dict(run("attribute and calculate", _calculate, database, vendor))


def _leave_out(database: duckdb.DuckDBPyConnection, vendor: Path) -> None:
    terms = [(partner_id, each.first_day) for partner_id, each in terms_of(vendor).items()]
    billing = f"read_parquet('{billing_of(vendor)}', file_row_number = true)"
    database.execute(f"CREATE VIEW lines AS SELECT * RENAME (file_row_number AS place) FROM {billing}")
    database.execute(f"CREATE TABLE claims AS SELECT * FROM read_csv('{vendor / 'claims.csv'}')")
    database.execute("CREATE TABLE terms (partner_id VARCHAR, first_day DATE)")
    database.executemany("INSERT INTO terms VALUES (?, ?)", terms)
    database.execute(LEFT_OUT)


def _calculate(database: duckdb.DuckDBPyConnection, vendor: Path) -> dict[str, int]:
    rows = database.execute(SUMS).fetchall()
    return commissions((Sums(partner_id, *map(int, sums)) for partner_id, *sums in rows), terms_of(vendor))
