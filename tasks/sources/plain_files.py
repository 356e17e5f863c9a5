"""Plain files: what leads out of the vendor's folder, nowhere, or to a pipe or device, or is too large, is refused."""

import glob
import os
import stat
from pathlib import Path

from models.errors import BadInput
from models.money import grouped

MB = 1_000_000

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


def named_in(folder: Path, name: str) -> Path:
    """Return the folder out of which no link may lead from a name, or from what a glob matches.

    It is the vendor's folder, or the one that is written out: of `/data/2026/*.csv` it is `/data/2026`.
    """
    written = Path(name).parent.parts
    plain = next((place for place, part in enumerate(written) if glob.has_magic(part)), len(written))
    place = Path(os.path.normpath(folder.absolute().joinpath(*written[:plain])))
    return folder if place.is_relative_to(os.path.normpath(folder.absolute())) else place


def must_be_plain(path: Path, place: str, folder: Path) -> None:
    """Raise BadInput, naming `place`, where the path does not lead to a regular file in the folder."""
    try:
        kind = stat.S_IFMT(path.stat().st_mode)
    except OSError as error:
        if path.is_symlink():
            where = f"{place} is a link that leads nowhere ({os.readlink(path)})"
            raise BadInput(f"{where}, so nothing of it can be read: mend the link, or take it away.") from None
        raise BadInput(f"{place} cannot be read: {error.strerror or error}.") from None
    if kind != stat.S_IFREG:
        raise BadInput(f"{place} is {WORDS.get(kind, 'no file')}: put a plain file there, or take it away.")
    must_stay_in(path, place, folder)


def must_stay_in(path: Path, place: str, folder: Path) -> None:
    """Raise BadInput, naming `place`, where a link on the way to the path leads out of the folder."""
    leads_to = Path(os.path.realpath(path))
    if not leads_to.is_relative_to(os.path.realpath(folder)):
        raise BadInput(
            f"{place} leads out of {folder}, to {leads_to}, by a link: whoever writes there would write what is paid. "
            f"Put the file itself into the folder, or take the link away."
        )


def must_be_small(path: Path, place: str, largest_mb: int, setting: str) -> None:
    """Raise BadInput where a file has more than so many MB; the message names the setting that allows more."""
    if (size := path.stat().st_size) > largest_mb * MB:
        raise BadInput(
            f"{place} has {grouped(size)} bytes, more than the {largest_mb} MB of {setting}: it is hardly the file "
            f"that is meant. If it is, set {setting}."
        )
