"""Keys of OpenSSH, made for a test."""

import subprocess
from pathlib import Path


def made_key(folder: Path, name: str) -> Path:
    """Return the private key of a name in a folder; it is made where there is none, its public half beside it."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    if not path.exists():
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"{name}@desk", "-f", path], check=True)
    return path


def allowed(folder: Path, key: Path, programme: str = "test-partners") -> Path:
    """Return a file of allowed signers that lets one key sign a programme's seals."""
    path = folder / "signers"
    public = key.with_suffix(".pub").read_text()
    path.write_text(f'{programme} namespaces="settlement-seal" {public}')
    return path
