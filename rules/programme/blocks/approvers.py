"""Approvers: who may sign for a month, by which key, when and up to what amount; and who signs a change of that."""

import base64
import binascii
from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import sha256
from typing import NamedTuple

from models.errors import BadInput
from models.money import Money
from models.vendor import Approver

KINDS = ("ssh-ed25519", "sk-ssh-ed25519@openssh.com")
"""Keys that may sign: in a file, an agent, or a token that is touched."""

ARMOUR = ("-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----")
MAGIC = b"SSHSIG\x00\x00\x00\x01"

Approvers = tuple[Approver, ...]


class Signature(NamedTuple):
    """Whose yes was signed, by which key, on which day."""

    by: str
    key: str
    day: date


class SignedFor(NamedTuple):
    """What a signature is judged by: the approvers of the month and of the month before, and what the month pays."""

    approvers: Approvers
    before: Approvers | None  # None: the month before had no such file
    pays: Money

    @property
    def lists(self) -> tuple[Approvers, ...]:
        """The lists of which each needs somebody's signature: two, where the list was changed."""
        return (self.approvers,) if self.before in (None, self.approvers) else (self.approvers, self.before or ())


def signed_text(draft_digest: str) -> bytes:
    """Return what is signed: the draft's digest, and a line feed."""
    return f"{draft_digest}\n".encode()


def public_key(written: str) -> str:
    """Return a public key without its comment. Raises BadInput for what is no key that may sign."""
    kind, _, rest = written.strip().partition(" ")
    data = rest.split(" ")[0]
    try:
        known = kind in KINDS and _first(base64.b64decode(data, validate=True)) == kind.encode()
    except (ValueError, binascii.Error):
        known = False
    if not known:
        raise BadInput(
            f"{written[:60]!r} is no public key of {' or '.join(KINDS)}: copy the line of the .pub file, as "
            "`ssh-keygen -t ed25519` writes it"
        )
    return f"{kind} {data}"


def key_in(signature: str) -> str:
    """Return the public key that an SSH signature says it was made by. Raises BadInput for what is no signature."""
    lines = signature.strip().splitlines()
    try:
        if (lines[0], lines[-1]) != ARMOUR:
            raise ValueError
        data = base64.b64decode("".join(lines[1:-1]), validate=True)
        if not data.startswith(MAGIC):
            raise ValueError
        key = _first(data[len(MAGIC) :])
        return f"{_first(key).decode()} {base64.b64encode(key).decode()}"
    except (ValueError, IndexError, binascii.Error):
        raise BadInput("this is no SSH signature: ssh-keygen -Y sign makes one, in a file that ends in .sig.") from None


def fingerprint(key: str) -> str:
    """Return a public key's fingerprint, as `ssh-keygen -l` prints it."""
    digest = sha256(base64.b64decode(key.partition(" ")[2])).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def name_of(key: str, approvers: Iterable[Approver]) -> str:
    """Return whose key it is; blank where it is nobody's."""
    return next((each.name for each in approvers if each.key == key), "")


def refusal(signature: Signature, approvers: Sequence[Approver], pays: Money) -> str:
    """Return why a signature does not count by a list of approvers; blank where it does."""
    rows = [each for each in approvers if each.key == signature.key]
    if not rows:
        names = ", ".join(sorted({each.name for each in approvers})) or "nobody"
        return f"the key {fingerprint(signature.key)} is not in approvers.csv, which lists keys of {names}."
    mine = [each for each in rows if each.name == signature.by]
    if not mine:
        return f"the key {fingerprint(signature.key)} is {rows[0].name}'s, and the yes is {signature.by}'s."
    standing = [
        each for each in mine if each.from_day <= signature.day and (each.until is None or signature.day <= each.until)
    ]
    if not standing:
        last = max(mine, key=lambda each: each.from_day)
        ended = f"ended on {last.until}" if last.from_day <= signature.day else f"begins on {last.from_day}"
        return f"the key {fingerprint(signature.key)} of {signature.by} {ended}, and the yes is of {signature.day}."
    limits = [each.up_to_minor for each in standing]
    most = None if None in limits else max(limit for limit in limits if limit is not None)
    if most is not None and pays.minor > most:
        may = Money(minor=most, currency=pays.currency)
        return (
            f"{signature.by} signs for at most {may}, and the month pays {pays}: somebody with a higher amount signs."
        )
    return ""


def lacking(signatures: Sequence[Signature], signed_for: SignedFor) -> str:
    """Return what a month still needs before it is approved; blank where the signatures are enough."""
    if not signatures:
        return "it needs the signature of an approver"
    for approvers in signed_for.lists:
        refused = [refusal(each, approvers, signed_for.pays) for each in signatures]
        if "" not in refused:
            whom = (
                "approvers" if approvers == signed_for.approvers else "approvers of the month before, who were changed,"
            )
            return f"none of the {whom} has signed: {' '.join(refused).rstrip('.')}"
    return ""


def counted(signatures: Iterable[Signature], signed_for: SignedFor) -> tuple[str, ...]:
    """Return whose signatures count, by the approvers of the month or of the month before."""
    return tuple(
        each.by
        for each in signatures
        if any(not refusal(each, approvers, signed_for.pays) for approvers in signed_for.lists)
    )


def _first(data: bytes) -> bytes:
    """The first string of SSH's binary format: its length in four bytes, and as many bytes."""
    length = int.from_bytes(data[:4], "big")
    if len(data) < 4 or length > len(data) - 4:
        raise ValueError
    return data[4 : 4 + length]
