"""The machine's own time zone, daylight saving included."""

import time
from datetime import UTC, datetime, timedelta, tzinfo


class LocalZone(tzinfo):
    """The time zone of `time.localtime` as a `tzinfo`."""

    def _at(self, moment: datetime | None) -> time.struct_time:
        if moment is None:
            return time.localtime()
        fields = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
        return time.localtime(time.mktime((*fields, moment.weekday(), 0, -1)))

    def utcoffset(self, moment: datetime | None) -> timedelta:
        """Return the offset from UTC at a local time."""
        return timedelta(seconds=self._at(moment).tm_gmtoff)

    def dst(self, moment: datetime | None) -> timedelta:
        """Return the daylight saving time: one hour or zero. The system only says whether it applies."""
        return timedelta(hours=1) if self._at(moment).tm_isdst > 0 else timedelta()

    def tzname(self, moment: datetime | None) -> str:
        """Return the zone's name at a local time."""
        return self._at(moment).tm_zone

    def fromutc(self, moment: datetime) -> datetime:
        """Return the local time of a time in UTC."""
        seconds = moment.replace(tzinfo=UTC).timestamp()
        offset = time.localtime(seconds).tm_gmtoff
        return moment + timedelta(seconds=offset)
