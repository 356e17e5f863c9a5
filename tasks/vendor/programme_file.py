"""The programme file on disk, alone or in its vendor folder, read and parsed."""

from pathlib import Path

from models.errors import BadInput, WrongUse
from rules.programme.file import Programme, parse_programme
from tasks.sources.plain_files import is_there, must_be_plain
from tasks.vendor.tables.small_file import bytes_of, decoded

PROGRAMME = "programme.yaml"


def read_programme(path: Path) -> Programme:
    """Read a programme file, or the one of a vendor folder. Raises WrongUse, BadInput or BadProgramme."""
    file = path / PROGRAMME if path.is_dir() else path
    if path.is_dir() and is_there(file):
        must_be_plain(file, PROGRAMME, path)
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise WrongUse(
            f"there is no file {file}: name the programme file, or a vendor folder that holds one."
        ) from None
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror or error}.") from None
    return parse_programme(decoded(data, str(file)), str(file))


def read_programme_text(folder: Path) -> str:
    """Read the programme file alone. Raises WrongUse, BadInput where it is not there or is no text."""
    return decoded(programme_in(folder), PROGRAMME)


def programme_in(folder: Path) -> bytes:
    """Return the programme of a vendor folder, byte for byte. Raises WrongUse, BadInput."""
    if not folder.is_dir():
        raise WrongUse(f"there is no folder {folder}: name the vendor's folder with --from, or set SETTLE_VENDOR.")
    data = bytes_of(folder / PROGRAMME)
    if data is None:
        raise BadInput(f"{folder} has no {PROGRAMME}: `settle sample DIR` makes a folder that shows one.")
    return data
