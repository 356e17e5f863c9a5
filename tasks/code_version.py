"""The code that made a draft: its version, and a digest of every file that decides a figure or a document."""

from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("models", "rules", "expectations", "engine", "tasks", "flows", "templates")


@cache
def lock_digest() -> str:
    """Return the SHA-256 of uv.lock, which names every library by its own digest; blank where it is not installed."""
    lock = ROOT / "uv.lock"
    return sha256(lock.read_bytes()).hexdigest() if lock.is_file() else ""


@cache
def code_version() -> str:
    """Return for example `0.1.0+3fa9c2d41b7e`: another digest means other code, so an earlier consent is void."""
    digest = sha256()
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(ROOT).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    return f"{version('partner-settlement')}+{digest.hexdigest()[:12]}"
