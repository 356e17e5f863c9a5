"""What an archive holds, by programme and month, as its store lists it."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from models.errors import UnsafeStore, WrongUse
from models.period import PATTERN, Version
from rules.archive.layout import INPUTS, locate
from tasks.storage import Store

INSIDE_A_PERIOD = re.compile(r"v[1-9]\d*/(?!inputs/|\d{4}-\d\d/)")  # but not a programme that is called v1


@runtime_checkable
class Nested(Protocol):
    """A store that can open the folder above its own."""

    def parent(self) -> Store | None: ...


@dataclass
class Programme:
    """One programme's part of the archive."""

    store: Store
    name: str = ""  # blank where the store begins inside the programme
    alone: bool = False  # one month was asked for: what is around it may be out of reach
    versions: dict[Version, set[str]] = field(default_factory=lambda: defaultdict(set))
    inputs: set[str] = field(default_factory=set)
    strays: list[str] = field(default_factory=list)  # whole keys of what has no place in an archive

    def key(self, *parts: object) -> str:
        """The key of something in the programme's folder."""
        return "/".join([self.name] * bool(self.name) + [str(part) for part in parts])

    def add(self, path: str) -> None:
        """Put a key, as it is within the programme's folder, in its place."""
        match locate(path):
            case Version() as version, str(file):
                self.versions[version].add(file)
            case str(name):
                self.inputs.add(name)
            case _:
                self.strays.append(self.key(path))


def programmes(store: Store) -> list[Programme]:
    """Find out whether the store begins at an archive, at a programme or at a month, and list what is there."""
    keys = list(store.keys(""))
    if any(INSIDE_A_PERIOD.match(key) for key in keys):
        return [_of_one_month(store, keys)]
    if any(isinstance(locate(key), tuple) for key in keys):
        return [_filled(Programme(store), keys)]
    paths = defaultdict(list)
    for key in keys:
        name, slash, path = key.partition("/")
        paths[name if slash else ""].append(path if slash else key)
    return [_filled(Programme(store, name), within) for name, within in sorted(paths.items())]


def _of_one_month(store: Store, keys: Iterable[str]) -> Programme:
    above = store.parent() if isinstance(store, Nested) else None
    period = store.url.rpartition("/")[2]
    if above is None or not re.match(PATTERN, period):
        raise WrongUse(
            f"{store.url} holds one month, and its name does not say which. "
            "Name its folder as in the archive it came from (for example 2026-10), or give the URL of its programme."
        )
    try:
        inputs = list(above.keys(f"{INPUTS}/"))
    except UnsafeStore:  # whoever may read this month need not be allowed to read more
        inputs = []
    return _filled(Programme(above, alone=True), [*(f"{period}/{key}" for key in keys), *inputs])


def _filled(programme: Programme, paths: Iterable[str]) -> Programme:
    for path in paths:
        programme.add(path)
    return programme
