"""A small terminal emulator. It interprets a program's output only so far that it knows the text on the screen."""

import codecs
import re

from rich.cells import cell_len

TOKEN = re.compile(
    r"\x1b\[(?P<private>[<-?]?)(?P<numbers>[0-9;:]*)[ -/]*(?P<final>[@-~])"  # CSI
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC
    r"|\x1bP[^\x1b]*\x1b\\"  # DCS
    r"|\x1b[ -/]*[0-OQ-Z\\^-~]"  # other sequences of two or three characters
    r"|(?P<control>[\r\n\x08\t\x07])"
    r"|(?P<text>[^\x1b\r\n\x08\t\x07]+)"
)
"""Matches a control sequence (ECMA-48), a control character, or the text before the next of these."""
TAB_WIDTH = 8
"""Cells between two tab stops."""


class Screen:
    """The characters in the cells of the screen. A wide character is in the first of two cells, "" in the second."""

    def __init__(self, width: int, height: int) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("backslashreplace").decode
        self._pending = ""
        self._x = self._y = 0
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """Change the size in cells, and clear the screen."""
        self.width, self.height = width, height
        self._x, self._y = min(self._x, width - 1), min(self._y, height - 1)
        self._rows = self._make_rows()

    @property
    def lines(self) -> list[str]:
        """The lines from top to bottom, without trailing spaces."""
        return ["".join(row).rstrip() for row in self._rows]

    @property
    def text(self) -> str:
        """The lines joined to one text."""
        return "\n".join(self.lines)

    def feed(self, output: bytes) -> None:
        """Interpret output of the program. Two calls may each get a part of a control sequence."""
        left, place = self._pending + self._decode(output), 0
        while match := TOKEN.match(left, place):
            place = match.end()
            self._apply(match)
        self._pending = left[place:]

    def _apply(self, match: "re.Match[str]") -> None:
        if text := match["text"]:
            self._write(text)
        elif control := match["control"]:
            self._apply_control(control)
        elif final := match["final"]:
            numbers = [int(number) if number.isdecimal() else 0 for number in match["numbers"].split(";")]
            if match["private"]:
                if numbers == [1049]:
                    self._rows = self._make_rows()  # the main screen under the alternate one is not kept
            else:
                self._apply_sequence(final, numbers)

    def _make_rows(self) -> list[list[str]]:
        return [[" "] * self.width for _ in range(self.height)]

    def _apply_control(self, control: str) -> None:
        if control == "\r":
            self._x = 0
        elif control == "\b":
            self._x = max(0, self._x - 1)
        elif control == "\t":
            self._x = min(self.width - 1, (self._x // TAB_WIDTH + 1) * TAB_WIDTH)
        elif control == "\n":
            self._y += 1
            if self._y == self.height:
                self._y -= 1
                self._rows = [*self._rows[1:], [" "] * self.width]

    def _apply_sequence(self, final: str, numbers: list[int]) -> None:
        first = max(1, numbers[0])
        if final in "Hf":
            column = numbers[1] if len(numbers) > 1 else 1
            self._y, self._x = min(first, self.height) - 1, min(max(1, column), self.width) - 1
        elif final in "AB":
            self._y = min(max(0, self._y + (first if final == "B" else -first)), self.height - 1)
        elif final in "CD":
            self._x = min(max(0, self._x + (first if final == "C" else -first)), self.width - 1)
        elif final == "G":
            self._x = min(first, self.width) - 1
        elif final == "K":
            self._erase_line(numbers[0])
        elif final == "J":
            self._erase_line(numbers[0])
            below = range(self._y + 1, self.height) if numbers[0] == 0 else range(self._y)
            for y in range(self.height) if numbers[0] >= 2 else below:
                self._rows[y] = [" "] * self.width

    def _erase_line(self, part: int) -> None:
        begin, end = {0: (self._x, self.width), 1: (0, self._x + 1)}.get(part, (0, self.width))
        self._rows[self._y][begin:end] = [" "] * (end - begin)

    def _write(self, text: str) -> None:
        row = self._rows[self._y]
        for character in text:
            cells = cell_len(character)
            if cells == 0:
                if self._x:
                    row[self._x - 1] += character
            elif self._x < self.width:  # no wrapping: the program switches it off
                row[self._x : self._x + cells] = [character, *[""] * (cells - 1)]
                self._x += cells
        del row[self.width :]
