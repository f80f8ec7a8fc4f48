"""What an import did: what came of whom, from which file, and what was left out, by reason."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from flattr_tui.library.transfer.response_matcher import Placed

MAX_NAMED: Final = 10_000
"""No more than these are named; all are counted."""
_DETAILS: Final = re.compile(r" \(.*|: .*", re.DOTALL)
"""What differs from one thing to another that is left out for the same reason."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One thing in a file that was not taken in."""

    file: str
    place: str
    """Where in the file; "" for the whole of it."""
    reason: str

    def __str__(self) -> str:
        return f"{self.file}{': ' if self.place else ''}{self.place}: {self.reason}"


@dataclass(slots=True)
class FileCounts:
    """What became of one file."""

    new: int = 0
    known: int = 0
    left_out: int = 0


@dataclass(slots=True)
class Outcome:
    """What an import did."""

    new: int = 0
    known: int = 0
    """Responses that were kept already."""
    others: int = 0
    """How many were left out."""
    named: list[LeftOut] = field(default_factory=list)
    """The first `MAX_NAMED` of those."""
    reasons: Counter[str] = field(default_factory=Counter)
    """How often each reason was given, without addresses and details."""
    files: dict[str, FileCounts] = field(default_factory=dict)
    people: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    """The keys of what was read, by the user's name ("" for nobody's) and by kind: things, flattrs, activities …"""
    bookmarks: int = 0
    """Bookmarks that a bundle held and that were not there."""
    earnings: dict[str, set[str]] = field(default_factory=dict)
    """The months of the revenue reports that were read, by their owner."""
    remarks: list[str] = field(default_factory=list)
    """Sentences on what was not kept on purpose."""
    stopped: bool = False
    """Whether the user stopped it; what was read until then is kept."""

    def begin(self, file: Path) -> None:
        """Note that a file is read."""
        self.files.setdefault(str(file), FileCounts())

    def count(self, file: Path | str, new: bool, placed: Placed | None = None) -> None:
        """Count a response that is kept."""
        counts = self.files.setdefault(str(file), FileCounts())
        self.new += new
        self.known += not new
        counts.new += new
        counts.known += not new
        if placed is not None and placed.kind:
            name = next((one for one in self.people if one.casefold() == placed.person.casefold()), placed.person)
            kinds = self.people.setdefault(name, defaultdict(set))
            kinds[placed.kind].update(placed.keys)

    def leave_out(self, file: Path, where: str, reason: str) -> None:
        """Count and name what was not taken in."""
        self.others += 1
        self.files.setdefault(str(file), FileCounts()).left_out += 1
        self.reasons[_DETAILS.sub("", reason)] += 1
        if len(self.named) < MAX_NAMED:
            self.named.append(LeftOut(str(file), where, reason))
