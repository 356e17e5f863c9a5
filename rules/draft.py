"""A draft: a settlement not yet approved, as one document whose digest a person can consent to."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from models.billing import NOT_KEPT, RejectedRecord
from models.canonical import canonical_json, sha256
from models.errors import CannotApprove
from models.money import major
from models.period import Period, Version
from models.restated import Restated
from models.vendor import Attribution, Claim, RejectedClaim, Tally

if TYPE_CHECKING:  # a draft is read and shown where no programme is
    from rules.programme.file import Programme
    from rules.statement.body import Body

FORMAT = 2
"""Of the draft's document. Format 1 had no `results`: what was worked out stood among the inputs."""

CHANGES = 10
"""Partners a draft compares with last month, largest change first."""


@dataclass(frozen=True)
class DraftFindings:
    """What a person should know before saying yes to a draft. No part of what the digest is of."""

    changed: tuple[str, ...] = ()  # programme and rows of tables that closed months were settled by, rewritten since
    warnings: tuple[str, ...] = ()
    rejected: tuple[RejectedRecord, ...] = ()  # the first faults of lines, and of events
    faults: int = 0  # how many there are
    every_rejected: Callable[[], Iterable[RejectedRecord]] = field(default=tuple, compare=False)  # all of them
    stopped: tuple[str, ...] = ()  # why the month cannot be approved; empty when it can
    empty: tuple[str, ...] = ()  # why it cannot without a word that it may be empty
    last_commission_minor: Mapping[str, int] = field(default_factory=dict)  # by partner, of the month before


@dataclass(frozen=True)
class Draft:
    """Everything that becomes fact at approval. The same inputs, programme and code give the same digest."""

    period: Period
    programme: "Programme"
    code: str
    statements: "tuple[Body, ...]"  # by partner id
    claims: tuple[Claim, ...]  # every valid claim known
    attributions: tuple[Attribution, ...]
    rejected_claims: tuple[RejectedClaim, ...]
    tallies: tuple[Tally, ...]  # every line received, by outcome, reason and currency
    events: tuple[Tally, ...]  # every event received, by outcome and reason
    control: str  # agrees | absent | disagrees: such a draft cannot be approved
    inputs: Mapping[str, str]  # what it rests on: name -> the name it is stored by
    results: Mapping[str, bytes]  # what was worked out, by name
    findings: DraftFindings = DraftFindings()
    beside: Mapping[str, str] = field(default_factory=dict)  # kept with it and no part of it, as `inputs` are named
    restated: Restated | None = None  # of a later version of a month
    versions: tuple["Draft", ...] = ()  # the later versions of closed months that become facts with it

    @property
    def version(self) -> Version:
        return Version(self.period) if self.restated is None else self.restated.version

    @property
    def numbered_in(self) -> Period:
        """The month whose approval gives the statements their numbers."""
        return self.period if self.restated is None else self.restated.settled_in_month

    @cached_property
    def document(self) -> bytes:
        """The draft as canonical JSON. What is not kept, such as lines of other months, is no part of it."""
        return canonical_json(
            {
                "format": FORMAT,
                "period": str(self.period),
                "programme": {"name": self.programme.programme, "digest": self.programme.digest},
                "code": self.code,
                "inputs": dict(self.inputs),
                "results": {name: file_key(name, data) for name, data in self.results.items()},
                "outcomes": [tally.model_dump() for tally in self.tallies if tally.outcome not in NOT_KEPT],
                "events": [tally.model_dump() for tally in self.events if tally.outcome not in NOT_KEPT],
                "control": self.control,
                "attributions": listed(bond.as_json() for bond in self.attributions),
                "rejected_claims": listed(lost.as_json() for lost in self.rejected_claims),
                "statements": [totals(body) for body in self.statements],
                **self._restating(),
            }
        )

    def _restating(self) -> dict[str, Any]:
        """What only a restatement says, and the month that settles one: whoever consents to it consents to both."""
        said: dict[str, Any] = {}
        if self.versions:
            said["versions"] = [{"version": str(each.version), "draft": each.digest} for each in self.versions]
        if self.restated:
            said["restated"] = self.restated.model_dump(mode="json", exclude={"superseded"})
        return said

    @cached_property
    def digest(self) -> str:
        return sha256(self.document)

    def must_balance(self, *, may_be_empty: bool = False) -> None:
        """Raise CannotApprove where lines are lost or could not be read, where the vendor's totals differ, where the
        month costs too much, or where it has no new line and may not be empty.
        """
        if why := self.findings.stopped + (() if may_be_empty else self.findings.empty):
            raise CannotApprove(
                f"{self.period} cannot be approved:\n  " + "\n  ".join(why) + "\n"
                "Nothing was settled. Correct the billing, control.csv or programme.yaml, and run the month again."
            )

    def changes(self) -> list[str]:
        """What differs most from the month before, in words: each partner's commission then and now."""
        now = {body.partner_id: body.summary.commission_minor for body in self.statements}
        before = self.findings.last_commission_minor
        moved = {partner: now.get(partner, 0) - before.get(partner, 0) for partner in now.keys() | before.keys()}
        largest = sorted((p for p in moved if moved[p]), key=lambda partner: (-abs(moved[partner]), partner))

        def money(minor: int) -> str:
            return major(minor, self.programme.currency)

        return [
            f"{partner}: {money(before.get(partner, 0))} last month, {money(now.get(partner, 0))} now "
            f"({'+' if moved[partner] > 0 else ''}{money(moved[partner])})"
            for partner in largest[:CHANGES]
        ]


def file_key(name: str, data: bytes) -> str:
    """The name a file is stored by: its digest, and what kind of file it is."""
    return f"{sha256(data)}.{name.partition('.')[2]}"


def inputs_of(document: str) -> dict[str, str]:
    """Return the name each of a draft's files, inputs and results, is stored by (`{sha256}.{kind}`).

    In format 1 results stood among the inputs.
    """
    said: dict[str, dict[str, str]] = json.loads(document)
    return said["inputs"] | said.get("results", {})


def versions_in(document: str) -> tuple[Version, ...]:
    """Return the later versions of closed months that a draft settles, in their order."""
    said: list[dict[str, str]] = json.loads(document).get("versions", [])
    return tuple(Version.parse(each["version"]) for each in said)


def restated_in(document: str) -> dict[str, Any] | None:
    """Return what a draft of a later version says of it (Restated, without the statements); None for a first one."""
    said: dict[str, Any] | None = json.loads(document).get("restated")
    return said


def listed(values: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return how many values there are, and the SHA-256 of the canonical JSON of their list, made a value at a time."""
    digest, count = hashlib.sha256(b"["), 0
    for count, value in enumerate(values, start=1):
        digest.update((b"," if count > 1 else b"") + canonical_json(value).rstrip(b"\n"))
    digest.update(b"]\n")
    return {"count": count, "digest": digest.hexdigest()}


def totals(body: "Body") -> dict[str, Any]:
    """The figures of a statement that a person compares before saying yes."""
    return {
        "partner": body.partner_id,
        "opening_minor": body.summary.opening_minor,
        "commission_minor": body.summary.commission_minor,
        "corrections_minor": body.summary.corrections_minor,
        **({"held_minor": minor} if (minor := body.summary.held_minor) else {}),  # drafts were made before it could be
        "to_pay_minor": body.summary.to_pay_minor,
        "carried_minor": body.summary.carried_minor,
    }


def control_json(
    period: Period,
    tallies: Iterable[Tally],
    events: Iterable[Tally],
    control: str,
    beside: Mapping[str, str] | None = None,
) -> bytes:
    """Return control.json: every line and event received, those not kept too, by outcome, reason and currency.

    `beside` names what is kept of the lines left to other months.
    """
    listed = [tally.model_dump() for tally in tallies]
    received: dict[str, dict[str, int]] = {}
    for tally in listed:
        sums = received.setdefault(tally["currency"], {"lines": 0, "amount_minor": 0})
        sums["lines"] += tally["lines"]
        sums["amount_minor"] += tally["amount_minor"]
        if unread := tally.get("unread"):
            sums["unread"] = sums.get("unread", 0) + unread
    return canonical_json(
        {
            "period": str(period),
            "control": control,
            "received": received,
            "outcomes": listed,
            "events": [tally.model_dump() for tally in events],
            **({"beside": dict(beside)} if beside else {}),
        }
    )
