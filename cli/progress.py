"""How far long work has come, on standard error: one live line on a terminal, a line now and then elsewhere."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Final

import typer

from cli.output import OUTPUT, Loudness
from models.progress import Work, watching

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

SECONDS_BETWEEN_LINES: Final = 15.0
"""Without a terminal: the first line of a work comes after so long, and then one each so long."""


SHOWN_FROM: Final = 100_000
"""Bytes: fewer have been read before anybody looks, and would be shown as 0.0 MB."""


class Stopwatch:
    """How long each work has taken so far."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.seconds: Counter[str] = Counter()
        self.begun: float | None = None

    def advanced(self, work: Work) -> None:
        if self.begun is None:
            self.begun = self.clock()

    def ended(self, work: Work) -> None:
        self.seconds[work.name] += self.elapsed  # type: ignore[assignment]  # a Counter of seconds
        self.begun = None

    @property
    def elapsed(self) -> float:
        return 0.0 if self.begun is None else self.clock() - self.begun

    def taken(self) -> Mapping[str, float]:
        """Return the seconds of each work since this was last asked."""
        taken = dict(self.seconds)
        self.seconds.clear()
        return taken


class PlainLines(Stopwatch):
    """Prints a line now and then."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = monotonic) -> None:
        super().__init__(clock)
        self.say = say
        self.next_line = 0.0

    def advanced(self, work: Work) -> None:
        if self.begun is None:
            self.next_line = self.clock() + SECONDS_BETWEEN_LINES
        super().advanced(work)
        if self.clock() >= self.next_line:
            self.next_line = self.clock() + SECONDS_BETWEEN_LINES
            self.say(how_far(work, self.elapsed))


class LiveLine(Stopwatch):
    """Keeps one line of the terminal up to date, and takes it away when the work has ended."""

    def __init__(self) -> None:
        super().__init__()
        self.line: Progress | None = None
        self.shown: TaskID | None = None

    def advanced(self, work: Work) -> None:
        super().advanced(work)
        if self.line is None or self.shown is None:
            self.line = _live_line()
            self.shown = self.line.add_task(how_far(work, 0))
            self.line.start()
        percent = work.percent
        self.line.update(
            self.shown,
            description=how_far(work, self.elapsed),
            completed=float(percent or 0),
            total=None if percent is None else 100,
        )

    def ended(self, work: Work) -> None:
        super().ended(work)
        if self.line is not None:
            self.line.stop()
        self.line = self.shown = None


def how_far(work: Work, seconds: float) -> str:
    """Say how far a work has come.

    >>> how_far(Work("documents", 120, 300, "partners"), 60.0)
    'documents: 120 of 300 partners, 2 a second, 1:30 left'
    >>> how_far(Work("extract", 3_000_000, None, "lines", 400_000_000, 1_000_000_000), 6.0)
    'extract: 400 of 1 000 MB, 3 000 000 lines, 500 000 a second, 9 s left'
    """
    from models.money import grouped

    said = []
    if work.bytes_read >= SHOWN_FROM:
        said.append(
            f"{_megabytes(work.bytes_read)}{'' if work.bytes_of is None else f' of {_megabytes(work.bytes_of)}'} MB"
        )
    if work.unit:
        said.append(f"{grouped(work.done)}{'' if work.of is None else f' of {grouped(work.of)}'} {work.unit}")
    if work.done and seconds >= 1:
        rate = work.done / seconds
        said.append(f"{grouped(round(rate))} a second" if rate >= 1 else f"{grouped(round(rate * 60))} a minute")
    if (percent := work.percent) and percent < 100 and seconds >= 1:
        said.append(f"{clock_time(seconds * float(100 / percent - 1))} left")
    return f"{work.name}: {', '.join(said)}" if said else work.name


def _megabytes(count: int) -> str:
    from models.money import grouped

    return f"{count / 1e6:.1f}" if count < 10_000_000 else grouped(round(count / 1e6))


def clock_time(seconds: float) -> str:
    """A length of time: `41 s`, `1:30`, `2:00:00`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def times(seconds: Mapping[str, float]) -> str:
    """Say how long works took: all together, and those of a second and more.

    >>> times({"extract": 0.4, "validate": 6.2, "documents": 84.9})
    '1:32: validate 6 s, documents 1:25'
    """
    longest = ", ".join(f"{name} {clock_time(each)}" for name, each in seconds.items() if each >= 1)
    return clock_time(sum(seconds.values())) + (f": {longest}" if longest else "")


def taken() -> Mapping[str, float]:
    """Return the seconds of each work of this command since this was last asked."""
    return {} if OUTPUT.stopwatch is None else OUTPUT.stopwatch.taken()


@contextmanager
def shown() -> Iterator[Stopwatch]:
    """Show how far the works of the block come, where that is wanted; and measure them."""
    watcher = _watcher()
    with watching(watcher):
        yield watcher


def _watcher() -> Stopwatch:
    if OUTPUT.loudness is Loudness.QUIET:
        return Stopwatch()
    if sys.stderr.isatty():
        return LiveLine()
    return PlainLines(lambda words: typer.echo(words, err=True))


def _live_line() -> "Progress":
    # Imported where there is a terminal to draw on: a scheduled run does not wait for it.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        console=Console(stderr=True, highlight=False),
        refresh_per_second=4,
        transient=True,
        redirect_stdout=False,  # an answer is for standard output, whatever is drawn on the terminal
    )
