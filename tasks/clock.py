"""The clock: the one place that knows what time it is."""

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from tasks.settings import Settings


def now(settings: Settings) -> str:
    """Return the time as UTC text, `2026-02-03T03:00:00Z`; the fixed one where SETTLE_CLOCK says so."""
    return settings.clock or utc()


def utc() -> str:
    """Return the machine's own time as UTC text."""
    return utc_text(time.time())


def utc_text(seconds: float) -> str:
    """Return a time, in seconds since 1970, as UTC text."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def today(settings: Settings, zone: ZoneInfo) -> date:
    """Return the day it is for the vendor."""
    return datetime.fromisoformat(now(settings)).astimezone(zone).date()
