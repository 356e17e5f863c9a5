"""Validate: judge every billing line; one that fails is rejected with every reason, and the others go on.

The checks are the suite in `expectations/`; Great Expectations says which line fails which. A check
without a reason stops the month: it finds that the data as a whole is not what we were promised.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import polars as pl

from models.billing import LINE_SCHEMA, TEXT_COLUMNS
from models.canonical import canonical_json
from models.errors import BadInput
from rules.lines.findings import NOT_CONTENT, findings
from rules.lines.reading import judged_types
from tasks.step import step

# Great Expectations takes seconds to import: only the step itself does, when it runs.
if TYPE_CHECKING:
    from expectations.judging import Verdict

CHUNK_LINES = 1_000_000
"""Lines judged at once, so that memory does not grow with the month."""


class RejectedLine(NamedTuple):
    """One thing that is wrong with one line, and where to find it."""

    source: str
    row: int
    line_id: str
    column: str
    value: str
    reason: str


@dataclass(frozen=True, eq=False)
class Validated:
    """The judged lines, in the order received, and what the suite found.

    `lines` has the columns of LINE_SCHEMA, kept extras, `source` and `row`. `faults` has a row per
    line and check it fails: `line` (its place in `lines`), `check`, `reason`. `result` is archived.
    """

    lines: pl.DataFrame
    faults: pl.DataFrame
    result: dict[str, Any]

    def first_rejected(self, count: int) -> tuple[RejectedLine, ...]:
        """Return the first `count` faults, in the order of the lines, for people to look at."""
        columns = {entry["name"]: entry["columns"] for entry in self.result["expectations"]}
        return tuple(self._fault(line, columns[check], reason) for line, check, reason in self.faults[:count].rows())

    def _fault(self, place: int, columns: Sequence[str], reason: str) -> RejectedLine:
        line = self.lines.row(place, named=True)
        column, value = _first_given(columns, json.loads(line["as_received"]))
        return RejectedLine(line["source"], line["row"], line["line_id"] or "", column, value, reason)


@step(name="validate")
def validate(lines: pl.DataFrame, settled_before: pl.DataFrame, base: Literal["net_of_vat", "gross"]) -> Validated:
    """Judge the lines as received. `settled_before` holds the `line_id`s that closed months are done with.

    Raises BadInput when a critical check fails: the message says which, how often, and what to do.
    """
    from expectations.billing_lines import checks
    from expectations.judging import judge

    of_table = judge(lines.head(0), [check for check in checks(base) if not check.is_of_lines], CHUNK_LINES)
    _stop_on_breach(of_table, lines)
    found = findings(lines, settled_before)
    of_lines = judge(found, [check for check in checks(base) if check.is_of_lines], CHUNK_LINES)
    _stop_on_breach(of_lines, lines)

    faults = _faults(of_lines)
    judged = _with_reasons(lines, faults)
    return Validated(judged, faults, _result(base, judged, [*of_table, *of_lines]))


def _stop_on_breach(verdicts: Sequence["Verdict"], lines: pl.DataFrame) -> None:
    breaches = [_breach(verdict, lines) for verdict in verdicts if not verdict.check.reason and not verdict.holds]
    if breaches:
        raise BadInput("\n".join(breaches))


def _breach(verdict: "Verdict", lines: pl.DataFrame) -> str:
    check, failing = verdict.check, verdict.failing
    if check.is_of_lines:
        first = lines.row(failing[0], named=True)
        column, value = _first_given(check.reads, first)
        what, where = "lines", f"the first is {first['source']} row {first['row']}: {column} is {value!r}"
    else:
        what, where = "columns", "missing: " + ", ".join(failing)
    return f"{check.name}: {len(failing)} of {verdict.evaluated} {what} fail, {where}. {check.cost} {check.remedy}"


def _first_given(columns: Sequence[str], received: Mapping[str, Any]) -> tuple[str, str]:
    column = next((column for column in columns if received.get(column) is not None), columns[0])
    return column, received.get(column) or ""


def _faults(verdicts: Sequence["Verdict"]) -> pl.DataFrame:
    schema = pl.Schema({"line": pl.UInt32, "check": pl.String, "reason": pl.String})
    parts = [
        pl.select(line=verdict.failing, check=pl.lit(verdict.check.name), reason=pl.lit(verdict.check.reason.value))
        for verdict in verdicts
        if verdict.check.reason
    ]
    return pl.concat(parts).cast(schema).sort("line", maintain_order=True)


def _with_reasons(lines: pl.DataFrame, faults: pl.DataFrame) -> pl.DataFrame:
    """Type the lines, and give the rejected ones their reasons and what was received."""
    reasons = faults.group_by("line").agg(reasons=pl.col("reason").unique().sort()).sort("line")
    received = lines[reasons["line"]].select(TEXT_COLUMNS).rows(named=True)
    rejected = reasons.with_columns(as_received=pl.Series([_as_received(line) for line in received], dtype=pl.String))
    judged = judged_types(lines).with_row_index("line").join(rejected, on="line", how="left", maintain_order="left")
    extras = [column for column in lines.columns if column not in (*TEXT_COLUMNS, *NOT_CONTENT)]
    return judged.with_columns(pl.col("reasons").fill_null([])).select(*LINE_SCHEMA, *extras, "source", "row")


def _as_received(line: Mapping[str, str | None]) -> str:
    return canonical_json({column: text for column, text in line.items() if text is not None}).decode().rstrip("\n")


def _result(base: str, judged: pl.DataFrame, verdicts: Sequence["Verdict"]) -> dict[str, Any]:
    """The result as it is archived: the same for the same lines, so no ids, times or hosts."""
    rejected = judged["as_received"].count()
    return {
        "suite": "billing_lines",
        "base": base,
        "lines": judged.height,
        "rejected": rejected,
        "expectations": [verdict.entry() for verdict in verdicts],
    }
