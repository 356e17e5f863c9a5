"""Verification: what an archive must show to be what was sealed. Findings name the object and what is wrong with it."""

from collections.abc import Collection, Iterator, Mapping
from typing import Literal, NamedTuple

from models.canonical import sha256
from models.period import Period, Version
from rules.archive import merkle
from rules.archive.layout import DRAFT, SEAL, SEAL_SIG, SHA256SUMS
from rules.archive.seal import Seal


class Finding(NamedTuple):
    """One thing an auditor should know. An error means that the archive does not hold."""

    severity: Literal["error", "warning"]
    where: str
    words: str


class Sealed(NamedTuple):
    """A SEAL as it lies in the archive: the digest of its bytes, and what it says, if it can be read."""

    digest: str
    seal: Seal | None


def error(where: str, words: str) -> Finding:
    """Return the finding that the archive does not hold, and why."""
    return Finding("error", _shown(where), words)


def warning(where: str, words: str) -> Finding:
    """Return a finding that an auditor should know, though nothing was damaged."""
    return Finding("warning", _shown(where), words)


def judge_seal(folder: str, seal: Seal, version: Version, programme: str) -> Iterator[Finding]:
    """Yield an error unless the SEAL is of the version and programme (blank: unknown) whose folder it lies in."""
    of = Version.of_columns(seal.period, seal.version)
    if of != version:
        yield error(f"{folder}/{SEAL}", f"is the seal of {of}, and lies in the folder of {version}")
    if programme and seal.programme != programme:
        yield error(
            f"{folder}/{SEAL}", f"is a seal of programme {seal.programme}, and lies in the folder of {programme}"
        )


def judge_list(folder: str, seal: Seal, sums: bytes, listed: Mapping[str, str]) -> Iterator[Finding]:
    """Yield an error for each way in which SHA256SUMS is not the list that was sealed."""
    where = f"{folder}/{SHA256SUMS}"
    if seal.sha256sums != sha256(sums):
        yield error(where, f"was changed: its SHA-256 is {sha256(sums)}, and SEAL says {seal.sha256sums}")
    if seal.files != len(listed):
        yield error(where, f"lists {len(listed)} files, and SEAL counts {seal.files}")
    if seal.statements and seal.statements.root != (root := merkle.root(list(merkle.leaves(listed).values()))):
        yield error(f"{folder}/{SEAL}", f"names {seal.statements.root} as the root of its statements, which is {root}")
    if seal.draft != listed.get(DRAFT, seal.draft):
        yield error(f"{folder}/{SEAL}", f"names the draft {seal.draft}, and {DRAFT} was listed as {listed[DRAFT]}")


def judge_files(folder: str, listed: Mapping[str, str], present: Collection[str]) -> Iterator[Finding]:
    """Yield an error for each file that is listed and not there, or there and not listed."""
    for path in sorted(listed.keys() - set(present)):
        yield error(f"{folder}/{path}", "is missing: SHA256SUMS lists it")
    for path in sorted(set(present) - listed.keys() - {SHA256SUMS, SEAL, SEAL_SIG}):
        yield error(f"{folder}/{path}", "is extra: SHA256SUMS does not list it")


def judge_digests(folder: str, listed: Mapping[str, str], held: Mapping[str, str]) -> Iterator[Finding]:
    """Yield an error for each file that was read and has another digest than it was listed with."""
    paths = {digest: path for path, digest in listed.items()}
    for path, digest in held.items():
        if digest != listed[path]:
            found = f" (it holds the bytes of {paths[digest]})" if digest in paths else ""
            yield error(f"{folder}/{path}", f"was changed: its SHA-256 is {digest}, and was {listed[path]}{found}")


def in_order(sealed: Mapping[Version, Sealed]) -> list[Version]:
    """Return versions in the order in which they were sealed, as their SEALs say: a later version of a month comes
    before the month that settles it.
    """

    def made(version: Version) -> tuple[Period, bool, Version]:
        month = _settled_in(version, sealed)
        return month, month == version.period, version

    return sorted(sealed, key=made)


def before(version: Version, sealed: Mapping[Version, Sealed]) -> Version:
    """Return the version whose SEAL a version's names: the one that was sealed last then."""
    month = _settled_in(version, sealed)
    order = in_order(sealed)
    same = [other for other in order[: order.index(version)] if _settled_in(other, sealed) == month]
    return same[-1] if same else Version(month.previous())


def _settled_in(version: Version, sealed: Mapping[Version, Sealed]) -> Period:
    """The month with which a version became a fact; its own, where its SEAL says nothing else."""
    seal = sealed[version].seal if version in sealed else None
    return Period.parse(seal.restates.settled_in) if seal and seal.restates else version.period


def judge_chain(folder: str, sealed: Mapping[Version, Sealed], found: Collection[Version]) -> Iterator[Finding]:
    """Yield an error for each month missing between those found, and each SEAL that does not name the one before it,
    or names the same as another: the chain has one end, so what was put beside an old month is no part of it.
    """
    yield from _forks(folder, sealed)
    yield from _numbered(folder, sealed)
    yield from _restated(folder, sealed)
    first, last = min(found), max(found)
    gaps = {month for month in _months(first.period, last.period) if not any(month == one.period for one in found)}
    for month in sorted(gaps):
        yield error(f"{folder}{month}", f"is missing: the archive goes from {first.period} to {last.period}")
    for version in in_order(sealed):
        seal, last_one = sealed[version].seal, before(version, sealed)
        if seal is None or version not in found or last_one.period in gaps:
            continue
        where = f"{folder}{version}/{SEAL}"
        if last_one in sealed and not seal.previous:
            yield error(where, f"names no seal before it, and {last_one}/{SEAL} is there")
        elif last_one in sealed and seal.previous != sealed[last_one].digest:
            words = (
                f"breaks the chain: it names {seal.previous} as the SEAL of {last_one}, which is "
                f"{sealed[last_one].digest}"
            )
            yield error(where, words)
        elif last_one not in sealed and seal.previous:
            yield error(where, f"names {seal.previous} as the SEAL of {last_one}, which is missing")
        elif last_one not in sealed and version != first:
            yield error(where, f"names no seal before it, and the archive begins with {first.period}")


def _numbered(folder: str, sealed: Mapping[Version, Sealed]) -> Iterator[Finding]:
    """Since format 2 a SEAL says which month of the programme it closes, and whether it is signed."""
    last: Seal | None = None
    for version in in_order(sealed):
        seal = sealed[version].seal
        if seal is None:
            last = None
            continue
        where = f"{folder}{version}/{SEAL}"
        if seal.month is not None and last is not None and last.month is not None:
            months = version.period.months_since(Period.parse(last.period))
            if seal.month != last.month + months:
                yield error(where, f"is of month {seal.month} of the programme, and {last.month + months} it has to be")
        if last is not None and last.signed and not seal.signed:
            yield error(where, f"is not signed, and that of {last.period} was")
        last = seal


def judge_newest(folder: str, sealed: Mapping[Version, Sealed]) -> Iterator[Finding]:
    """Yield an error where the newest SEAL is not signed, and the auditor knows who may sign."""
    newest = in_order(sealed)[-1]
    seal = sealed[newest].seal
    if seal is not None and not seal.signed:
        words = "is the newest, and not signed: who took all signatures away could make every SEAL anew"
        yield error(f"{folder}{newest}/{SEAL}", words)


def _restated(folder: str, sealed: Mapping[Version, Sealed]) -> Iterator[Finding]:
    """A later version of a month names the SEAL it stands beside, and the draft that two persons answer for."""
    for version, (_, seal) in sorted(sealed.items()):
        if seal is None:
            continue
        where, restates = f"{folder}{version}/{SEAL}", seal.restates
        if (restates is None) != version.is_first:
            yield error(where, "is a later version's, and does not say what it restates" if restates is None else
                        "is a first version's, and says that it restates one")  # fmt: skip
        if restates is None or version.is_first:
            continue
        beside, settling = sealed.get(version.before), sealed.get(Version(Period.parse(restates.settled_in)))
        if beside and beside.digest != restates.seal:
            yield error(where, f"stands beside {restates.seal}, and the SEAL of {version.before} is {beside.digest}")
        if settling and settling.seal and settling.seal.draft != restates.draft:
            words = f"rests on the draft {restates.draft} of {restates.settled_in}, which is {settling.seal.draft}"
            yield error(where, words)


def _forks(folder: str, sealed: Mapping[Version, Sealed]) -> Iterator[Finding]:
    followed: dict[str, Version] = {}
    for version in in_order(sealed):
        seal = sealed[version].seal
        if seal is None or not seal.previous:
            continue
        other = followed.setdefault(seal.previous, version)
        if other != version:
            words = f"names the SEAL before it that {other}/{SEAL} names too: one of the two was put there afterwards"
            yield error(f"{folder}{version}/{SEAL}", words)


def _months(first: Period, last: Period) -> Iterator[Period]:
    month = first
    while month <= last:
        yield month
        month = month.next()


def _shown(where: str) -> str:
    """Return a name as it may be printed: no name of an object may write on an auditor's screen."""
    return where if where.isprintable() else repr(where)
