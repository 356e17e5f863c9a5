"""Plain files: a name in the vendor's folder that leads nowhere, or to a pipe or a device, is refused by name."""

import os
import stat
from pathlib import Path

from models.errors import BadInput

WORDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def is_there(path: Path) -> bool:
    """Return whether there is anything by this name, also a link that leads nowhere."""
    return os.path.lexists(path)


def must_be_plain(path: Path, place: str) -> None:
    """Raise BadInput, naming `place`, where the path does not lead to a regular file that is there."""
    try:
        kind = stat.S_IFMT(path.stat().st_mode)
    except OSError as error:
        if path.is_symlink():
            where = f"{place} is a link that leads nowhere ({os.readlink(path)})"
            raise BadInput(f"{where}, so nothing of it can be read: mend the link, or take it away.") from None
        raise BadInput(f"{place} cannot be read: {error.strerror or error}.") from None
    if kind != stat.S_IFREG:
        raise BadInput(f"{place} is {WORDS.get(kind, 'no file')}: put a plain file there, or take it away.")
