"""Dates in queries: `2012-03`, `12 Mar 2012`, `friday`, `yesterday`, and ages such as `3m`, as Unix seconds."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from flattr_tui.model.lazy_pattern import lazy_pattern

FIRST_YEAR, LAST_YEAR = 1970, 2100
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
SHORT_MONTHS = tuple(month[:3].title() for month in _MONTHS)
"""The names of the months as screens show them: `Jan` to `Dec`."""
_DATE = lazy_pattern(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_AGE = lazy_pattern(r"(\d{1,4})([dwmy])")
TimeRange = tuple[int | None, int | None]
"""A range of Unix seconds, from the first up to, but not including, the second; None for no bound."""


def parse_date(text: str, now: float, tz: tzinfo) -> int | None:
    """Return when a date begins (Unix seconds); None if `text` is not a date.

    A date is a year, a month or a day (`2012`, `2012-03`, `2012-03-31`), `today`, `yesterday`, or an age: `3d`, `3w`,
    `3m` and `3y` stand for the day that long before `now` (Unix seconds). A day begins at midnight in the time zone
    `tz`.
    """
    lowered = text.lower()
    today = datetime.fromtimestamp(max(now, 0.0), tz).date()
    if lowered in {"today", "yesterday"}:
        lowered = "0d" if lowered == "today" else "1d"
    if found := _AGE.fullmatch(lowered):
        number, unit = int(found[1]), found[2]
        months = number * {"m": 1, "y": 12}.get(unit, 0)
        year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
        if year < 1:
            return start_of_day(1, 1, 1, UTC)
        days = number * {"d": 1, "w": 7}.get(unit, 0)
        day = datetime(year, month + 1, min(today.day, _days_in(year, month + 1)), tzinfo=tz)
        at = day - timedelta(days=days)
        return start_of_day(at.year, at.month, at.day, tz)
    if (found := _DATE.fullmatch(lowered)) and (time := _matched_period(found, tz)) is not None:
        return time[0]
    return None


def start_of_day(year: int, month: int, day: int, tz: tzinfo) -> int:
    """Return when a day begins in a time zone (Unix seconds)."""
    return int(datetime(year, month, day, tzinfo=tz).timestamp())


def _days_in(year: int, month: int) -> int:
    following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return (following - timedelta(days=1)).day


def _matched_period(match: re.Match[str], tz: tzinfo) -> tuple[int, int] | None:
    """Return the start and end (Unix seconds) of the year, month or day in `match`, which is a match of `_DATE`.

    Returns None if there is no such month or day, or if the year is out of range.
    """
    year, month, day = (int(part) if part else 0 for part in match.groups())
    return _period(year, month, day, tz)


def _period(year: int, month: int, day: int, tz: tzinfo) -> tuple[int, int] | None:
    if not FIRST_YEAR <= year < LAST_YEAR or not 0 <= month <= 12 or (day and day > _days_in(year, month or 1)):
        return None
    first = datetime(year, month or 1, day or 1, tzinfo=tz)
    if day:
        last = first + timedelta(days=1)
    else:
        last = datetime(year + (not month or month == 12), month % 12 + 1 if month else 1, 1, tzinfo=tz)
    return int(first.timestamp()), int(last.timestamp())


def parse_shown_date(words: Sequence[str], now: float, tz: tzinfo) -> tuple[int, int] | None:
    """Return the start and end (Unix seconds) of a date that is written as on screen; None if `words` are not a date.

    `words` are in lower case: `2012`, `2012-03`, `mar 2012`, `12 mar 2012`, the name of a day such as `monday`, `today`
    or `yesterday`. Names of days mean the last such day before `now` (Unix seconds). Days begin at midnight in the time
    zone `tz`.
    """
    match words:
        case [("today" | "yesterday") as day]:
            return _day_ago(0 if day == "today" else 1, now, tz)
        case [name] if name in _DAYS:
            today = datetime.fromtimestamp(max(now, 0.0), tz).weekday()
            return _day_ago((today - _DAYS.index(name)) % 7 or 7, now, tz)
        case [date] if (found := _DATE.fullmatch(date)) is not None and date[:4] >= "1990":
            return _matched_period(found, tz)
        case [name, year] if (month := _month_number(name)) and re.fullmatch(r"\d{4}", year):
            return _period(int(year), month, 0, tz)
        case [day, name, year] if (month := _month_number(name)) and re.fullmatch(r"\d{1,2} \d{4}", f"{day} {year}"):
            return _period(int(year), month, int(day), tz) if int(day) else None
    return None


def _month_number(name: str) -> int:
    """Return the number (1 to 12) of a month, by its name or at least three letters of it; 0 if unknown."""
    return next((at for at, full in enumerate(_MONTHS, 1) if len(name) > 2 and full.startswith(name)), 0)


def _day_ago(days: int, now: float, tz: tzinfo) -> tuple[int, int]:
    """Return the start and end (Unix seconds) of the day that is `days` days before today, in the time zone `tz`.

    `now` is the current time in Unix seconds.
    """
    day = datetime.fromtimestamp(max(now, 0.0), tz).date() - timedelta(days=days)
    found = _period(day.year, day.month, day.day, tz)
    return found if found is not None else (0, 0)
