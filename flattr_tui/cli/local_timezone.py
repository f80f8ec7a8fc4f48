"""The machine's own time zone, daylight saving included."""

import time
from datetime import UTC, datetime, timedelta, tzinfo


class LocalZone(tzinfo):
    """What `time.localtime` knows, as a `tzinfo`."""

    def _at(self, moment: datetime | None) -> time.struct_time:
        if moment is None:
            return time.localtime()
        fields = (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
        return time.localtime(time.mktime((*fields, moment.weekday(), 0, -1)))

    def utcoffset(self, moment: datetime | None) -> timedelta:
        """Return the distance from UTC at a local moment."""
        return timedelta(seconds=self._at(moment).tm_gmtoff)

    def dst(self, moment: datetime | None) -> timedelta:
        """Return how much of it is daylight saving: the system says only whether any is."""
        return timedelta(hours=1) if self._at(moment).tm_isdst > 0 else timedelta()

    def tzname(self, moment: datetime | None) -> str:
        """Return its name at a local moment."""
        return self._at(moment).tm_zone

    def fromutc(self, moment: datetime) -> datetime:
        """Return the local time of a moment in UTC."""
        seconds = moment.replace(tzinfo=UTC).timestamp()
        offset = time.localtime(seconds).tm_gmtoff
        return moment + timedelta(seconds=offset)
