"""Figures: what the statements, books, lines and claims of a programme's sealed months say, held against each other."""

import io
import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import polars as pl

from models.errors import SettlementError
from models.formats import read_statement
from models.period import Version
from rules.archive.layout import INPUTS, RECEIVED
from rules.archive.verification import Finding, error, warning
from tasks.auditing.verify import Books, Month
from tasks.storage.contents import Programme

LINES = "lines.parquet"


class Figures:
    """The books of one programme: give it every sealed month, oldest first."""

    def __init__(self, programme: Programme) -> None:
        self._programme = programme
        self._books = Books(_statement, _lines, whole=not programme.alone)

    def month(self, version: Version) -> None:
        """Hold a month against itself and those before it."""
        month = Month(str(version), self._programme.versions[version], partial(self._read, version))
        if self._programme.inputs:
            month.stored = partial(self._read, INPUTS)
        self._books.month(month)

    def _read(self, folder: object, path: str) -> bytes:
        try:
            return self._programme.store.read_unchecked(self._programme.key(folder, path))
        except SettlementError as fault:  # verification names the file already
            raise OSError(str(fault)) from fault

    def findings(self) -> Iterator[Finding]:
        for severity, where, words in self._books.findings:
            yield (error if severity == "error" else warning)(self._programme.key(where), words)


def _statement(data: bytes) -> Any:
    """A statement of any format, as one of today says it."""
    try:
        return json.loads(read_statement(data).to_bytes())
    except SettlementError as fault:
        raise ValueError(str(fault)) from fault


def _lines(month: Month) -> Iterator[Mapping[str, Any]] | None:
    """The month's lines as packed CSV; where it has none, those of its Parquet, in which other months' are not."""
    if RECEIVED in month.paths:
        return iter(month.table(RECEIVED))
    if LINES not in month.paths:
        return None
    names = ("line_id", "outcome", "currency", "amount_minor", "client_id")
    return pl.read_parquet(io.BytesIO(month.read(LINES)), columns=list(names)).iter_rows(named=True)
