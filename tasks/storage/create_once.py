"""Create once: what it means that a key is taken already."""

from models.errors import StoredDifferently
from tasks.storage import Stored


def same_or_refused(found: Stored | None, wanted: Stored, url: str) -> Stored:
    """Return what is stored, if it is what was to be stored: a repeat, or our own write whose answer was lost."""
    if found == wanted:
        return found
    held = f"SHA-256 {found.sha256}, {found.size} bytes" if found else "something that cannot be read"
    raise StoredDifferently(
        f"{url} already holds {wanted.key} ({held}), and was asked to store other bytes under it "
        f"(SHA-256 {wanted.sha256}, {wanted.size} bytes). What is stored was left as it is. "
        "The archive never changes: find out which run, programme or code made the two differ."
    )
