"""Tests of the local time zone, whose offsets are those of TZ."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from flattr_tui.cli.local_timezone import LocalZone

SUMMER = datetime(2017, 7, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _restored_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("name", "hours"),
    [("UTC", 0), ("EST5EDT,M3.2.0,M11.1.0", -4), ("UTC-14", 14), ("UTC-99", 0), ("UTC+99", 0)],
)
def test_a_time_of_utc_and_its_local_time_are_the_same_moment(
    monkeypatch: pytest.MonkeyPatch, name: str, hours: int
) -> None:
    monkeypatch.setenv("TZ", name)
    time.tzset()
    local = SUMMER.astimezone(LocalZone())
    assert local.utcoffset() == timedelta(hours=hours)
    assert local.replace(tzinfo=None) == SUMMER.replace(tzinfo=None) + timedelta(hours=hours)
    assert local == SUMMER
