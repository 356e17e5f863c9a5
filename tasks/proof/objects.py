"""Objects of the archive against their records: what is gone, was changed, or was put beside them."""

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from rules.archive.layout import INPUTS, SEAL, SEAL_SIG, SHA256SUMS, Input, digest_in, locate
from tasks.proof.difference import Difference
from tasks.storage import Store

READERS = 16  # objects that are asked for at a time


def changed_objects(store: Store, recorded: Sequence[Input]) -> Iterator[Difference]:
    """Yield where an object that was recorded is not there any more, or is another."""
    with ThreadPoolExecutor(READERS) as pool:
        for wanted, found in zip(recorded, pool.map(store.find, [each.key for each in recorded]), strict=True):
            if found is None:
                yield Difference(wanted.key, f"is gone from the archive; its SHA-256 was {wanted.sha256}")
            elif found.sha256 != wanted.sha256:
                yield Difference(wanted.key, f"was changed: its SHA-256 is {found.sha256}, and was {wanted.sha256}")


def extra_files(store: Store, folder: str, listed: Collection[str]) -> Iterator[Difference]:
    """Yield each file in the folder of a sealed month that its SHA256SUMS does not list."""
    known = {*listed, SHA256SUMS, SEAL, SEAL_SIG}
    for key in store.keys(f"{folder}/"):
        if key.removeprefix(f"{folder}/") not in known:
            yield Difference(key, f"is extra: {SHA256SUMS} does not list it")


def strays(store: Store, programme: str, *, everywhere: bool) -> Iterator[Difference]:
    """Yield each file that has no place in a programme's archive.

    Where not `everywhere`, the insides of months are passed over: a list of every statement ever issued takes minutes.
    """
    for path in _every_path(store, f"{programme}/") if everywhere else _few_paths(store, f"{programme}/"):
        place = locate(path)
        if place is None or (isinstance(place, str) and digest_in(place) is None):
            yield Difference(f"{programme}/{path}", "has no place in an archive: it is in no month, and is no input")


def _every_path(store: Store, root: str) -> Iterator[str]:
    return (key.removeprefix(root) for key in store.keys(root))


def _few_paths(store: Store, root: str) -> Iterator[str]:
    """Yield the path of each input, and of what stands beside the folders of months and of their versions."""
    for name in store.names(root):
        if name == f"{INPUTS}/":
            yield from (key.removeprefix(root) for key in store.keys(f"{root}{name}"))
        elif name.endswith("/"):
            for inner in store.names(root + name):
                if not (inner.endswith("/") and locate(f"{name}{inner}{SEAL}")):
                    yield name + inner
        else:
            yield name
