"""Signatures of seals and of approvals: made and checked by `ssh-keygen -Y`, which every auditor has."""

import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from models.errors import BadInput, WrongUse
from rules.archive.seal import Seal
from tasks.auditing.verify import signature_fault

NAMESPACE, APPROVAL = "settlement-seal", "settlement-approval"
"""What the signature is for: one made for anything else is none of a seal, or of an approval."""

NO_SSH_KEYGEN = "there is no ssh-keygen here: install OpenSSH, which makes signatures and checks them."

ARMOUR = re.compile(rb"-----BEGIN SSH SIGNATURE-----\n[A-Za-z0-9+/=\n]+-----END SSH SIGNATURE-----\n")


def sign(seal: bytes, key: Path) -> bytes:
    """Return the signature of a seal. `key` is a private key, or the public half of one that an agent holds.

    ssh-ed25519 only: the same key and seal give the same bytes, so a close that was cut off signs the same again.
    Raises BadInput.
    """
    given = f"SETTLE_SEAL_KEY={key}"
    if "ED25519" not in _run(["ssh-keygen", "-l", "-f", str(key)], key, b"", given).decode(errors="replace").upper():
        raise BadInput(f"SETTLE_SEAL_KEY={key} is no ssh-ed25519 key. Make one: ssh-keygen -t ed25519 -f FILE")
    return _signature(seal, key, NAMESPACE, f"SETTLE_SEAL_KEY={key}")


def sign_approval(text: bytes, key: Path) -> str:
    """Return the signature of an approval, by a private key, or by the public half of one that an agent holds."""
    return _signature(text, key, APPROVAL, f"--sign {key}").decode()


def approval_fault(text: bytes, signature: str, key: str) -> str:
    """Return why a signature of an approval is not that of a key; blank: it is."""
    try:
        return signature_fault(text, signature, key)
    except FileNotFoundError as fault:
        raise BadInput(NO_SSH_KEYGEN) from fault


def _signature(text: bytes, key: Path, namespace: str, given: str) -> bytes:
    signature = _run(["ssh-keygen", "-Y", "sign", "-q", "-f", str(key), "-n", namespace], key, text, given)
    if not ARMOUR.fullmatch(signature):
        raise BadInput(f"{given}: ssh-keygen gave no signature.")
    return signature


def fault_of(seal: Seal, signature: bytes, signers: Path | None) -> str:
    """Return why a signature is not that of a key which might sign the seal on the day of its approval; blank: it is.

    `signers` is the file of allowed signers, as ssh-keygen reads it; the programme's name is the principal. None: any
    key may, and the signature is good by the key that it bears itself.
    """
    assert seal.approved is not None, "a signed seal says when it was approved"
    command = ["ssh-keygen", "-Y", "check-novalidate"]
    if signers is not None:
        if not signers.is_file():
            raise WrongUse(f"{signers} is no file: name the file of keys that may sign seals.")
        day = seal.approved.at[:10].replace("-", "")
        command = ["ssh-keygen", "-Y", "verify", "-I", seal.programme, "-f", str(signers), f"-Overify-time={day}"]
    with tempfile.NamedTemporaryFile() as file:
        file.write(signature)
        file.flush()
        done = _done([*command, "-n", NAMESPACE, "-s", file.name], seal.to_bytes())
    return "" if done.returncode == 0 else _words(done) or f"ssh-keygen ended with {done.returncode}"


def _run(command: Sequence[str], key: Path, text: bytes, given: str) -> bytes:
    if not key.is_file():
        raise WrongUse(f"{given} is no file: name a key of ssh-ed25519, or its .pub where an agent has it.")
    done = _done(command, text)
    if done.returncode:
        raise BadInput(f"{given} cannot sign: {_words(done)}")
    return done.stdout


def _done(command: Sequence[str], given: bytes) -> "subprocess.CompletedProcess[bytes]":
    try:
        # No terminal to ask for a passphrase: a key that has one is given to an agent.
        return subprocess.run(  # noqa: S603  (our own words, and files the settings name)
            command, input=given, capture_output=True, check=False, timeout=60, start_new_session=True
        )
    except FileNotFoundError as fault:
        raise BadInput(NO_SSH_KEYGEN) from fault
    except subprocess.TimeoutExpired as fault:
        raise BadInput(f"{command[0]} did not answer in 60 seconds: does the key ask for a passphrase?") from fault


def _words(done: "subprocess.CompletedProcess[bytes]") -> str:
    return " ".join((done.stdout + done.stderr).decode(errors="replace").split())
