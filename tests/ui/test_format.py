"""Tests of formats: numbers of bytes, and the age of the data on screen, in words and in the connection badge."""

import pytest

from flattr_tui.library.events import ConnectionState, SourceStatus
from flattr_tui.ui.format import ago, byte_size, next_age_in
from flattr_tui.ui.widgets.header_and_footer import connection_badge, next_badge_change_in


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 KB"),
        (21_400, "21.4 KB"),
        (999_949, "999.9 KB"),
        (999_950, "1.0 MB"),
        (999_950_000, "1.0 GB"),
        (1_234_500_000_000, "1,234.5 GB"),
    ],
)
def test_a_number_of_bytes_has_the_unit_that_it_fills(number: int, text: str) -> None:
    assert byte_size(number) == text


NOW = 1_500_000_000.0
DAY = 86_400.0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-DAY, "(unknown age)"), (-61, "(unknown age)"), (-60, "just now"), (0, "just now"), (3 * 3600, "3 h ago")],
)
def test_data_saved_in_the_future_has_an_unknown_age(seconds: float, text: str) -> None:
    assert ago(seconds) == text


def test_data_saved_in_the_future_is_not_live_until_that_time() -> None:
    saved = NOW + DAY
    assert str(connection_badge(SourceStatus(), saved, NOW)) == "◐ saved (unknown age)"
    assert (
        str(connection_badge(SourceStatus(connection=ConnectionState.OFFLINE), saved, NOW))
        == "○ offline · saved (unknown age)"
    )
    wait = next_badge_change_in(SourceStatus(), saved, NOW)
    assert wait == next_age_in(NOW - saved) == DAY - 60
    assert str(connection_badge(SourceStatus(), saved, NOW + wait)) == "● live"
