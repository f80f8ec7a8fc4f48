"""The time zone of this machine, with daylight saving time."""

import time
from datetime import UTC, datetime, timedelta, tzinfo


class LocalZone(tzinfo):
    """The time zone of this machine. Its offsets are those of `time.localtime`.

    If the variable TZ names an offset that Python can't use (a day or more, such as `UTC-99`), the offset is 0.
    """

    def _at(self, moment: datetime | None) -> time.struct_time:
        if moment is None:
            return time.localtime()
        fields = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
        return time.localtime(time.mktime((*fields, moment.weekday(), 0, -1)))

    def utcoffset(self, moment: datetime | None) -> timedelta:
        """Return the offset from UTC at a local time; with None, the present offset."""
        return _usable_offset(self._at(moment))

    def dst(self, moment: datetime | None) -> timedelta:
        """Return by how much daylight saving time moves the clock at a local time (None: at present): one hour or zero.

        The hour is a guess, because the system says only whether daylight saving time applies.
        """
        return timedelta(hours=1) if self._at(moment).tm_isdst > 0 else timedelta()

    def tzname(self, moment: datetime | None) -> str:
        """Return the name of the time zone (`CET`, `CEST`) at a local time; with None, the present name."""
        return self._at(moment).tm_zone

    def fromutc(self, moment: datetime) -> datetime:
        """Return the local time that corresponds to a time in UTC. Both have this `tzinfo`."""
        seconds = moment.replace(tzinfo=UTC).timestamp()
        return moment + _usable_offset(time.localtime(seconds))


def _usable_offset(local: time.struct_time) -> timedelta:
    offset = timedelta(seconds=local.tm_gmtoff)
    return offset if abs(offset) < timedelta(days=1) else timedelta()
