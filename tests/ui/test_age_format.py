"""Tests of the age of the data on screen, in words and in the connection badge."""

import pytest

from flattr_tui.library.events import ConnectionState, SourceStatus
from flattr_tui.ui.format import ago, next_age_in
from flattr_tui.ui.widgets.header_and_footer import connection_badge, next_badge_change_in

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
