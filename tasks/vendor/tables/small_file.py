"""A small file of the vendor's folder: its bytes, and its text. No frames are loaded for it."""

from pathlib import Path

from models.errors import BadInput
from tasks.settings import Settings
from tasks.sources.plain_files import is_there, must_be_plain, must_be_small


def bytes_of(path: Path) -> bytes | None:
    """Return what the file holds, or None where it is not there. Raises BadInput for what is no plain, small file."""
    if not is_there(path):
        return None
    must_be_plain(path, path.name, path.parent)
    limits = Settings()
    if path.suffix == ".yaml":
        must_be_small(path, path.name, limits.largest_yaml_mb, "SETTLE_LARGEST_YAML_MB")
    else:
        must_be_small(path, path.name, limits.largest_table_mb, "SETTLE_LARGEST_TABLE_MB")
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read: {error.strerror or error}.") from None


def decoded(data: bytes, name: str) -> str:
    """Return the text of a UTF-8 file, with or without a byte order mark. Raises BadInput naming line and byte."""
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput(
            f"{name} line {line}: the byte 0x{data[error.start]:02X} is not UTF-8 (is it Windows-1251?): "
            f"save it as UTF-8."
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise BadInput(f"{name} line {line}: there is a NUL byte, so this is no text: save it as UTF-8.")
    return text
