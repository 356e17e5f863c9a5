"""The sample vendor's contract: one of the example programmes that stand beside the project, or a file of one's own."""

import re
from pathlib import Path

from models.errors import WrongUse
from models.period import PATTERN, Period
from rules.programme.file import Programme, parse_programme
from tasks.vendor.tables.small_file import decoded

EXAMPLES = Path(__file__).parents[1] / "examples"
DEFAULT = "uis"
_MONTH = re.compile(rf"(?<![0-9-]){PATTERN.strip('^$')}(?![0-9-])")


def programme_text(starts: Period) -> str:
    """Return the sample's programme.yaml, starting in this month."""
    return agreed(DEFAULT, starts).text


def agreed(named: str, starts: Period | None = None) -> Programme:
    """Return the example of this name, or the file at this path. With another start, all its months move with it."""
    path = _path(named)
    try:
        text = decoded(path.read_bytes(), path.name)
    except OSError as error:
        raise WrongUse(f"{path} cannot be read ({error.strerror}): name another programme.") from None
    programme = parse_programme(text, path.name)
    if starts is None or starts == programme.starts:
        return programme
    return parse_programme(_moved(text, programme.starts, starts), path.name)


def _path(named: str) -> Path:
    examples = {path.stem: path for path in sorted(EXAMPLES.glob("*.yaml"))}
    if named in examples:
        return examples[named]
    if not Path(named).is_file():
        raise WrongUse(f"there is no programme {named!r}: name a file, or one of {', '.join(examples)}.")
    return Path(named)


def _moved(text: str, old: Period, new: Period) -> str:
    """The text with every month in it as many months later, or earlier, as its start."""
    months = (new.year - old.year) * 12 + new.month - old.month
    return _MONTH.sub(lambda found: str(Period.parse(found[0]).plus(months)), text)
