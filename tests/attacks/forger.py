"""A forger who can write to an archive, and makes its sums and seals anew so that they fit: what lies deeper remains."""

import json
from pathlib import Path

from models.canonical import canonical_json, sha256
from rules.archive.layout import SEAL, SHA256SUMS


def rewrite(file: Path, data: bytes) -> None:
    """Change a file of the archive, which was written read-only."""
    file.chmod(0o644)
    file.write_bytes(data)


def _digest(file: Path) -> str:
    return sha256(file.read_bytes()) if file.exists() else "0" * 64


def resealed(programme: Path) -> None:
    """Make SHA256SUMS, SEAL and the chain of every month anew, as its files are now."""
    previous = ""
    for folder in sorted(seal.parent for seal in programme.glob("*/v*/SEAL")):
        files = {
            path.relative_to(folder).as_posix(): sha256(path.read_bytes())
            for path in folder.rglob("*")
            if path.is_file() and not path.name.startswith(SEAL) and path != folder / SHA256SUMS
        }
        sums = "".join(f"{digest}  {path}\n" for path, digest in sorted(files.items())).encode()
        rewrite(folder / SHA256SUMS, sums)
        seal = json.loads((folder / SEAL).read_bytes())
        seal |= {
            "sha256sums": sha256(sums),
            "files": len(files),
            "previous": previous,
            "draft": sha256((folder / "draft.json").read_bytes()),
        }
        if "restates" in seal:  # a later version names the one before it, and the draft that settles it
            settling = programme / seal["restates"]["settled_in"] / "v1/draft.json"
            before = folder.parent / f"v{seal['version'] - 1}" / SEAL
            seal["restates"] |= {"seal": _digest(before), "draft": _digest(settling)}
        rewrite(folder / SEAL, canonical_json(seal))
        previous = sha256((folder / SEAL).read_bytes())
