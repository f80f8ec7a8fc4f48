"""What is written looks on the terminal as all of it would, and what is there already is not written."""

import re
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import get_character_cell_size

from flattr_tui.ui.changed_cells import ChangedCells

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
SEEN = {"48", "4", "7", "9"}
"""What is seen of a blank's style; of a reversed one all."""
LINK = "\x1b]8;id=1;https://flattr.com\x1b\\"
NO_LINK = "\x1b]8;;\x1b\\"


@dataclass
class Terminal:
    """Cells with their characters, colours, attributes and links, as a terminal keeps them."""

    cells: dict[tuple[int, int], tuple[str, object, str]] = field(default_factory=dict)
    row: int = 0
    column: int = 0
    look: dict[str, str] = field(default_factory=dict)
    link: str = ""

    def feed(self, output: str) -> "Terminal":
        for found in SEQUENCE.finditer(output):
            if found["at"]:
                self.row, self.column = (int(number) - 1 for number in found["at"].split(";"))
            elif found["style"] is not None:
                self._style(found["style"].split(";"))
            elif found["link"] is not None:
                self.link = found["link"]
            elif found["text"] == "\n":
                self.row += 1
            else:
                self._put(found["text"])
        return self

    def _put(self, character: str) -> None:
        width = get_character_cell_size(character)
        if not width:
            before = (self.row, self.column - 1)
            text, look, link = self.cells.get(before, ("", frozenset(), ""))
            self.cells[before] = (text + character, look, link)
        for at in range(width):
            look = {
                name: value for name, value in self.look.items() if character != " " or name in SEEN or "7" in self.look
            }
            cell = (character if not at else "", frozenset(look.items()), self.link)
            self.cells[self.row, self.column + at] = cell
        self.column += width

    def _style(self, codes: list[str]) -> None:
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


def run(text: str, style: str, *, linked: bool = False) -> str:
    return (LINK if linked else "") + (f"{style}{text}\x1b[0m" if style else text) + (NO_LINK if linked else "")


def at(row: int, column: int) -> str:
    return f"\x1b[{row + 1};{column + 1}H"


TEXTS = st.text(st.sampled_from("ab  ─★é漢\u0301🏳"), min_size=1, max_size=8).filter(lambda text: text[0] != "\u0301")
RUNS = st.builds(run, TEXTS, st.sampled_from(STYLES), linked=st.booleans())
PLACED = st.builds(
    lambda row, column, runs: at(row, column) + "".join(runs) + "\n",
    st.integers(0, ROWS - 1),
    st.integers(0, COLUMNS - 1),
    st.lists(RUNS, min_size=1, max_size=4),
)
FRAMES = st.lists(st.lists(PLACED, max_size=5).map(lambda lines: "".join(lines) + at(0, 0)), min_size=1, max_size=6)


@given(FRAMES)
def test_it_looks_as_all_of_it_would(frames: list[str]) -> None:
    cells, whole, reduced = ChangedCells(), Terminal(), Terminal()
    for frame in frames:
        whole.feed(frame)
        reduced.feed(cells.reduce(frame))
        assert reduced.cells == whole.cells
        assert (reduced.row, reduced.column) == (whole.row, whole.column)
        assert not reduced.look


@given(st.lists(st.lists(RUNS, min_size=1, max_size=4).map("".join), min_size=1, max_size=ROWS))
def test_the_same_again_writes_nothing(lines: list[str]) -> None:
    cells = ChangedCells()
    frame = "".join(f"{at(row, 0)}{line}\n" for row, line in enumerate(lines)) + at(0, 0)
    assert cells.reduce(frame)
    assert cells.reduce(frame) == ""


def test_only_what_changed_in_a_line_is_written() -> None:
    cells = ChangedCells()
    before = at(0, 0) + run("Flattrs by month", BOLD) + run("of 411 saved, all of them", "") + at(0, 0)
    cells.reduce(before)
    assert cells.reduce(before.replace("411", "412")) == f"{at(0, 21)}2{at(0, 0)}"


def test_a_style_is_changed_by_what_is_other_in_it() -> None:
    cells = ChangedCells()
    written = cells.reduce(at(0, 0) + run("a", COLOURED) + run("b", "\x1b[38;2;9;9;9;48;2;4;5;6m"))
    assert written == f"{at(0, 0)}\x1b[38;2;1;2;3;48;2;4;5;6ma\x1b[38;2;9;9;9mb\x1b[0m"


@pytest.mark.parametrize("sequence", ["\x1b[?1049h", "\x1b[2J", "\x1bc", "\r"])
def test_after_what_may_have_changed_the_cells_all_is_written(sequence: str) -> None:
    cells = ChangedCells()
    frame = at(0, 0) + "abc"
    cells.reduce(frame)
    assert cells.reduce(frame) == ""
    assert cells.reduce(sequence) == sequence
    assert cells.reduce(frame) == frame


@pytest.mark.parametrize("sequence", ["\x07", "\x1b]52;c;YQ==\x07", "\x1b[?25l", "\x1b]0;title\x1b\\"])
def test_what_is_no_cell_is_handed_on(sequence: str) -> None:
    cells = ChangedCells()
    frame = at(0, 0) + "abc"
    cells.reduce(frame)
    assert cells.reduce(sequence) == sequence
    assert cells.reduce(frame) == ""


def test_forgotten_it_is_written_again() -> None:
    cells = ChangedCells()
    frame = at(0, 0) + "abc"
    cells.reduce(frame)
    cells.forget()
    assert cells.reduce(frame) == frame
