"""Verify an archive of partner settlements with Python's standard library alone: seals, digests, and its figures.

    python3 verify.py FOLDER [--allowed-signers FILE] [--head SHA256]

FOLDER is an archive, one programme of it, or an unpacked bundle of one statement. --allowed-signers names the public
keys that may sign seals (`ssh-keygen -Y verify` reads it), got from elsewhere than the archive. --head is the SHA-256
of the newest SEAL, as kept elsewhere: without it nobody sees that the last months were cut off. Ends with 0 where all
holds, else with 1. It does not work months out again, nor read PDF: `settle verify --recompute` does.

To read it, from the top; each part proves one thing:

    1  Archive     no file was changed, added or taken away since it was sealed, and the seals are one chain
    2  documents   the files of a month say the same of it
    3  Statements  each adds up, follows the one before it, bears its number, and is shown on its page
    4  Journal     totals and ledger come to what the statements say
    5  Lines       every line received is counted, settled once, and paid to whom it earned for
    6  Claims      a client is attributed once, by a claim of the partner who earns
    7  Trail       the audit trail has no gap, and tells of each approval and statement
    8  Approvals   where approval is signed: by keys that might, up to their amounts
    9  Books       parts 2 to 8 of every month, oldest first
   10  Bundle      one statement alone, by its proof
"""

import argparse
import base64
import csv
import gzip
import hashlib
import html
import io
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

DECIDED = ("settled", "clawback", "final")  # a line of such an outcome is done with for ever
NAMES_ANOTHER = ("credit_note", "chargeback", "chargeback_won")  # a line of such a kind may name a line, and no client
NO_PART_OF_A_DRAFT = ("other_month", "skipped")
NOT_UNDERSTOOD = Exception  # bytes that a forger chose may fail in any way: each is a finding, and none stops the rest
VERSION = re.compile(r"([12]\d{3}-(?:0[1-9]|1[0-2]))/v([1-9]\d*)/(.+)")
INPUT = re.compile(r"inputs/([0-9a-f]{64})\.[A-Za-z0-9.]+")
BESIDE = {"fund": "fund", "credit": "credit", "person": "persons", "held": "held"}
"""The ledger's accounts of balances beside the one carried forward."""


def sha256(data: bytes) -> str:
    """Return the digest everything here is named by."""
    return hashlib.sha256(data).hexdigest()


def canonical(value: object) -> bytes:
    """Return JSON with sorted keys, no spaces and one line feed at its end."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n").encode()


def unpacked(data: bytes) -> bytes:
    """Return what gzip packed, at most 300 times as large: a forger may have packed more than a machine has."""
    most = 300 * len(data) + 100_000_000
    with gzip.open(io.BytesIO(data)) as file:
        found = file.read(most + 1)
    if len(found) > most:
        raise ValueError(f"it unpacks to more than {most} bytes")
    return found


def not_as_written(fault: Exception) -> str:
    """Say that bytes are not understood: for people first, then as Python has it."""
    return f"a file is missing, or not as a settlement writes it ({type(fault).__name__}: {fault})"


def is_first(name: str) -> bool:
    """Return whether a version's name, as 2026-01/v2, is that of the first of its month."""
    return int(name.partition("/v")[2]) == 1


class Month:
    """One sealed version of a month: `name` is 2026-01/v1, `paths` what is in its folder, `read` returns a file.

    `stored` returns a file of inputs/; None where they are out of reach.
    """

    def __init__(self, name: str, paths: Iterable[str], read: Callable[[str], bytes]) -> None:
        self.name, self.paths, self.read = name, set(paths), read
        self.period = name.partition("/")[0]
        self.stored: Callable[[str], bytes] | None = None
        self.is_first = is_first(name)
        self.statements: dict[str, Any] = {}  # by partner, filled in by Books
        self.digests: dict[str, str] = {}  # of their bytes

    def json(self, path: str) -> Any:
        return json.loads(self.read(path))

    def table(self, path: str) -> "csv.DictReader[str]":
        """The rows of a CSV file, packed or not."""
        data = self.read(path)
        rows = csv.DictReader(io.StringIO((unpacked(data) if path.endswith(".gz") else data).decode()))
        if not rows.fieldnames:
            raise ValueError(f"{path} has not even a header")
        return rows


Reader = Callable[[bytes], Any]
LinesOf = Callable[[Month], Iterable[Mapping[str, Any]] | None]
Checks = tuple[tuple[str, Callable[[Month], None]], ...]


class Findings(list[tuple[str, str, str]]):
    """What does not hold: whether it is an error or a warning, where, and in words."""

    def error(self, where: str, words: str) -> None:
        self.append(("error", where, words))

    def warning(self, where: str, words: str) -> None:
        self.append(("warning", where, words))

    def same(self, where: str, what: str, found: object, wanted: object) -> None:
        """Find an error where something is not what follows from the rest."""
        if found != wanted:
            self.error(where, f"{what}: {found}, and {wanted} follows from the rest")


# 1. Nothing was changed, added or taken away since it was sealed


class Archive:
    """A folder that holds an archive, or one programme of it; what is wrong with it comes out as `findings`."""

    def __init__(self, folder: Path, signers: str = "", head: str = "") -> None:
        self.folder, self.signers, self.head = folder, signers, head
        self.findings = Findings()
        self.sealed: dict[str, dict[str, Any]] = {}  # what each SEAL of a programme says, by version
        self.bytes = 0

    def verify(self) -> int:
        """Verify every programme, and return how many sealed months there are."""
        paths = []
        for path in sorted(self.folder.rglob("*")):
            name = path.relative_to(self.folder).as_posix()
            if path.is_symlink():
                self.findings.error(name, "is a link: it has no place in an archive")
            elif path.is_file() and not name.startswith(".incoming/"):
                paths.append(name)
        within = any(VERSION.fullmatch(path) for path in paths)
        programmes: dict[str, list[str]] = defaultdict(list)
        for name in paths:
            programme, slash, rest = name.partition("/")
            programmes["" if within or not slash else programme + "/"].append(name if within or not slash else rest)
        return sum(self._programme(name, inside) for name, inside in sorted(programmes.items()))

    def _read(self, path: str) -> bytes:
        data = (self.folder / path).read_bytes()
        self.bytes += len(data)
        return data

    def _read_in(self, folder: str, path: str) -> bytes:
        return self._read(f"{folder}/{path}")

    def _programme(self, programme: str, paths: list[str]) -> int:
        months: dict[str, set[str]] = defaultdict(set)
        inputs, used = set(), set()
        for path in paths:
            if match := VERSION.fullmatch(path):
                months[f"{match[1]}/v{match[2]}"].add(match[3])
            elif INPUT.fullmatch(path):
                inputs.add(path)
            else:
                self.findings.error(programme + path, "has no place in an archive")
        books, last = Books(), dict[str, Any]()
        self.sealed = {}
        for name in sorted(months, key=partial(self._made, programme)):
            folder = programme + name
            if "SEAL" not in months[name]:
                lost = "SHA256SUMS" in months[name]
                words = "has SHA256SUMS and no SEAL: it was taken away" if lost else "is not finished: it has no SEAL"
                self.findings.append(("error" if lost else "warning", folder, words))
                continue
            try:
                last = self._sealed(programme, name, months[name], last)
                used |= {
                    f"inputs/{file}" for file in json.loads(self._read(f"{folder}/inputs.json"))["inputs"].values()
                }
            except NOT_UNDERSTOOD as fault:
                self.findings.error(folder, f"cannot be read: {fault!r}")
                last = {"digest": "", "period": name[:7]}
            month = Month(name, months[name], partial(self._read_in, folder))
            month.stored = partial(self._read_in, f"{programme}inputs")
            books.month(month)
        self.findings += [(severity, programme + where, words) for severity, where, words in books.findings]
        for path in sorted(used | inputs):
            if path not in inputs:
                self.findings.error(programme + path, "is missing: a month names it")
            elif sha256(self._read(programme + path)) != path[7:71]:
                self.findings.error(programme + path, "was changed: its SHA-256 is not its name")
        if last:
            self._newest(programme, last)
        return sum("SEAL" in files for files in months.values())

    def _made(self, programme: str, name: str) -> tuple[str, bool, str, int]:
        """When a version was sealed: a later one of a month comes before the month that settles it."""
        try:
            settled_in = str(
                json.loads((self.folder / f"{programme}{name}/SEAL").read_bytes())["restates"]["settled_in"]
            )
        except NOT_UNDERSTOOD:  # a first version says no such thing
            settled_in = name[:7]
        return settled_in, settled_in == name[:7], name[:7], int(name[9:])

    def _newest(self, programme: str, last: Mapping[str, Any]) -> None:
        if self.signers and not last.get("signed"):
            words = "its newest SEAL is not signed: who took all signatures away could make every SEAL anew"
            self.findings.error(programme + last["period"], words)
        if self.head and last["digest"] != self.head:
            self.findings.error(
                programme + last["period"], f"the newest SEAL is {last['digest']}, and --head says {self.head}"
            )
        elif not self.head:
            words = f"is the newest: compare the SHA-256 of its SEAL, {last['digest']}, with one kept elsewhere"
            self.findings.warning(programme + last["period"], words)

    def _sealed(self, programme: str, name: str, present: set[str], last: Mapping[str, Any]) -> dict[str, Any]:
        """Check SEAL, SHA256SUMS and every file; return what the next seal has to follow."""
        folder = programme + name
        data, sums = self._read(f"{folder}/SEAL"), self._read(f"{folder}/SHA256SUMS")
        seal, where = json.loads(data), f"{folder}/SEAL"
        pairs = [line.partition("  ") for line in sums.decode().splitlines()]
        listed = {path: digest for digest, _, path in pairs}
        checks: dict[str, tuple[object, object]] = {
            "its bytes": (data, canonical(seal)),
            "its month": (f"{seal['period']}/v{seal['version']}", name),
            "its programme": (seal["programme"], programme.rstrip("/") or seal["programme"]),
            "the SHA-256 of SHA256SUMS": (seal["sha256sums"], sha256(sums)),
            "the number of files": (seal["files"], len(pairs)),
            "its draft": (seal["draft"], listed.get("draft.json")),
            "the SEAL before": (seal["previous"], last.get("digest", "")),
        }
        if seal["format"] > 1:
            checks["the root of its statements"] = (seal["statements"]["root"], root(leaves(listed)))
            before = last.get("month", seal["month"] - 1 if last else 0)  # a seal of format 1 does not count
            checks["which month of the programme it is"] = (seal["month"], before + 1)
        if not is_first(name):
            beside = self.sealed.get(f"{name[:9]}{int(name[9:]) - 1}", {})
            before = beside.get("month", seal["month"])
            checks["which month of the programme it is"] = (seal["month"], before)
            checks["the SEAL it stands beside"] = (seal["restates"]["seal"], beside.get("digest"))
        elif "restates" in seal:
            checks["what it restates"] = (seal["restates"], None)
        for what, (found, wanted) in checks.items():
            if found != wanted:
                self.findings.error(where, f"{what}: {found!r}, and it has to be {wanted!r}")
        for path in sorted(listed.keys() | present - {"SEAL", "SEAL.sig", "SHA256SUMS"}):
            if path not in present:
                self.findings.error(f"{folder}/{path}", "is missing: SHA256SUMS lists it")
            elif path not in listed:
                self.findings.error(f"{folder}/{path}", "is extra: SHA256SUMS does not list it")
            elif sha256(self._read(f"{folder}/{path}")) != listed[path]:
                self.findings.error(f"{folder}/{path}", "was changed: SHA256SUMS has another SHA-256")
        self._signature(where, seal, there="SEAL.sig" in present)
        if last.get("signed") and not seal["signed"]:
            self.findings.error(where, "is not signed, and the SEAL before it was")
        self.sealed[name] = {**seal, "digest": sha256(data)}
        months = seal["month"] if is_first(name) and seal["format"] > 1 else last.get("month")
        counted = {} if months is None else {"month": months}
        return {**{key: value for key, value in seal.items() if key != "month"}, **counted, "digest": sha256(data)}

    def _signature(self, where: str, seal: Mapping[str, Any], *, there: bool) -> None:
        if seal["signed"] != there:
            words = "SEAL.sig is missing" if seal["signed"] else "SEAL.sig is extra: SEAL says that there is none"
            self.findings.error(where, words)
        elif there:
            day = seal["approved"]["at"][:10].replace("-", "")
            whose = ["check-novalidate"]  # that it is good by the key it bears itself
            if self.signers:
                whose = ["verify", "-f", self.signers, "-I", seal["programme"], f"-Overify-time={day}"]
            command = ["ssh-keygen", "-Y", *whose, "-n", "settlement-seal", "-s", str(self.folder / f"{where}.sig")]
            try:
                done = subprocess.run(command, input=self._read(where), capture_output=True, check=False)  # noqa: S603
            except FileNotFoundError:
                self.findings.warning(where, "its signature was not checked: there is no ssh-keygen")
                return
            if done.returncode:
                said = (done.stdout + done.stderr).decode(errors="replace").strip()
                self.findings.error(where, f"its signature is not good: {said}")
            elif not self.signers:
                words = "is signed; whose key it is was not checked: give --allowed-signers"
                self.findings.warning(where, words)


def leaves(listed: Mapping[str, str]) -> list[str]:
    """Return a digest for each statement's folder: of a zero byte and its lines in SHA256SUMS."""
    lines: dict[str, bytes] = defaultdict(bytes)
    for path, digest in sorted(listed.items()):
        if path.startswith("statements/"):
            lines[path.split("/")[1]] += f"{digest}  {path}\n".encode()
    return [sha256(b"\0" + mine) for mine in lines.values()]


def root(row: list[str]) -> str:
    """Return a digest for all: of a one byte and each two, row by row; one without a neighbour goes up as it is."""
    while len(row) > 1:
        pairs = [row[place : place + 2] for place in range(0, len(row), 2)]
        row = [sha256(b"\1" + bytes.fromhex("".join(pair))) if len(pair) > 1 else pair[0] for pair in pairs]
    return row[0] if row else ""


# 2. The files of a month say the same of it


def documents(findings: Findings, month: Month) -> None:
    """Hold SEAL, draft.json, control.json and inputs.json against each other."""
    seal, draft, control = month.json("SEAL"), month.json("draft.json"), month.json("control.json")
    where = f"{month.name}/control.json"
    named = {**draft["inputs"], **draft.get("results", {}), **control.get("beside", {})}
    findings.same(f"{month.name}/inputs.json", "the inputs", month.json("inputs.json")["inputs"], named)
    findings.same(f"{month.name}/draft.json", "the month", draft["period"], month.period)
    findings.same(f"{month.name}/draft.json", "the programme", draft["programme"]["name"], seal["programme"])
    for name in ("control.json", "draft.json"):
        findings.same(f"{month.name}/{name}", "the control", month.json(name)["control"], seal["control"])
    findings.same(f"{month.name}/SEAL", "the code", seal["code"], draft["code"])
    if seal["format"] > 1:
        year, number = divmod(int(month.period[:4]) * 12 + int(month.period[5:]), 12)
        findings.same(f"{month.name}/SEAL", "the month that comes next", seal["next"], f"{year}-{number + 1:02d}")
    if seal.get("lock") and month.stored:
        lock = json.loads(month.stored(draft["inputs"]["month.json"]))["lock"]
        findings.same(f"{month.name}/SEAL", "the lock file", seal["lock"], lock)
    for kind in ("outcomes", "events"):
        mine = [each for each in control[kind] if each["outcome"] not in NO_PART_OF_A_DRAFT]
        findings.same(where, f"the {kind}", mine, draft[kind])
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for each in control["outcomes"]:
        for name in ("lines", "amount_minor", "unread"):
            sums[each["currency"]][name] += each.get(name, 0)
    for currency, stated in control["received"].items():
        findings.same(where, f"received in {currency or 'no currency'}", Counter(stated), sums.pop(currency, Counter()))
    findings.same(where, "currencies that were received and not counted", [*sums], [])


def sealed_alike(findings: Findings, month: Month, seal: Any) -> None:
    """Compare the approval on each statement, and their numbers, with what SEAL says of them since format 2."""
    where, ones = f"{month.name}/SEAL", month.statements.values()
    approvals = {(one["approved"]["at"], one["approved"]["by"]) for one in ones}
    findings.same(f"{month.name}/statements", "approvals of one month", len(approvals), min(1, len(ones)))
    if seal["format"] == 1:
        return
    numbers = sorted(one["number"] for one in ones) or [""]
    stated = seal["statements"]["first"], seal["statements"]["last"], seal["statements"]["count"]
    findings.same(where, "its numbers", stated, (numbers[0], numbers[-1], len(ones)))
    if approvals:
        findings.same(where, "its approval", {(seal["approved"]["at"], seal["approved"]["by"])}, approvals)
    said_yes = ", ".join(each["by"] for each in seal["consents"] if each["role"] == "approved")
    if seal["approved"]["by"] != "system":
        findings.same(where, "approved by", seal["approved"]["by"], said_yes)


# 3. Statements


def statement_of(data: bytes) -> Any:
    """Return a statement of the format that is issued today; older ones `settle verify` reads."""
    said = json.loads(data)
    if said.get("format") != 2:
        raise ValueError(f"this file reads statements of format 2, not {said.get('format', 1)}")
    return said


class Statements:
    """Each statement adds up, opens with what the one before it carried, bears the next number, and is on its page."""

    def __init__(self, findings: Findings, read: Reader, *, whole: bool) -> None:
        self.findings, self._read, self._whole = findings, read, whole
        self._last: dict[str, tuple[Any, str]] = {}  # partner -> its newest statement, and the digest of that
        self._issued: dict[tuple[str, str], tuple[Any, str]] = {}  # month, partner -> its newest version, the digest
        self._number = ("", 0)  # year, and the last number given in it
        self._pins = False  # whether statements name the SEAL before them, as they do since they can
        self._before: dict[str, str] = {}  # month -> the SEAL before those of the restatements that it settles
        self._restated: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)  # what a month has to post: for whom

    def month(self, month: Month) -> None:
        if not (month.is_first or self._whole):  # what was sealed between the two is out of reach
            self._number = ("", 0)
        seal, draft = month.json("SEAL"), month.json("draft.json")
        documents = (path for path in month.paths if path.endswith("/statement.json"))
        paths = sorted(documents, key=lambda path: path.split("/"))  # by partner: `a` comes before `a-1`
        totals = {each["partner"]: each for each in draft["statements"]}
        partners = [path.split("/")[1] for path in paths]
        self.findings.same(f"{month.name}/statements", "the partners", partners, sorted(totals))
        for partner, path in zip(partners, paths, strict=True):
            where, data = f"{month.name}/{path}", month.read(path)
            try:
                one, raw = self._read(data), json.loads(data)
                if "format" in raw:  # one that was issued before formats had a number was written otherwise
                    self.findings.same(where, "its bytes are canonical", data == canonical(raw), True)
                month.statements[partner] = one
                key, wanted = one["statement"], f"{partner}/{month.name}"
                self.findings.same(where, "its key", (key, one["partner"]["partner_id"]), (wanted, partner))
                self.findings.same(
                    where, "its month", (one["period"], one["programme"]), (month.period, seal["programme"])
                )
                self.findings.same(where, "its draft", one["digests"]["draft"], seal["draft"])
                self.findings.same(where, "its programme", one["digests"]["programme"], draft["programme"]["digest"])
                for name, minor in totals.get(partner, {}).items():
                    if name.endswith("_minor"):
                        self.findings.same(where, f"its {name}", one["summary"].get(name, 0), minor)
                adds_up(self.findings, where, one)
                if month.is_first:
                    self._follows(where, partner, one)
                    self._posts(where, partner, one)
                    self._cites(where, partner, one)
                else:
                    self._supersedes(where, partner, one)
                self._numbered(where, one, month)
                self.pinned(where, one, seal)
                page = f"statements/{partner}/statement.html"
                if page in month.paths:
                    shown(self.findings, f"{month.name}/{page}", month.read(page), one, sha256(data))
                month.digests[partner] = sha256(data)
                self._issued[month.period, partner] = one, sha256(data)
                if month.is_first:
                    self._last[partner] = one, sha256(data)
            except NOT_UNDERSTOOD as fault:
                self.findings.error(where, f"cannot be read as a statement: {fault!r}")
        sealed_alike(self.findings, month, seal)
        if not month.is_first:
            self._before.setdefault(seal["restates"]["settled_in"], seal["previous"])
            return
        pinned = self._before.get(month.period) if self._whole else seal.get("pinned")
        self.findings.same(f"{month.name}/SEAL", "the SEAL its statements name", seal.get("pinned"), pinned)
        for partner, period in sorted(self._restated.pop(month.period, ())):
            self.findings.error(f"{month.name}/statements/{partner}", f"does not post the restatement of {period}")
        for partner, (last, _) in sorted(self._last.items()):
            if last["summary"]["carried_minor"] and partner not in month.statements:
                owed = f"{last['summary']['carried_minor']} minor units"
                self.findings.error(
                    f"{month.name}/statements/{partner}", f"is missing: {owed} were carried to this month"
                )

    def _follows(self, where: str, partner: str, one: Any) -> None:
        last, digest = self._last.get(partner, (None, ""))
        if last is None and not self._whole:
            return
        carried = last["summary"]["carried_minor"] if last else 0
        self.findings.same(where, "it opens with", one["summary"]["opening_minor"], carried)
        self.findings.same(where, "the statement before", one["digests"]["previous_statement"], digest)
        closed = {each["of"]: each["closing_minor"] for each in last["apart"]} if last else {}
        for each in one["apart"]:
            self.findings.same(where, f"its {each['of']} opens with", each["opening_minor"], closed.get(each["of"], 0))

    def _supersedes(self, where: str, partner: str, one: Any) -> None:
        """A restated statement names the one it stands beside, and what it comes to more, which a later month posts."""
        said = one["supersedes"]
        before, digest = self._issued.get((one["period"], partner), (None, ""))
        if before is not None or self._whole:
            minor = total_minor(before) if before else 0
            wanted = (before["statement"], before["number"], digest, minor) if before else ("", "", "", 0)
            found = said["statement"], said["of_number"], said["digest"], said["total_minor"]
            self.findings.same(where, "the statement it supersedes", found, wanted)
        self.findings.same(where, "the difference", said["difference_minor"], total_minor(one) - said["total_minor"])
        if said["difference_minor"]:
            self._restated[said["settled_in"]][partner, one["period"]] += said["difference_minor"]

    def _posts(self, where: str, partner: str, one: Any) -> None:
        """What it posts for restated months is what their later versions come to more."""
        posted = Counter[tuple[str, str]]()
        for each in one["corrections"]:
            if each["kind"] == "restatement" and not each["refund_id"] and each["to"] == "partner":
                posted[partner, each["cites"].split("/")[1]] += each["commission_minor"]
        wanted = self._restated[one["period"]]
        for of in [of for of in {*posted, *wanted} if of[0] == partner]:
            if self._whole or of in wanted:
                self.findings.same(where, f"the restatement of {of[1]}", posted[of], wanted.pop(of, 0))

    def _cites(self, where: str, partner: str, one: Any) -> None:
        """A correction cites the statement that held for its month when it was posted, by its key and its number.

        That is the newest version. One that this very month settles has no number yet: the restatement itself cites the
        version before it, which has, and all else the new one without a number.
        """
        for each in one["corrections"]:
            newest, _ = self._issued.get((each["cites"].split("/")[1], partner), (None, ""))
            if "of_number" not in each or each["kind"] == "adjustment" or not (newest or self._whole):
                continue
            found = each["cites"], each["of_number"]
            wanted = (newest["statement"], newest["number"]) if newest else ("", "")
            beside = newest["supersedes"] if newest and not is_first(wanted[0].partition("/")[2]) else None
            if beside and beside["settled_in"] == one["period"]:
                restates = each["kind"] == "restatement" and not each["refund_id"] and beside["statement"]
                wanted = (beside["statement"], beside["of_number"]) if restates else (newest["statement"], "")
            self.findings.same(where, f"what {each['kind']} {each['refund_id']} cites", found, wanted)

    def _numbered(self, where: str, one: Any, month: Month) -> None:
        year, number = self._number
        if not (year or self._whole):
            number, year = int(one["number"].rpartition("-")[2]) - 1, one["number"][:4]
        now = month.period[:4] if month.is_first else one["supersedes"]["settled_in"][:4]
        wanted = (now, number + 1 if year == now else 1)
        self.findings.same(where, "its number", one["number"], f"{wanted[0]}-{wanted[1]:06d}")
        self._number = (wanted[0], int(one["number"].rpartition("-")[2]))

    def pinned(self, where: str, one: Any, seal: Any) -> None:
        """Each statement names the SEAL before its month: a month made anew is at odds with what partners hold."""
        named = one["digests"].get("previous_seal", "")
        self._pins = self._pins or named != ""
        if self._pins and seal["version"] == 1:
            # Where a month settles restatements, their SEALs come between: theirs is named by nobody's statement yet.
            self.findings.same(where, "the SEAL before it", named, seal.get("pinned", seal["previous"]))


def adds_up(findings: Findings, where: str, one: Any) -> None:
    """Hold the figures of one statement against each other: entries, rules, clients, payments, what is apart."""
    summary, clients = one["summary"], Counter[tuple[str, str]]()
    *entries, carried = [entry["amount_minor"] for entry in summary["entries"]]
    findings.same(where, "the entries add up to", sum(entries), carried)
    findings.same(where, "carried forward", summary["carried_minor"], carried)
    held = summary.get("held_minor", 0)
    before = summary["opening_minor"] + summary["commission_minor"] + summary.get("corrections_minor", 0)
    after = summary["to_pay_minor"] + held + summary["carried_minor"]
    findings.same(where, "withheld, to pay and carried forward", after, before)
    moved = sum(each["earned_minor"] - each["spent_minor"] for each in one["apart"] if each["of"] == "held")
    findings.same(where, "withheld less released", held, moved)
    for payment in one["payments"]:
        clients[payment["rule"], payment["client_id"]] += payment["base_minor"]
    for rule in one["rules"]:
        parts = rule["clients"] or rule["shares"]
        if parts:
            total = sum(part["commission_minor"] for part in parts)
            findings.same(where, f"the parts of {rule['rule']} add up to", total, rule["commission_minor"])
        for client in rule["clients"]:
            paid = clients[rule["rule"], client["client_id"]]
            if paid:  # a line that earns under two rules stands among the payments of one
                findings.same(where, f"{client['client_id']} paid for {rule['rule']}", paid, client["base_minor"])
    earned = sum(rule["commission_minor"] for rule in one["rules"] if rule["to"] == "partner")
    findings.same(where, "the rules add up to", earned, summary["commission_minor"])
    corrected = sum(each["commission_minor"] for each in one["corrections"] if each["to"] == "partner")
    findings.same(where, "the corrections add up to", corrected, summary.get("corrections_minor", 0))
    for each in one["apart"]:
        moved = each["opening_minor"] + each["earned_minor"] + each.get("corrected_minor", 0) - each["spent_minor"]
        findings.same(where, f"the {each['of']} closes at", each["closing_minor"], moved)


def total_minor(one: Any) -> int:
    """Return what a statement comes to: commission and corrections."""
    return int(one["summary"]["commission_minor"] + one["summary"].get("corrections_minor", 0))


def shown(findings: Findings, where: str, page: bytes, one: Any, digest: str) -> None:
    """The page has to show the digest of the JSON it was made of, its number, and every amount of the summary."""
    text = html.unescape(re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<style.*?</style>", "", page.decode())))
    for path in missing_in(text, one, digest):
        findings.error(where, f"does not show {path}")


def missing_in(text: str, one: Any, digest: str) -> Iterator[str]:
    """What a document has to show and does not, in words: digits are compared, however they are grouped."""
    text = re.sub(r"(?<=\d)[\s.,'\u00a0\u202f](?=\d)", "", text)
    if digest not in re.sub(r"\s", "", text):
        yield f"the SHA-256 of its statement.json, {digest}"
    if (seal := one["digests"].get("previous_seal", "")[:16]) not in re.sub(r"\s", "", text):
        yield f"the SEAL before it, {seal}"
    for path, value in (("number", one["number"]), ("period", one["period"][:4])):
        if value.replace("-", "") not in text.replace("-", ""):
            yield f"its {path}, {value}"
    amounts = {entry["kind"]: entry["amount_minor"] for entry in one["summary"]["entries"]}
    amounts |= {rule["rule"]: rule["commission_minor"] for rule in one["rules"] if rule["to"] == "partner"}
    for name, minor in amounts.items():
        digits = str(abs(minor)).zfill(one["minor_digits"] + 1)
        if not re.search(rf"(?<!\d){digits}(?!\d)", text):
            yield f"its {name}, {minor} minor units"


# 4. Totals and ledger


def totals(findings: Findings, month: Month) -> None:
    """Hold totals.csv against the rules and corrections of the statements."""
    found, wanted = Counter[tuple[str, ...]](), Counter[tuple[str, ...]]()
    for row in month.table("totals.csv"):
        kind = row.get("kind", "accrual")
        found[row["partner_id"], kind, row["rule"], row["paid_to"]] += int(row["commission_minor"])
    for partner, one in month.statements.items():
        for rule in one["rules"]:
            wanted[partner, "accrual", rule["rule"], rule["to"]] += rule["commission_minor"]
        for each in one["corrections"]:
            wanted[partner, each["kind"], each["rule"], each["to"]] += each["commission_minor"]
    for key in sorted(found.keys() | wanted.keys()):
        findings.same(f"{month.name}/totals.csv", " ".join(key), found[key], wanted[key])


class Journal:
    """The ledger: every entry sums to zero, asserts what the postings come to, and what statements say."""

    def __init__(self, findings: Findings, *, whole: bool) -> None:
        self.findings, self._whole = findings, whole
        self._owed: Counter[str] = Counter()  # by account, in minor units, after the month before

    def month(self, month: Month) -> None:
        where, owed, opened = f"{month.name}/ledger.journal", Counter[str](), Counter[str]()
        moved = Counter[tuple[str, str]]()  # by title and account
        for entry in month.read("ledger.journal").decode().split("\n\n")[1:]:
            title, *legs = entry.strip("\n").split("\n")
            total = 0
            for leg in legs:
                account, _, amount = leg.strip().partition("  ")
                amount, _, assertion = amount.partition(" = ")
                minor = in_minor(amount)
                total, owed[account] = total + minor, owed[account] - minor
                if title.endswith("opening balances"):
                    opened[account] -= minor
                else:
                    moved[title.partition(" ")[2], account] -= minor
                if assertion:
                    self.findings.same(where, f"{account} is asserted to be", -in_minor(assertion), owed[account])
            self.findings.same(where, f"{title!r} sums to", total, 0)
        opened.pop("equity:opening", None)
        before = {account: minor for account, minor in self._owed.items() if minor}
        if before or self._whole:
            self.findings.same(where, "what is owed before", dict(sorted(opened.items())), dict(sorted(before.items())))
        for partner, one in month.statements.items():
            accounts = {"accrued": one["summary"]["carried_minor"]}
            accounts |= {BESIDE[each["of"]]: each["closing_minor"] for each in one["apart"] if each["of"] in BESIDE}
            for account, minor in accounts.items():
                self.findings.same(
                    where, f"{partner} is owed ({account})", owed[f"liabilities:{partner}:{account}"], minor
                )
            paid = moved[one["statement"], f"liabilities:{partner}:payable"]
            self.findings.same(where, f"to pay to {partner}", paid, one["summary"]["to_pay_minor"])
            for rule in one["rules"]:
                if rule["to"] in ("partner", *BESIDE):
                    booked = -moved.pop((one["statement"], f"expenses:commission:{rule['rule']}"), 0)
                    self.findings.same(where, f"{rule['rule']} of {partner}", booked, rule["commission_minor"])
        extra = sorted(
            f"{account} of {title}" for title, account in moved if account.startswith("expenses:commission:")
        )
        self.findings.same(where, "commission that no statement has", extra, [])
        for account, minor in owed.items():
            if account.startswith("liabilities:") and account.rpartition(":")[2] in ("accrued", *BESIDE.values()):
                self._owed[account] = minor


def in_minor(amount: str) -> int:
    """Return `RUB -12.34` of a journal in minor units."""
    return int(amount.split(" ")[1].replace(".", ""))


# 5. Lines


def received(month: Month) -> Iterable[Mapping[str, Any]] | None:
    """Every line received, as the archive holds it for everybody; None in a month of an older format."""
    return month.table("received.csv.gz") if "received.csv.gz" in month.paths else None


class Lines:
    """Every line received is counted in control.json, is settled once in all months, and earns what was paid."""

    def __init__(self, findings: Findings, read: LinesOf) -> None:
        self.findings, self._read = findings, read
        self._decided: dict[str, str] = {}  # line id -> the month that was done with it

    def month(self, month: Month) -> None:
        lines = self._read(month)
        if lines is None:
            self.findings.warning(month.name, "holds its lines as Parquet only: they were not counted")
            return
        counted, minor = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        mine: dict[str, Mapping[str, Any]] = {}
        for row in lines:
            of = row["outcome"], row["currency"] or ""
            counted[of] += 1
            minor[of] += int(row["amount_minor"] or 0)
            if row["outcome"] not in DECIDED:
                continue
            before = self._decided.setdefault(row["line_id"], month.name)
            if before != month.name or row["line_id"] in mine:
                self.findings.error(
                    f"{month.name}/lines", f"line {row['line_id']} is settled again: {before} was done with it"
                )
            mine[row["line_id"]] = row
        stated, stated_minor = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        control = month.json("control.json")
        all_of_them = (
            "received.csv.gz" in month.paths and "beside" in control
        )  # a month drafted before did not keep them
        for each in control["outcomes"]:
            if each["outcome"] == "skipped":  # rows that are no line, as the vendor says
                continue
            if each["outcome"] == "other_month" and not all_of_them:
                continue
            stated[each["outcome"], each["currency"]] += each["lines"]
            stated_minor[each["outcome"], each["currency"]] += each["amount_minor"]
        for of in sorted(counted.keys() | stated.keys()):
            words = f"lines {' '.join(of)} (lines, minor units)"
            self.findings.same(
                f"{month.name}/control.json", words, (stated[of], stated_minor[of]), (counted[of], minor[of])
            )
        paid = set()
        for partner, one in month.statements.items():
            for payment in one["payments"]:
                row = mine.get(payment["line_id"], {})
                # A refund may name its sale and no client: it is then a line of the client who paid for the sale.
                named = row.get("client_id") or (payment["client_id"] if row.get("kind") in NAMES_ANOTHER else "")
                found = row.get("outcome"), int(row.get("amount_minor") or 0), named
                wanted = "settled", payment["amount_minor"], payment["client_id"]
                self.findings.same(
                    f"{month.name}/lines", f"line {payment['line_id']}, which {partner} is paid for", found, wanted
                )
                paid.add(payment["line_id"])
        unpaid = [line for line, row in mine.items() if row["outcome"] == "settled" and line not in paid]
        self.findings.same(f"{month.name}/lines", "settled lines that are on no statement", sorted(unpaid)[:10], [])


# 6. Claims


class Claims:
    """A client is attributed once, to the claim that the statement names."""

    def __init__(self, findings: Findings, *, whole: bool) -> None:
        self.findings, self._whole = findings, whole
        self._claims: dict[str, Any] = {}  # by id
        self._all_claims = True  # no month came before claims were archived
        self._clients: dict[str, str] = {}  # client -> claim id

    def month(self, month: Month) -> None:
        if "claims.csv.gz" not in month.paths:
            self._all_claims = False
            return
        where = f"{month.name}/claims.csv.gz"
        for row in month.table("claims.csv.gz"):
            if row["claim_id"] in self._claims:
                self.findings.error(where, f"claim {row['claim_id']} was decided before")
            self._claims[row["claim_id"]] = row
            if row["outcome"] == "accepted":
                other = self._clients.setdefault(row["client_id"], row["claim_id"])
                self.findings.same(where, f"{row['client_id']} is attributed by", row["claim_id"], other)
        for partner, one in month.statements.items():
            for client in (client for rule in one["rules"] if rule["bond"] == "claim" for client in rule["clients"]):
                claim = self._claims.get(client["claim_id"])
                if client["claim_id"] and claim:
                    found = claim["partner_id"], claim["client_id"], claim["claimed_on"], claim["outcome"]
                    wanted = partner, client["client_id"], client["claimed_on"], "accepted"
                    self.findings.same(where, f"claim {client['claim_id']}", found, wanted)
                elif client["claim_id"] and self._whole and self._all_claims:
                    self.findings.error(where, f"{partner} earns on claim {client['claim_id']}, which no month decided")


# 7. The audit trail


class Trail:
    """The audit trail up to each approval: no gap, every entry as its digest says, each statement as issued."""

    def __init__(self, findings: Findings, *, whole: bool) -> None:
        self.findings, self._whole = findings, whole
        self._trail: tuple[int, str] | None = None  # the last entry so far
        self._said: set[tuple[str, str, str]] = set()  # what was consented to, by whom and when

    def month(self, month: Month) -> None:
        if not (month.is_first or self._whole):  # what was sealed between the two is out of reach
            self._trail = None
        seal = month.json("SEAL")
        if "audit.jsonl.gz" not in month.paths:
            return
        where, last = f"{month.name}/audit.jsonl.gz", self._trail
        issued: dict[str, str] = {}
        draft = seal["draft"] if month.is_first else seal["restates"]["draft"]
        given = {(draft, each["by"], each["at"]) for each in seal["consents"]}
        approved = "month.approved" if month.is_first else "month.restated"
        for line in unpacked(month.read("audit.jsonl.gz")).splitlines():
            entry = json.loads(line)
            digest = entry.pop("digest")
            self.findings.same(where, f"entry {entry['seq']} bears", digest, sha256(canonical(entry)))
            if last:
                self.findings.same(where, "entries follow", (entry["seq"], entry["previous"]), (last[0] + 1, last[1]))
            last = entry["seq"], digest
            if entry["event"] == "statement.issued" and entry["period"] == month.period:
                issued[entry["subject"]] = entry["about"]
            if entry["event"] in ("draft.consented", "draft.prepared"):
                self._said.add((entry["about"], entry["subject"], entry["at"]))
            if entry["event"] == approved and entry["period"] == month.period:
                found = entry["about"], entry["subject"], entry["at"]
                self.findings.same(
                    where, "approved", found, (seal["draft"], seal["approved"]["by"], seal["approved"]["at"])
                )
        self.findings.same(where, "consents without an entry", sorted(given - self._said), [])
        self.findings.same(where, "it ends with", last, (seal["audit"]["seq"], seal["audit"]["digest"]))
        self._trail = last
        mine = {one["statement"]: month.digests[partner] for partner, one in month.statements.items()}
        self.findings.same(where, "statements issued", sorted(issued.items()), sorted(mine.items()))


# 8. Signed approvals


class Approvals:
    """Where approval is signed: by keys of approvers.csv, on their days and up to their amounts.

    Somebody in the list before signs a change of it, and the month that asks for signatures no more.
    """

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self._wants_signatures = False  # whether the programme of the month before asked for them
        self._approvers: list[dict[str, str]] | None = None  # of the month before

    def month(self, month: Month) -> None:
        where, seal, draft = f"{month.name}/approvals.json", month.json("SEAL"), month.json("draft.json")
        if not month.stored or "programme.yaml" not in draft["inputs"]:
            return
        programme = month.stored(draft["inputs"]["programme.yaml"]).decode()
        asks = re.search(r"(?m)^['\"]?approval['\"]?\s*:\s*['\"]?signed\b", programme) is not None
        before, self._approvers = self._approvers, None
        if name := draft["inputs"].get("approvers.csv"):
            self._approvers = list(csv.DictReader(io.StringIO(month.stored(name).decode("utf-8-sig"))))
        if (asks or self._wants_signatures) and seal.get("approval") != "signed":
            self.findings.error(
                f"{month.name}/SEAL", "says that the approval was not signed, and the programme asks for it"
            )
        self._wants_signatures = asks
        if seal.get("approval") != "signed":
            return
        given = month.json("approvals.json")
        self.findings.same(where, "its draft", given["draft"], seal["draft"])
        pays = sum(one["summary"]["to_pay_minor"] for one in month.statements.values())
        now = self._approvers if self._approvers is not None else before
        lists = [each for each in (now, before) if each is not None]
        counts: set[tuple[str, int]] = set()
        for each in given["signatures"]:
            try:
                key = key_of(each["signature"])
                fault = signature_fault(f"{seal['draft']}\n".encode(), each["signature"], key)
            except FileNotFoundError:
                self.findings.warning(where, "its signatures were not checked: there is no ssh-keygen")
                return
            if fault:
                self.findings.error(where, f"the signature of {each['by']} is not good: {fault}")
                continue
            counts |= {
                (each["by"], place)
                for place, rows in enumerate(lists)
                if any(may_sign(row, each["by"], key, each["at"][:10], pays) for row in rows)
            }
        for name in seal["approved"]["by"].split(", "):
            if name not in {by for by, _ in counts}:
                self.findings.error(where, f"{name} approved, by no signature that approvers.csv lets count")
        for place in range(len(lists)):
            if place not in {of for _, of in counts}:
                self.findings.error(
                    where, f"nobody of the approvers of {'this month' if place == 0 else 'the month before'} signed"
                )


def key_of(signature: str) -> str:
    """Return the public key in an SSH signature: after its first ten bytes, as a string with its length before it."""
    data = base64.b64decode("".join(signature.split("\n")[1:-2]))
    key = data[14 : 14 + int.from_bytes(data[10:14], "big")]
    return f"{key[4 : 4 + int.from_bytes(key[:4], 'big')].decode()} {base64.b64encode(key).decode()}"


def may_sign(row: Mapping[str, str], by: str, key: str, day: str, pays: int) -> bool:
    """Whether a row of approvers.csv lets a key sign for somebody on a day: its days may be written as months."""
    since, until, most = row["from"].strip(), (row.get("until") or "").strip(), (row.get("up_to_minor") or "").strip()
    mine = " ".join(row["name"].split()) == by and row["key"].split()[:2] == key.split()
    in_force = since <= day[: len(since)] and (not until or day[: len(until)] <= until)
    return mine and in_force and (not most or pays <= int(most))


def signature_fault(text: bytes, signature: str, key: str) -> str:
    """Return why `ssh-keygen` says that an approval's signature is not that of a key; blank where it is."""
    with tempfile.TemporaryDirectory() as folder:
        signers, made = Path(folder, "signers"), Path(folder, "signature")
        signers.write_text(f"approver {key}\n")
        made.write_text(signature)
        command = ["ssh-keygen", "-Y", "verify", "-n", "settlement-approval", "-I", "approver"]
        command += ["-f", str(signers), "-s", str(made)]
        done = subprocess.run(command, input=text, capture_output=True, check=False)  # noqa: S603
    return (done.stdout + done.stderr).decode(errors="replace").strip() if done.returncode else ""


# 9. All of it, month by month


class Books:
    """What the months of one programme say, held against each other, oldest first. `findings` says what differs."""

    def __init__(self, statement: Reader | None = None, lines: LinesOf | None = None, *, whole: bool = True) -> None:
        # whole: the first month given is the programme's first; else what it continues is not known
        self.findings = findings = Findings()
        self._of_every: Checks = (
            ("documents", partial(documents, findings)),
            ("statements", Statements(findings, statement or statement_of, whole=whole).month),
            ("totals", partial(totals, findings)),
        )
        # A later version decides nothing of these.
        self._of_first: Checks = (
            ("journal", Journal(findings, whole=whole).month),
            ("lines received", Lines(findings, lines or received).month),
            ("claims", Claims(findings, whole=whole).month),
            ("approvals", Approvals(findings).month),
        )
        self._last: Checks = (("audit trail", Trail(findings, whole=whole).month),)

    def month(self, month: Month) -> None:
        """Hold one month against itself and against those before it."""
        for name, check in (*self._of_every, *(self._of_first * month.is_first), *self._last):
            try:
                check(month)
            except NOT_UNDERSTOOD as fault:
                self.findings.error(month.name, f"its {name} cannot be checked: {not_as_written(fault)}")


# 10. One statement alone


class Bundle:
    """A folder that holds one statement and its proof; what is wrong with it comes out as `findings`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.findings = folder, Findings()
        self.bytes = sum(path.stat().st_size for path in folder.iterdir())

    def verify(self) -> int:
        """Add the statement up, and follow its proof to the root that SEAL names. Returns 1: one statement."""
        data, sealed = self._read("statement.json"), self._read("SEAL")
        one, seal, proof = statement_of(data), json.loads(sealed), json.loads(self._read("proof.json"))
        partner, same = one["partner"]["partner_id"], self.findings.same
        files = sorted(path.name for path in self.folder.iterdir() if path.name.startswith("statement."))
        (top,) = leaves({f"statements/{partner}/{name}": sha256(self._read(name)) for name in files})
        same("proof.json", "the leaf", proof["leaf"], top)
        for side, digest in proof["neighbours"]:
            top = root([digest, top] if side == "left" else [top, digest])
        same("SEAL", "the root of its statements", seal["statements"]["root"], top)
        same("statement.json", "its key", one["statement"], f"{partner}/{seal['period']}/v{seal['version']}")
        same("statement.json", "its draft", one["digests"]["draft"], seal["draft"])
        Statements(self.findings, statement_of, whole=False).pinned("statement.json", one, seal)
        same("programme.yaml", "its SHA-256", sha256(self._read("programme.yaml")), one["digests"]["programme"])
        adds_up(self.findings, "statement.json", one)
        shown(self.findings, "statement.html", self._read("statement.html"), one, sha256(data))
        paid = [(each["line_id"], each["base_minor"]) for each in self._rows("payments.csv")]
        stated = [(each["line_id"], str(each["base_minor"])) for each in one["payments"]]
        same("payments.csv", "the payments", paid, stated)
        claims = {each["claim_id"]: (each["partner_id"], each["client_id"]) for each in self._rows("claims.csv")}
        for client in (client for rule in one["rules"] if rule["bond"] == "claim" for client in rule["clients"]):
            if claim := client["claim_id"]:
                same("claims.csv", f"claim {claim}", claims.get(claim), (partner, client["client_id"]))
        words = f"its SHA-256 is {sha256(sealed)}: compare it with the one that the vendor gives for the month"
        self.findings.warning("SEAL", words)
        return 1

    def _read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def _rows(self, name: str) -> Iterable[Mapping[str, str]]:
        return csv.DictReader(io.StringIO(self._read(name).decode()))


def main() -> int:
    """Verify what the command line names, and say in words what does not hold."""
    parser = argparse.ArgumentParser(description="Verify an archive of partner settlements.")
    parser.add_argument("folder", type=Path, help="the archive, one programme of it, or a bundle")
    parser.add_argument("--allowed-signers", default="", help="who may sign seals, as ssh-keygen reads it")
    parser.add_argument("--head", default="", help="the SHA-256 of the newest SEAL, as it was kept elsewhere")
    asked = parser.parse_args()
    alone = (asked.folder / "proof.json").is_file()
    archive = Bundle(asked.folder) if alone else Archive(asked.folder, asked.allowed_signers, asked.head)
    try:
        found = archive.verify()
    except NOT_UNDERSTOOD as fault:
        found = 0
        archive.findings.error(str(asked.folder), f"cannot be checked: {not_as_written(fault)}")
    for severity, where, words in archive.findings:
        print(ascii(f"{severity}: {where}: {words}")[1:-1])  # no name of a file may write on the screen
    holds = found > 0 and not any(severity == "error" for severity, _, _ in archive.findings)
    read = f"{found} {'statements' if alone else 'sealed months'}, {archive.bytes} bytes read."
    print(f"{asked.folder} {'holds' if holds else 'DOES NOT HOLD'}: {read}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
