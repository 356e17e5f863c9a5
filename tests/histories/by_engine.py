"""Histories by the engine: each month drafted in memory, and what it leaves handed to the next as inputs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl

from engine.draft import draft
from engine.frames.bodies import bodies_in
from engine.frames.parquet import frame_from, parquet_bytes
from engine.frames.schemas import CitedStatements, DecidedClaims, Faults, of_types
from engine.inputs import Balances, MonthInputs
from engine.lines.validate import Judged
from models.canonical import sha256
from models.period import Period
from rules.archive.layout import Input
from rules.draft import Draft, file_key
from rules.programme.file import Programme, parse_programme
from tasks.extract import Window
from tasks.facts.history import History as LeftBehind
from tasks.facts.left_month import LeftMonth
from tasks.gather import gather
from tasks.sources import Source
from tasks.vendor.folder import read_vendor
from tests.histories.history import History


@dataclass(frozen=True)
class DraftLeft(LeftMonth):
    """What a drafted month left: its statements stand in no database."""

    partners: tuple[str, ...] = ()

    def statements(self) -> pl.DataFrame:
        month = str(self.period)
        rows = [(month, partner, 1, f"{month}-{number:06}") for number, partner in enumerate(self.partners, 1)]
        return CitedStatements.validate(pl.DataFrame(rows, schema=of_types(CitedStatements), orient="row"))


@dataclass
class MemoryStore:
    """As much of the archive's store as reading what months left asks for."""

    stored: dict[str, bytes] = field(default_factory=dict)

    def get(self, key: str, digest: str) -> bytes:
        assert sha256(self.stored[key]) == digest
        return self.stored[key]


class AsAsked:
    """A source that gives the lines posted on the days it is asked for, and no older ones, as a database does."""

    def __init__(self, source: Source) -> None:
        self.source, self.name, self.keep, self.warnings = source, source.name, source.keep, source.warnings
        self.skipped = source.skipped

    def check(self) -> str:
        return self.source.check()

    def read(self, since: date, until: date) -> Iterator[pl.DataFrame]:
        days = pl.lit(str(since)), pl.lit(str(until))
        asked = (frame.filter(pl.coalesce("posted_on", "paid_on").is_between(*days)) for frame in self._every)
        yield from (frame for frame in asked if frame.height)

    @cached_property
    def _every(self) -> list[pl.DataFrame]:
        """Read once: the files do not change, and reading them takes a third of a history's time."""
        return list(self.source.read(date.min, date.max))


@dataclass(frozen=True, eq=False)
class DraftedMonth:
    """A month by the engine: its draft, and the inputs it was made from."""

    inputs: MonthInputs
    draft: Draft

    @property
    def files(self) -> dict[str, bytes]:
        """What it rested on, and what it came to, by name."""
        return {**self.inputs.parts, **self.draft.results}

    @property
    def statements(self) -> dict[str, dict[str, Any]]:
        bodies = map(json.loads, bodies_in(self.draft.results["statements.parquet"]))
        return {body["partner"]["partner_id"]: body for body in bodies}

    def frame(self, name: str) -> pl.DataFrame:
        return frame_from(self.draft.results[name])


class Engine:
    """A programme's life by the engine."""

    def __init__(self, history: History, folder: Path) -> None:
        self.history = history
        vendor = read_vendor(history.write(folder))
        self.vendor = replace(vendor, sources=tuple(map(AsAsked, vendor.sources)))
        self.programme = _parsed(history.programme)
        self.store = MemoryStore()
        self.months: dict[str, DraftedMonth] = {}

    def settle_all(self) -> dict[str, DraftedMonth]:
        for month in self.history.months:
            self.settle(month)
        return self.months

    def settle(self, month: str) -> DraftedMonth:
        """Draft the next month, and keep what it leaves."""
        made = self.drafted(month)
        for name, data in made.files.items():
            key, _ = Input.named(self.programme.programme, file_key(name, data))
            self.store.stored[key] = data
        self.months[month] = made
        return made

    def drafted(self, month: str) -> DraftedMonth:
        period = Period.parse(month)
        with patch("tasks.gather.parse_programme", _parsed):
            inputs = gather(Window(period, 0), self.vendor, self.programme, self._left_behind())
        with patch("engine.draft.validate", _all_sound):
            return DraftedMonth(inputs, draft(inputs))

    def _left_behind(self) -> LeftBehind:
        """What the months before left: as the database and the archive would say it."""
        left = tuple(
            DraftLeft(
                Period.parse(month),
                _files(made),
                self.store,  # type: ignore[arg-type]
                self.programme.programme,
                partners=tuple(sorted(made.statements)),
            )
            for month, made in self.months.items()
        )
        parts = dict(_claims(self.months))
        for each in left:
            parts |= dict(each.parts(looks_back=self.programme.looks_back))
        if not left:
            return LeftBehind(parts)
        return LeftBehind(parts, _balances(self.months), left, left[-1].carried(), left[-1].carried_events())


def _files(made: DraftedMonth) -> dict[str, str]:
    return {name: file_key(name, data) for name, data in made.files.items()}


def _claims(months: Mapping[str, DraftedMonth]) -> Iterator[tuple[str, bytes]]:
    for month, made in months.items():
        born = [
            (each.claim_id, each.client_id, each.partner_id, each.claimed_on, True) for each in made.draft.attributions
        ]
        claims = pl.DataFrame(born, schema=of_types(DecidedClaims), orient="row").sort("claim_id")
        if claims.height:
            yield f"claims-{month}.parquet", parquet_bytes(claims)


def _balances(months: Mapping[str, DraftedMonth]) -> Balances:
    *_, last = months.values()
    statements = last.statements
    return Balances(
        opening_minor={partner: closing(body) for partner, body in statements.items()},
        apart_minor={
            partner: {each["of"]: each["closing_minor"] for each in body["apart"]}
            for partner, body in statements.items()
        },
        previous_statement=dict.fromkeys(statements, "of-the-month-before"),
        last_commission_minor=dict.fromkeys(statements, 0),
    )


def closing(body: Mapping[str, Any]) -> int:
    """What a statement carries forward."""
    return entry(body, "carried")


def entry(body: Mapping[str, Any], kind: str) -> int:
    """The amount of one kind of entry of a statement's summary, as it stands there."""
    return sum(int(each["amount_minor"]) for each in body["summary"]["entries"] if each["kind"] == kind)


def _all_sound(*_: object, **__: object) -> Judged:
    """What the checks would say: every line of a drawn history is sound, and Great Expectations takes its time."""
    return Judged(Faults.create_empty(), {}, ())


@lru_cache(maxsize=1)
def _parsed(text: str) -> Programme:
    """A history's one programme, which each month worked out again reads anew: a third of a history's time."""
    return parse_programme(text)
