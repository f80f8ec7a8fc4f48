"""Tests that columns stay aligned for titles in any script and with emoji, whatever widths a terminal uses."""

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, set_cell_size

from flattr_tui.ui.cell_widths import adopt_terminal_widths, drawn_pieces, split_graphemes
from flattr_tui.ui.terminal_output import TerminalDiff
from tests.any_text import any_text
from tests.ui.test_terminal_output import SEQUENCE

TITLES = (
    "தமிழ் நிலக்காட்சிகள்",
    "हिन्दी में लेखन की किताब",
    "বাংলা গানের ইতিহাস",
    "ช่องว่างระหว่างคำ",
    "محمد يكتب عن البحر",
    "ශ්‍රී ලංකා",
    "മലയാളം കവിത",
    "👩‍💻 writes code 👍🏽",
    "I ❤️ trains ✈️",
    "🇩🇪 Züge 1️⃣",
    "👩‍👩‍👧‍👦 family 🏳️‍🌈",
    "夜汽車の記録 第3回",
)
MARKS = {"Mn", "Me", "Cf"}
WIDTHS: dict[str, Callable[[str], int]] = {
    "counts spacing marks": lambda c: 0 if unicodedata.category(c) in MARKS else _cell_count(c),
    "counts no spacing marks": lambda c: 0 if unicodedata.category(c) in {*MARKS, "Mc"} else _cell_count(c),
    "knows no emoji": lambda c: 0 if unicodedata.category(c) in MARKS else 1 if c > "\uffff" else _cell_count(c),
}
"""For each kind of terminal, the function that returns the width of a character in cells."""


@pytest.fixture(autouse=True)
def use_terminal_widths() -> None:
    adopt_terminal_widths()


def _cell_count(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cells_on_terminal(output: str, kind: str, columns: int) -> list[str]:
    """Return the cells of the first row after `output`, on a terminal of the given kind."""
    row = [" "] * (columns + 20)
    at = 0
    for match in SEQUENCE.finditer(output):
        if match["at"]:
            at = int(match["at"].split(";")[1]) - 1
        elif match["text"]:
            width = WIDTHS[kind](match["text"])
            for cell in range(at, at + width):
                row[cell] = match["text"] if cell == at else ""
            at += width
    return row


@pytest.mark.parametrize("kind", WIDTHS)
@pytest.mark.parametrize("title", TITLES)
def test_columns_after_a_title_stay_in_place(title: str, kind: str) -> None:
    line = f"{set_cell_size(title, 30)}│ owner"
    row = cells_on_terminal(TerminalDiff().reduce(f"\x1b[1;1H{line}"), kind, 40)
    assert "".join(row[30:37]) == "│ owner"
    assert row.count("│") == 1


@pytest.mark.parametrize("kind", WIDTHS)
@pytest.mark.parametrize("title", TITLES)
def test_a_new_title_leaves_nothing_of_the_old_one(title: str, kind: str) -> None:
    diff = TerminalDiff()
    output = diff.reduce(f"\x1b[1;1H{set_cell_size(title, 30)}│ owner")
    output += diff.reduce(f"\x1b[1;1H{set_cell_size('plain', 30)}")
    assert "".join(cells_on_terminal(output, kind, 40)).rstrip() == f"{'plain':<30}│ owner"


@given(any_text(max_size=20))
def test_graphemes_cover_the_text_and_measure_as_the_whole(text: str) -> None:
    spans, total = split_graphemes(text)
    assert "".join(text[start:end] for start, end, _ in spans) == text
    assert sum(width for *_, width in spans) == total == cell_len(text)


@given(st.text(st.sampled_from("aé夜👩💻👍🏽\u200d\ufe0f❤1\u20e3🇩🇪மிழ்ก็ "), max_size=12))
def test_drawn_text_takes_no_more_cells_than_are_counted(text: str) -> None:
    pieces = drawn_pieces(text)
    assert all(offset + cell_len(piece) <= cell_len(text) for offset, piece in pieces)
    assert all("\u200d" not in piece and "\ufe0f" not in piece for _, piece in pieces)
