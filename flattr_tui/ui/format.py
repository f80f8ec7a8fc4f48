"""Formats times, numbers and names for people. All functions are pure: the current time and time zone are arguments.

`timestamp` and `now` are Unix seconds; `elapsed` and `left` are durations in seconds.
"""

import math
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from flattr_tui.library.events import SyncProgress
from flattr_tui.model.entities import CATEGORIES, LANGUAGES

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHORT_CATEGORIES = {"software": "soft", "images": "image", "people": "folk", "rest": "other"}
"""Short names of categories by id, for a column of five cells."""
_CATEGORIES = {choice.id: choice.text for choice in CATEGORIES}
_LANGUAGES = {choice.id: choice.text for choice in LANGUAGES}
CLOCK_TOLERANCE_SECONDS = 60.0
"""A saved time up to this many seconds in the future counts as now, because clocks get corrected."""
_MAX_TIMESTAMP = datetime(9999, 12, 30, tzinfo=UTC).timestamp()


def moment(timestamp: float, tz: tzinfo = UTC) -> datetime:
    """Return a timestamp as a date and time, limited to the range of `datetime`."""
    return datetime.fromtimestamp(min(max(timestamp, 0), _MAX_TIMESTAMP), tz)


def when(timestamp: float | None, now: float, tz: tzinfo = UTC) -> str:
    """Format a time: `today 09:12`, `yesterday`, a weekday of the last week, otherwise `12 Mar 2016`; "" for None."""
    if timestamp is None:
        return ""
    at = moment(timestamp, tz)
    days = (_today(now, tz) - at.date()).days
    if days == 0:
        return f"today {at:%H:%M}"
    if days == 1:
        return "yesterday"
    return DAYS[at.weekday()] if 1 < days < 7 else day(timestamp, tz)


@lru_cache(4)
def _today(now: float, tz: tzinfo) -> date:  # cached, because it is the same for each row
    return moment(now, tz).date()


def day(timestamp: float, tz: tzinfo = UTC) -> str:
    """Format a date: `12 Mar 2016`."""
    at = moment(timestamp, tz)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def month(timestamp: float, tz: tzinfo = UTC) -> str:
    """Format a month: `Apr 2010`."""
    at = moment(timestamp, tz)
    return f"{MONTHS[at.month - 1]} {at.year}"


def month_name(text: str) -> str:
    """Format `2010-04` as `Apr 2010`; other texts are returned unchanged."""
    year, _, number = text.partition("-")
    return f"{MONTHS[int(number) - 1]} {year}" if number.isdecimal() and 1 <= int(number) <= 12 else text


def clock(timestamp: float, tz: tzinfo = UTC) -> str:
    """Format a time of day: `14:32`."""
    return f"{moment(timestamp, tz):%H:%M}"


def age(elapsed: float) -> str:
    """Format an age: `now`, `5 min`, `3 h`, `12 days`, `4 months`, `3 years`."""
    if elapsed < 60:
        return "now"
    for size, name in ((3600, "min"), (86_400, "h")):
        if elapsed < size:
            return f"{int(elapsed // (size // (60 if name == 'min' else 24)))} {name}"
    days = int(elapsed // 86_400)
    if days < 60:
        return plural(days, "day")
    return plural(days // 30, "month") if days < 730 else plural(days // 365, "year")


def next_age_in(elapsed: float) -> float:
    """Return the seconds until `age` or `ago` may return another text."""
    if elapsed < -CLOCK_TOLERANCE_SECONDS:
        return -CLOCK_TOLERANCE_SECONDS - elapsed
    unit = 60 if elapsed < 3600 else 3600 if elapsed < 86_400 else 86_400
    return unit - elapsed % unit


def next_day_in(now: float, tz: tzinfo = UTC) -> float:
    """Return the seconds until midnight, when `when` may return another text."""
    at = moment(now, tz)
    midnight = datetime.combine(at.date() + timedelta(days=1), time(), tz)
    return midnight.timestamp() - now


def ago(elapsed: float) -> str:
    """Format how long ago something was: `just now`, `3 h ago`.

    For a time in the future, return `(unknown age)`: the clock is wrong, or was wrong before.
    """
    if elapsed < -CLOCK_TOLERANCE_SECONDS:
        return "(unknown age)"
    text = age(elapsed)
    return "just now" if text == "now" else f"{text} ago"


def countdown(left: float) -> str:
    """Format the remaining time as `04:12` or `1:04:12`; never less than `00:00`."""
    hours, rest = divmod(max(0, round(left)), 3600)
    tail = f"{rest // 60:02}:{rest % 60:02}"
    return f"{hours}:{tail}" if hours else tail


def next_countdown_in(left: float) -> float:
    """Return the seconds until `countdown` returns another text; infinity if it stays the same."""
    return (left - 0.5) % 1 or 1.0 if left > 0.5 else math.inf


def number(value: int | None) -> str:
    """Format a number with commas between thousands; "" for None."""
    return "" if value is None else f"{value:,}"


def byte_size(number: int) -> str:
    """Format a number of bytes: `512 B`, `21.4 KB`, `3.0 GB`. A KB is 1,000 bytes."""
    if number < 1_000:
        return f"{number} B"
    for unit, factor in (("KB", 1e3), ("MB", 1e6)):
        if round(number / factor, 1) < 1_000:
            return f"{number / factor:.1f} {unit}"
    return f"{number / 1e9:,.1f} GB"


def plural(value: int, noun: str, plural_noun: str = "") -> str:
    """Format a number and its noun: `1 flattr`, `412 flattrs`. The default plural is the noun with an s."""
    return f"{value:,} {noun if value == 1 else plural_noun or f'{noun}s'}"


def counted(progress: SyncProgress) -> str:
    """Format how many items a sync has saved, and how many there are at least: `1,240 of ≥3,000`."""
    return f"{progress.items:,} of {'' if progress.ended else '≥'}{progress.items_at_least:,}"


def changed(progress: SyncProgress) -> str:
    """Format the changes that a sync found: `3 new, 1 gone, 12 with a different number of flattrs`."""
    parts = [f"{progress.new:,} new"]
    parts += [f"{progress.gone:,} gone"] if progress.gone else []
    parts += [f"{progress.recounted:,} with a different number of flattrs"] if progress.recounted else []
    return ", ".join(parts)


def category(name: str | None, *, short: bool = False) -> str:
    """Return the name of a category, such as `Software` (or `soft` if `short`); "" for None.

    An unknown category is named by its id.
    """
    if not name:
        return ""
    return SHORT_CATEGORIES.get(name, name) if short else _CATEGORIES.get(name, name)


def language(name: str | None) -> str:
    """Return the name of a language, such as `English`; "" for None. An unknown language is named by its id."""
    return _LANGUAGES.get(name, name) if name else ""


def percent(part: int, whole: int) -> str:
    """Format the share of `part` in `whole`: `52 %`; `<1 %` for less than half a percent; "" if `whole` is 0."""
    if not whole:
        return ""
    share = round(100 * part / whole)
    return "<1 %" if part and not share else f"{share} %"
