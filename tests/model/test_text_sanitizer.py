"""Tests that no text of a server keeps control characters, which a terminal would obey."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flattr_tui.model.text_sanitizer import LINE_LIMIT, TEXT_LIMIT, single_line, strip_controls

SAMPLES = st.text(
    st.one_of(
        st.characters(),
        st.characters(max_codepoint=0x9F),
        st.sampled_from(
            "\u200e\u200f\u202a\u202e\u2066\u2069\u061c\u2028\u2029\ufff9\ufffb\ufeff\ud800\udfff\U000e0041"
        ),
    )
)
BIDI = {0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}


def is_control(char: str) -> bool:
    code = ord(char)
    return (
        unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"}
        or code in BIDI
        or code == 0xFEFF
        or 0xFFF9 <= code <= 0xFFFB
        or 0xE0000 <= code <= 0xE007F
    )


@given(SAMPLES)
def test_a_text_keeps_no_control_character_but_newlines(text: str) -> None:
    cleaned = strip_controls(text)
    assert not [char for char in cleaned if is_control(char) and char != "\n"]
    assert strip_controls(cleaned) == cleaned


@given(SAMPLES)
def test_a_line_has_no_newlines_or_repeated_spaces(text: str) -> None:
    cleaned = single_line(text)
    assert not [char for char in cleaned if is_control(char)]
    assert cleaned == " ".join(cleaned.split())
    assert single_line(cleaned) == cleaned


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=100))
def test_harmless_text_is_unchanged(text: str) -> None:
    assert strip_controls(text) == text
    assert single_line(text) == text


@pytest.mark.parametrize("text", ["👩‍👩‍👧", "❤️", "क्‍ष", "地図を描く人たち", "שלום"])
def test_joiners_and_variation_selectors_are_kept(text: str) -> None:
    assert single_line(text) == strip_controls(text) == text


def test_very_long_texts_are_cut_with_an_ellipsis() -> None:
    assert len(single_line("x" * 5_000_000)) == LINE_LIMIT
    assert single_line("x" * 5_000_000).endswith("…")
    assert len(strip_controls("x\n" * TEXT_LIMIT)) == TEXT_LIMIT


def test_escape_sequences_lose_their_escape() -> None:
    assert single_line("\x1b]0;owned\x07Title\x9b31m") == "]0;ownedTitle31m"
