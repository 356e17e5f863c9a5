"""Whether a process still lives: told apart from a later one with its number, and from one of another machine."""

import os
import socket
from pathlib import Path

from models.canonical import sha256

STATE, STARTED = 0, 19  # fields of /proc/PID/stat, counted from after the command's name


def machine() -> str:
    """Name the place where process numbers mean what they mean here: containers may share a name, not processes."""
    namespace = Path("/proc/self/ns/pid")
    place = _text("/etc/machine-id") + (os.readlink(namespace) if namespace.exists() else "")
    return f"{socket.gethostname()} {sha256(place.encode())[:8]}"


def birth(pid: int) -> str:
    """Return when the process started, as boot and clock tick; blank where the system does not tell."""
    fields = _fields(pid)
    return f"{_text('/proc/sys/kernel/random/boot_id')[:8]}.{fields[STARTED]}" if fields else ""


def has_ended(pid: int, born: str) -> bool:
    """Whether the process of this machine that had this number and this birth is no more."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass  # it lives, and belongs to somebody else
    fields = _fields(pid)
    is_zombie = bool(fields) and fields[STATE] in "ZX"
    return is_zombie or ("" not in (born, birth(pid)) and born != birth(pid))


def _fields(pid: int) -> list[str]:
    return _text(f"/proc/{pid}/stat").rpartition(")")[2].split()


def _text(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""  # a system without it, or a process that is not ours to look at
