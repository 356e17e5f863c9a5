"""Shards: the lines of some of the partners, so that a month is summed without all its lines in memory."""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from engine.frames.schemas import PartnerLines


@dataclass(frozen=True, eq=False)
class Shard:
    """Some partners, and their lines (PartnerLines): packed, as they wait and travel."""

    partners: tuple[str, ...]  # sorted
    _brought: tuple[bytes, ...] = ()
    _served: tuple[bytes, ...] = ()

    @property
    def brought(self) -> pl.DataFrame:
        """The lines of the clients they brought, unpacked."""
        return _unpacked(self._brought)

    @property
    def served(self) -> pl.DataFrame:
        """The lines of the clients they serve, unpacked."""
        return _unpacked(self._served)


@dataclass(eq=False)
class Shards:
    """Lines kept apart by partner, packed, until each shard is asked for. Partners stand in the order of their ids."""

    members: tuple[tuple[str, ...], ...]
    _packed: dict[tuple[int, bool], list[bytes]] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: Mapping[str, int], lines_at_once: int) -> "Shards":
        """Cut partners (id -> how many lines) into shards of at most so many lines; a larger partner has its own."""
        members: list[list[str]] = []
        room = 0
        for partner_id in sorted(lines):
            room -= lines[partner_id]
            if not members or room < 0:
                members.append([])
                room = lines_at_once - lines[partner_id]
            members[-1].append(partner_id)
        return cls(tuple(tuple(shard) for shard in members))

    def add(self, lines: pl.DataFrame, *, served: bool) -> None:
        """Put attributed lines, or served ones, to their partners' shards."""
        kept = PartnerLines.validate(lines.filter(pl.col("partner_id").is_in(list(self._numbers))))
        shard_of = pl.col("partner_id").replace_strict(self._numbers, return_dtype=pl.Int64)
        parts = kept.with_columns(shard=shard_of).partition_by("shard", as_dict=True, include_key=False)
        for (shard,), part in parts.items():
            self._pack(shard, served, part)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        """Partner -> the number of its shard."""
        return {partner_id: number for number, shard in enumerate(self.members) for partner_id in shard}

    def __iter__(self) -> Iterator[Shard]:
        for number, partners in enumerate(self.members):
            brought, served = (tuple(self._packed.get((number, served), ())) for served in (False, True))
            yield Shard(partners, brought, served)

    def _pack(self, shard: int, served: bool, lines: pl.DataFrame) -> None:
        packed = io.BytesIO()
        lines.write_parquet(packed, compression="lz4")
        self._packed.setdefault((shard, served), []).append(packed.getvalue())


def _unpacked(parts: Sequence[bytes]) -> pl.DataFrame:
    return pl.concat([PartnerLines.create_empty(), *(pl.read_parquet(io.BytesIO(data)) for data in parts)])
