"""Tests of formatted numbers of bytes, which the console and the commands show."""

import pytest

from flattr_tui.ui.format import byte_size


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
