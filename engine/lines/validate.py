"""Validate: judge every billing line; one that fails is rejected with every reason, and the others go on.

The checks are the suite in `expectations/`; Great Expectations says which line fails which. A check
without a reason stops the month: it finds that the data as a whole is not what we were promised.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from engine.frames.schemas import JudgedLines, NewLines, RejectedLines
from engine.frames.snapshot import Snapshot
from engine.gate.newcomers import counted_together, new_lines
from engine.lines.faults import first_told, told
from engine.lines.records import as_received, entries_of, faults_of, first_given, reasons_of
from engine.lines.summable import Sizes
from models.billing import TEXT_COLUMNS, WAS_SEEN_BEFORE, RejectedRecord
from models.errors import BadInput
from models.progress import advance
from rules.lines.findings import copies, findings
from rules.lines.reading import judged_types
from rules.sources.advice import in_sources_yaml

# Great Expectations takes seconds to import: only the step itself does, when it runs.
if TYPE_CHECKING:
    from expectations.judging import Verdict

Base = Literal["net_of_vat", "gross"]

JUDGED_AT_ONCE = 250_000
"""Lines that are judged together: fewer cost more time, for each time the suite is set up anew; more cost memory."""

SHOWN = 1_000
"""Faults that are kept for people to look at; the archive has every rejected line."""


@dataclass(frozen=True, eq=False)
class Judged:
    """What the suite found in the month's lines.

    `faults` (Faults) has every fault; `first_rejected` the first thousand of those to mend, as people look at them;
    `result` is archived. `new` (NewLines) counts the lines that no month has seen, `rejected` (RejectedLines) names
    those of them that are rejected.
    """

    faults: pl.DataFrame
    result: dict[str, Any]
    first_rejected: tuple[RejectedRecord, ...]
    new: pl.DataFrame = field(default_factory=NewLines.create_empty)
    rejected: pl.DataFrame = field(default_factory=RejectedLines.create_empty)


def validate(
    lines: Snapshot,
    settled_before: pl.DataFrame,
    base: Base,
    lines_at_once: int = JUDGED_AT_ONCE,
    rejected_before: pl.DataFrame | None = None,
) -> Judged:
    """Judge the lines as received.

    `settled_before` (LineIds) holds the lines that closed months are done with, `rejected_before` (RejectedLines)
    those that they rejected. Raises BadInput when a critical
    check fails: the message says which, how often, and what to do.
    """
    from expectations.billing_lines import checks, judging_of
    from expectations.judging import added_up, judge

    of_table = judge(lines.head, [check for check in checks(base) if not check.is_of_lines])
    _stop_on_breach(of_table, lines)
    of_copies = copies(lines.columns("line_id")["line_id"], lines.at)
    done = settled_before["line_id"].drop_nulls()

    known = (RejectedLines.create_empty() if rejected_before is None else rejected_before)["digest"]

    judging, parts = judging_of(base), list[list["Verdict"]]()
    new: list[tuple[pl.DataFrame, pl.DataFrame]] = []
    sizes = Sizes()
    for start, chunk in lines.chunks(lines_at_once):
        sizes.add(chunk, start)
        found = findings(chunk, done, of_copies.of(start, chunk.height))
        parts.append(judging.judge(found, first_place=start))
        new.append(new_lines(lines, chunk, start, faults_of(parts[-1]), known))
        advance(chunk.height, "lines", lines.height)
    verdicts = added_up(parts)
    _stop_on_breach(verdicts, lines)
    sizes.must_fit(lines)

    faults = faults_of(verdicts)
    to_mend = told(faults)
    result = {
        "suite": "billing_lines",
        "base": base,
        "lines": lines.height,
        "rejected": to_mend["line"].n_unique(),
        "expectations": entries_of([*of_table, *verdicts]),
    }
    return Judged(
        faults,
        result,
        first_told(to_mend, lines, SHOWN),
        counted_together([counts for counts, _ in new]),
        pl.concat([rejected for _, rejected in new]).unique().sort("digest"),
    )


def judged_lines(chunk: pl.DataFrame, start: int, faults: pl.DataFrame) -> pl.DataFrame:
    """Return received lines as JudgedLines, and the vendor's extra columns. `start` is the place of the first."""
    places = pl.int_range(start, start + chunk.height, dtype=pl.UInt32, eager=True)
    mine = faults.filter(pl.col("line").is_between(start, start + chunk.height, closed="left"))
    reasons = reasons_of(mine, places)
    is_rejected = (reasons.list.len() > 0) & (reasons.list.set_intersection(list(WAS_SEEN_BEFORE)).list.len() == 0)
    texts = pl.DataFrame({"line": places.filter(is_rejected)}).with_columns(
        as_received=as_received(chunk.filter(is_rejected), TEXT_COLUMNS)
    )
    judged = (
        judged_types(chunk)
        .with_columns(reasons.alias("reasons"), places.alias("line"))
        .join(texts, on="line", how="left", maintain_order="left")
    )
    extras = [name for name in chunk.columns if name not in (*TEXT_COLUMNS, "carried_from", "measured_in")]
    return judged.select(*JudgedLines.column_names(), *extras)


def _stop_on_breach(verdicts: Sequence["Verdict"], lines: Snapshot) -> None:
    breaches = [_breach(verdict, lines) for verdict in verdicts if not verdict.check.reason and not verdict.holds]
    if breaches:
        raise BadInput("\n".join(breaches))


def _breach(verdict: "Verdict", lines: Snapshot) -> str:
    check, failing = verdict.check, verdict.failing
    if check.is_of_lines:
        first = lines.at(failing[:1].cast(pl.UInt32)).row(0, named=True)
        column, value = first_given(check.reads, first)
        source, row = lines.place(first["line"])
        what, where = "lines", f"the first is {source} row {row}: {column} is {value!r}"
        meant = in_sources_yaml([(column, value or "")])
    else:
        what, where, meant = "columns", "missing: " + ", ".join(failing), ""
    return (
        f"{check.name}: {len(failing)} of {verdict.evaluated} {what} fail, {where}. {check.cost} {check.remedy}{meant}"
    )
