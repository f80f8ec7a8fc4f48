"""Tests that only changed cells are written, and that the terminal looks as if the whole frame had been written."""

import re
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import get_character_cell_size

from flattr_tui.ui.terminal_output import TerminalDiff

ROWS, COLUMNS = 4, 24
SEQUENCE = re.compile(
    r"\x1b\[(?P<at>\d+;\d+)H|\x1b\[(?P<style>[\d;]*)m|\x1b\]8;[^;]*;(?P<link>[^\x1b]*)\x1b\\|(?P<text>.)", re.S
)
BOLD, COLOURED = "\x1b[1;3;38;2;1;2;3m", "\x1b[38;2;1;2;3;48;2;4;5;6m"
STYLES = (
    "",
    "\x1b[1m",
    "\x1b[1;3;38;2;1;2;3m",
    "\x1b[38;2;1;2;3;48;2;4;5;6m",
    "\x1b[7;31;44m",
    "\x1b[38;5;9m",
    "\x1b[91m",
)
VISIBLE_ON_BLANKS = {"48", "4", "7", "9"}
"""SGR codes that are visible on a blank. On a reversed blank all codes are."""
LINK = "\x1b]8;id=1;https://flattr.com\x1b\\"
NO_LINK = "\x1b]8;;\x1b\\"


@dataclass
class Terminal:
    """A terminal that knows the character, the style and the link of each cell."""

    cells: dict[tuple[int, int], tuple[str, object, str]] = field(default_factory=dict)
    row: int = 0
    column: int = 0
    look: dict[str, str] = field(default_factory=dict)
    link: str = ""

    def feed(self, output: str) -> "Terminal":
        for match in SEQUENCE.finditer(output):
            if match["at"]:
                self.row, self.column = (int(number) - 1 for number in match["at"].split(";"))
            elif match["style"] is not None:
                self._apply_style(match["style"].split(";"))
            elif match["link"] is not None:
                self.link = match["link"]
            elif match["text"] == "\n":
                self.row += 1
            else:
                self._put(match["text"])
        return self

    def _put(self, character: str) -> None:
        width = get_character_cell_size(character)
        if not width:
            before = (self.row, self.column - 1)
            text, look, link = self.cells.get(before, ("", frozenset(), ""))
            self.cells[before] = (text + character, look, link)
        for offset in range(width):
            look = {
                name: value
                for name, value in self.look.items()
                if character != " " or name in VISIBLE_ON_BLANKS or "7" in self.look
            }
            cell = (character if not offset else "", frozenset(look.items()), self.link)
            self.cells[self.row, self.column + offset] = cell
        self.column += width

    def _apply_style(self, codes: list[str]) -> None:
        while codes:
            code = codes.pop(0)
            if code in {"", "0"}:
                self.look.clear()
            elif code in {"38", "48"}:
                count = 1 + {"2": 3, "5": 1}[codes[0]]
                self.look[code] = ";".join(codes[:count])
                del codes[:count]
            elif code in {"39", "49"}:
                self.look.pop(code[0] + "8", None)
            elif len(code) == 1:
                self.look[code] = ""
            else:
                self.look["48" if code[:-1] in {"4", "10"} else "38"] = code


def styled(text: str, style: str, *, linked: bool = False) -> str:
    return (LINK if linked else "") + (f"{style}{text}\x1b[0m" if style else text) + (NO_LINK if linked else "")


def move_to(row: int, column: int) -> str:
    return f"\x1b[{row + 1};{column + 1}H"


TEXTS = st.text(st.sampled_from("ab  ─★é漢\u0301🏳"), min_size=1, max_size=8).filter(lambda text: text[0] != "\u0301")
RUNS = st.builds(styled, TEXTS, st.sampled_from(STYLES), linked=st.booleans())
PLACED_LINES = st.builds(
    lambda row, column, runs: move_to(row, column) + "".join(runs) + "\n",
    st.integers(0, ROWS - 1),
    st.integers(0, COLUMNS - 1),
    st.lists(RUNS, min_size=1, max_size=4),
)
FRAME = st.lists(PLACED_LINES, max_size=5).map(lambda lines: "".join(lines) + move_to(0, 0))
FRAMES = st.lists(FRAME, min_size=1, max_size=6)


@given(FRAMES)
def test_reduced_output_looks_like_the_whole_frames(frames: list[str]) -> None:
    diff, whole, reduced = TerminalDiff(), Terminal(), Terminal()
    for frame in frames:
        whole.feed(frame)
        reduced.feed(diff.reduce(frame))
        assert reduced.cells == whole.cells
        assert (reduced.row, reduced.column) == (whole.row, whole.column)
        assert not reduced.look


@given(st.lists(st.lists(RUNS, min_size=1, max_size=4).map("".join), min_size=1, max_size=ROWS))
def test_the_same_frame_again_writes_nothing(lines: list[str]) -> None:
    diff = TerminalDiff()
    frame = "".join(f"{move_to(row, 0)}{line}\n" for row, line in enumerate(lines)) + move_to(0, 0)
    assert diff.reduce(frame)
    assert diff.reduce(frame) == ""


def test_only_the_changed_cells_of_a_line_are_written() -> None:
    diff = TerminalDiff()
    before = move_to(0, 0) + styled("Flattrs by month", BOLD) + styled("of 411 saved, all of them", "") + move_to(0, 0)
    diff.reduce(before)
    assert diff.reduce(before.replace("411", "412")) == f"{move_to(0, 21)}2{move_to(0, 0)}"


def test_only_changed_parts_of_a_style_are_written() -> None:
    diff = TerminalDiff()
    written = diff.reduce(move_to(0, 0) + styled("a", COLOURED) + styled("b", "\x1b[38;2;9;9;9;48;2;4;5;6m"))
    assert written == f"{move_to(0, 0)}\x1b[38;2;1;2;3;48;2;4;5;6ma\x1b[38;2;9;9;9mb\x1b[0m"


@pytest.mark.parametrize("sequence", ["\x1b[?1049h", "\x1b[2J", "\x1bc", "\r"])
def test_after_a_sequence_that_may_change_cells_everything_is_written(sequence: str) -> None:
    diff = TerminalDiff()
    frame = move_to(0, 0) + "abc"
    diff.reduce(frame)
    assert diff.reduce(frame) == ""
    assert diff.reduce(sequence) == sequence
    assert diff.reduce(frame) == frame


@pytest.mark.parametrize("sequence", ["\x07", "\x1b]52;c;YQ==\x07", "\x1b[?25l", "\x1b]0;title\x1b\\"])
def test_sequences_that_change_no_cells_are_passed_on(sequence: str) -> None:
    diff = TerminalDiff()
    frame = move_to(0, 0) + "abc"
    diff.reduce(frame)
    assert diff.reduce(sequence) == sequence
    assert diff.reduce(frame) == ""


def test_after_forget_the_frame_is_written_again() -> None:
    diff = TerminalDiff()
    frame = move_to(0, 0) + "abc"
    diff.reduce(frame)
    diff.forget()
    assert diff.reduce(frame) == frame
