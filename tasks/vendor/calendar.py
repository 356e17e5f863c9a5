"""calendar.yaml of a vendor folder: when the clock may settle a month; without the file, the usual day."""

from pathlib import Path

from rules.due import CALENDAR, MonthCalendar, parse_calendar
from tasks.vendor.tables.small_file import bytes_of, decoded


def read_calendar(folder: Path) -> MonthCalendar:
    """Read it. Raises BadInput naming the line that cannot be carried out."""
    data = bytes_of(folder / CALENDAR)
    return MonthCalendar() if data is None else parse_calendar(decoded(data, CALENDAR))
