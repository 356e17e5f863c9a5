"""Verification: whether an archive is still, byte for byte, what was sealed. It reads the store and nothing else."""

import shutil
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ValidationError

from models.canonical import sha256
from models.errors import BadInput, NotStored, SettlementError
from models.period import Version
from models.progress import advance, working
from rules.archive.layout import DRAFT, INPUTS, INPUTS_JSON, KEPT, SEAL, SEAL_SIG, SHA256SUMS, digest_in
from rules.archive.seal import Seal, parse_sha256sums
from rules.archive.verification import (
    Finding,
    Sealed,
    before,
    error,
    in_order,
    judge_chain,
    judge_digests,
    judge_files,
    judge_list,
    judge_newest,
    judge_seal,
    warning,
)
from rules.draft import versions_in
from tasks.auditing.anchor import anchored, judge
from tasks.auditing.figures import Figures
from tasks.auditing.kept import in_words, judge_kept
from tasks.auditing.signing import fault_of
from tasks.storage import Store
from tasks.storage.contents import Programme, programmes

READERS = 8  # each holds one object in memory


@dataclass(frozen=True)
class Verification:
    """What was found, and how much was read: sealed versions of months, objects, and their bytes."""

    findings: tuple[Finding, ...]
    periods: int
    files: int
    bytes: int
    kept: tuple[str, ...] = ()  # of each month whose store has versions or locks: how it is kept, in words

    @property
    def holds(self) -> bool:
        return not any(finding.severity == "error" for finding in self.findings)


class Asked(NamedTuple):
    """What is verified beside digests, counts and chain."""

    figures: bool = True  # whether what statements, books, lines and claims say agrees
    again: bool = False  # work each sealed month out again from its archived inputs, and compare
    signers: Path | None = None  # the keys that may sign seals, got from elsewhere: the allowed signers of ssh-keygen
    anchors: Store | None = None  # where the digest of each SEAL is kept


def verify(
    store: Store,
    progress: Callable[[str], None] = lambda words: None,
    asked: Asked = Asked(),  # noqa: B008 (frozen)
) -> Verification:
    """Verify a whole archive, one programme in it or one month in it: whichever the store's URL names."""
    examination = _Examination(progress, asked)
    found = programmes(store)
    with working("verify"):
        for programme in found:
            _examine_programme(programme, examination)
    if not any(programme.versions for programme in found):
        examination.found(error(store.url, "holds no month of any programme: check the URL"))
    read = (examination.months, examination.files, examination.size)
    return Verification(tuple(examination.findings), *read, tuple(examination.kept))


class InputsJson(BaseModel):
    """What inputs.json has to say: the inputs by name, and what they are called under inputs/."""

    inputs: dict[str, str]


@dataclass
class _Examination:
    """What was read, and what came to light."""

    progress: Callable[[str], None]
    asked: Asked
    findings: list[Finding] = field(default_factory=list)
    months: int = 0
    files: int = 0
    size: int = 0
    kept: list[str] = field(default_factory=list)

    def found(self, *findings: Finding) -> None:
        self.findings.extend(findings)

    def read(self, store: Store, key: str) -> bytes | None:
        """The object's bytes; where there are none to be had, a finding instead."""
        try:
            data = store.read_unchecked(key)
        except SettlementError as fault:
            self.found(_unread(key, fault))
            return None
        self.files, self.size = self.files + 1, self.size + len(data)
        advance(1, "files")
        return data

    def digests(self, store: Store, folder: str, names: Iterable[str]) -> dict[str, str]:
        """Digests of the objects' own bytes: a checksum that a store remembers proves nothing."""

        def digest(name: str) -> tuple[str, int] | SettlementError:
            try:
                data = store.read_unchecked(f"{folder}/{name}")
                return sha256(data), len(data)
            except SettlementError as fault:
                return fault

        digests = {}
        ordered = sorted(names)
        with ThreadPoolExecutor(READERS) as readers:
            for name, result in zip(ordered, readers.map(digest, ordered), strict=True):
                if isinstance(result, SettlementError):
                    self.found(_unread(f"{folder}/{name}", result))
                else:
                    digests[name] = result[0]
                    self.files, self.size = self.files + 1, self.size + result[1]
                    advance(1, "files")
        return digests


def _examine_programme(programme: Programme, examination: _Examination) -> None:
    sealed: dict[Version, Sealed] = {}
    for version, present in sorted(programme.versions.items()):
        if SEAL in present:
            sealed[version] = _examine_version(programme, version, examination)
            examination.months += 1
            examination.progress(f"{programme.key(version)}: {examination.files} files so far")
        elif SHA256SUMS in present:
            words = (
                f"has {SHA256SUMS} and no {SEAL}: the seal was taken away, or a close was cut off in its last step. "
                f"settle run {version.period} finishes a close; a month that was closed has lost its seal"
            )
            examination.found(error(programme.key(version), words))
        else:
            examination.found(warning(programme.key(version), f"is not finished: it has no {SEAL}"))
    if sealed:
        _examine_chain(programme, sealed, examination)
        _examine_ends(programme, sealed, examination)
    if examination.asked.figures:
        figures = Figures(programme)
        for version in in_order(sealed):
            examination.progress(f"{programme.key(version)}: adding it up")
            figures.month(version)
        examination.found(*figures.findings())
    _examine_inputs(programme, sealed, examination)
    if examination.asked.again:
        _work_out_again(programme, sealed, examination)
    examination.found(*(error(key, "has no place in an archive") for key in programme.strays))


def _work_out_again(programme: Programme, sealed: Collection[Version], examination: _Examination) -> None:
    from tasks.auditing.recompute import recompute  # here, because it loads all that works a month out: seconds

    for version in sorted(sealed):
        examination.progress(f"{programme.key(version)}: working it out again")
        examination.found(*recompute(programme, version))


def _examine_version(programme: Programme, version: Version, examination: _Examination) -> Sealed:
    folder, store = programme.key(version), programme.store
    seal = None
    seal_bytes = examination.read(store, f"{folder}/{SEAL}")
    if seal_bytes is not None:
        try:
            seal = Seal.parse(seal_bytes)
            examination.found(*judge_seal(folder, seal, version, programme.name))
        except BadInput as fault:
            examination.found(error(f"{folder}/{SEAL}", str(fault)))
    sums = examination.read(store, f"{folder}/{SHA256SUMS}")
    if sums is not None:
        try:
            listed = parse_sha256sums(sums)
        except BadInput as fault:
            examination.found(error(f"{folder}/{SHA256SUMS}", f"was changed, so no file was compared with it: {fault}"))
        else:
            present = programme.versions[version]
            if seal:
                examination.found(*judge_list(folder, seal, sums, listed))
            examination.found(*judge_files(folder, listed, present))
            held = examination.digests(store, folder, listed.keys() & present)
            examination.found(*judge_digests(folder, listed, held))
            if KEPT in held and held[KEPT] == listed[KEPT]:
                recorded = store.get(f"{folder}/{KEPT}", held[KEPT])
                examination.found(*judge_kept(store, folder, recorded))
                examination.kept.append(f"{folder}: {in_words(recorded)}")
    return Sealed(sha256(seal_bytes or b""), seal)


def _examine_chain(programme: Programme, sealed: dict[Version, Sealed], examination: _Examination) -> None:
    chain = dict(sealed)
    if programme.alone:
        for version in sorted(sealed):
            _reach_before(programme, version, chain, examination)
    examination.found(*judge_chain(programme.key(""), chain, programme.versions))


def _reach_before(
    programme: Programme, version: Version, chain: dict[Version, Sealed], examination: _Examination
) -> None:
    """Put the SEAL before one of a single month into the chain; where it is out of reach, it is not compared."""
    seal = chain[version].seal
    if seal is None or (last := _last_before(programme, version, chain)) in chain:
        return
    try:
        data = programme.store.read_unchecked(programme.key(last, SEAL))
        chain[last] = Sealed(sha256(data), None if last.is_first else Seal.parse(data))
    except SettlementError:
        if seal.previous:
            chain[version] = Sealed(chain[version].digest, None)
            where = programme.key(version, SEAL)
            examination.found(warning(where, "chain not checked: only this period was given"))


def _last_before(programme: Programme, version: Version, chain: Mapping[Version, Sealed]) -> Version:
    """What was sealed last before a version: of what its month settles the last one, as its draft names them."""
    if version.is_first and DRAFT in programme.versions[version]:
        try:
            settled = versions_in(programme.store.read_unchecked(programme.key(version, DRAFT)).decode())
        except (SettlementError, ValueError, KeyError, TypeError):  # a finding says already what is wrong with it
            settled = ()
        if settled:
            return settled[-1]
    return before(version, chain)


def _examine_ends(programme: Programme, sealed: Mapping[Version, Sealed], examination: _Examination) -> None:
    """Check the signatures, and whether the chain ends where the anchor says."""
    asked = examination.asked
    if asked.signers is not None:
        examination.found(*judge_newest(programme.key(""), sealed))
    for version, (_, seal) in sorted(sealed.items()):
        where, there = programme.key(version, SEAL), SEAL_SIG in programme.versions[version]
        if seal is None or (not there and not seal.signed):
            continue
        if not (there and seal.signed):
            words = f"there is no {SEAL_SIG}" if seal.signed else f"{SEAL_SIG} is beside it, and it says there is none"
            examination.found(error(where, words))
        elif asked.signers is None and shutil.which("ssh-keygen") is None:
            examination.found(warning(where, "is signed; its signature was not checked: there is no ssh-keygen"))
        elif (signature := examination.read(programme.store, programme.key(version, SEAL_SIG))) is not None:
            if fault := fault_of(seal, signature, asked.signers):
                examination.found(error(where, f"its signature is not good: {fault}"))
            elif asked.signers is None:
                words = "is signed; whose key it is was not checked: give --allowed-signers"
                examination.found(warning(where, words))
    if asked.anchors is not None and not programme.alone:
        name = next((seal.programme for _, seal in sealed.values() if seal), programme.name)
        digests = {version: each.digest for version, each in sealed.items()}
        examination.found(*judge(programme.key(""), anchored(asked.anchors, name), digests))


def _examine_inputs(programme: Programme, sealed: Collection[Version], examination: _Examination) -> None:
    wanted: dict[str, list[str]] = defaultdict(list)  # by whom
    referred: set[str] = set()
    for version, present in sorted(programme.versions.items()):
        inputs = _inputs_of(programme, version) if INPUTS_JSON in present else None
        if version in sealed:
            where = programme.key(version, INPUTS_JSON)
            if inputs is None and all(where != finding.where for finding in examination.findings):
                examination.found(error(where, "does not say which inputs the month had"))
            for name, file in (inputs or {}).items():
                wanted[file].append(f"{name} of {version}")
        referred.update((inputs or {}).values())
    if programme.alone and not programme.inputs:
        examination.found(warning(programme.key(INPUTS), "inputs not checked: only this period was given"))
        return
    for file in sorted(wanted.keys() - programme.inputs):
        examination.found(error(programme.key(INPUTS, file), f"is missing: it is {', '.join(wanted[file])}"))
    held = examination.digests(programme.store, programme.key(INPUTS), wanted.keys() & programme.inputs)
    for file, digest in held.items():
        if digest != digest_in(file):
            words = f"was changed: its SHA-256 is {digest}, and its name says another. It is {', '.join(wanted[file])}"
            examination.found(error(programme.key(INPUTS, file), words))
    misnamed = {file for file in programme.inputs - referred if digest_in(file) is None}
    for file in sorted(misnamed):
        examination.found(error(programme.key(INPUTS, file), "has no place in an archive: no input has such a name"))
    unused = programme.inputs - referred - misnamed
    if unused and not programme.alone:
        words = f"not referred to by any month: {len(unused)} (drafts never approved, reports of rejected lines)"
        examination.found(warning(programme.key(INPUTS), words))


def _inputs_of(programme: Programme, version: Version) -> dict[str, str] | None:
    """The inputs of a month by name; None where inputs.json cannot be read."""
    try:
        return InputsJson.model_validate_json(
            programme.store.read_unchecked(programme.key(version, INPUTS_JSON))
        ).inputs
    except (SettlementError, ValidationError):
        return None


def _unread(key: str, fault: SettlementError) -> Finding:
    return error(key, "is missing" if isinstance(fault, NotStored) else f"cannot be read: {fault}")
