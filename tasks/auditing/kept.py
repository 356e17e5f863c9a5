"""Kept: in which version a store keeps each object of a month, and until when nobody deletes it."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from pydantic import TypeAdapter, ValidationError

from models.canonical import canonical_json
from models.errors import NotStored
from rules.archive.layout import KEPT
from rules.archive.verification import Finding, error, warning
from tasks.storage import Kept, Store

READERS = 16  # objects that are asked for at a time
RECORDED = TypeAdapter(dict[str, Kept])
NOTHING = Kept("", "", "")


def kept_json(store: Store, folder: str, keys: Iterable[str]) -> bytes:
    """Return kept.json of a month: of each object the version and the lock; blank where the store has neither."""
    found = {key.removeprefix(f"{folder}/"): kept for key, kept in _kept(store, keys) if kept not in (None, NOTHING)}
    return canonical_json({path: kept._asdict() for path, kept in found.items() if kept}) if found else b""


def judge_kept(store: Store, folder: str, recorded: bytes) -> Iterator[Finding]:
    """Yield what a store keeps otherwise than kept.json says: another version of an object, or a shorter lock.

    A copy of an archive in a directory keeps neither, and is no worse for that.
    """
    try:
        wanted = {path: Kept(*each) for path, each in _parsed(recorded).items()}
    except ValidationError as fault:
        yield error(f"{folder}/{KEPT}", f"cannot be read: {fault.errors()[0]['msg']}")
        return
    asked = _kept(store, [f"{folder}/{path}" for path in wanted])
    found = {key.removeprefix(f"{folder}/"): kept for key, kept in asked}
    if all(kept is None for kept in found.values()):
        return
    if all(kept in (None, NOTHING) for kept in found.values()):
        yield warning(f"{folder}/{KEPT}", "names versions and locks, and this store has none: it is a copy")
        return
    for path, each in sorted(wanted.items()):
        now = found[path] or NOTHING
        if now.version != each.version:
            words = f"is version {now.version or 'none'}, and was sealed as version {each.version}"
            yield error(f"{folder}/{path}", words)
        if now.until < each.until or (each.mode == "COMPLIANCE" and now.mode != each.mode):
            locked = f"{now.mode} until {now.until}" if now.until else "not at all"
            words = f"is locked {locked}, and was sealed as locked {each.mode} until {each.until}"
            yield error(f"{folder}/{path}", words)


def in_words(recorded: bytes) -> str:
    """Say how a month is kept: how many objects in versions, and how they are locked at least."""
    wanted = [Kept(*each) for each in _parsed(recorded).values()]
    words = f"{sum(1 for each in wanted if each.version)} objects in versions"
    if locks := sorted({each.mode for each in wanted if each.mode}):
        until = min(each.until for each in wanted if each.until)
        locked = sum(1 for each in wanted if each.until)
        words += f", {locked} of {len(wanted)} locked ({', '.join(locks)}), until {until} at least"
    return words


def _parsed(recorded: bytes) -> Mapping[str, Kept]:
    return RECORDED.validate_json(recorded)


def _kept(store: Store, keys: Iterable[str]) -> Iterator[tuple[str, Kept | None]]:
    ordered = sorted(keys)

    def one(key: str) -> Kept | None:
        try:
            return store.kept(key)
        except NotStored:
            return NOTHING  # that it is gone is said where it is read

    with ThreadPoolExecutor(READERS) as pool:
        yield from zip(ordered, pool.map(one, ordered), strict=True)
