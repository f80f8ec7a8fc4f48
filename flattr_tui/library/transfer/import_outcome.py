"""The result of an import: what was imported, from which people and files, and what was left out and why."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from flattr_tui.library.transfer.response_identifier import IdentifiedResponse
from flattr_tui.library.transfer.secret_filter import remove_secrets_of_text
from flattr_tui.library.transfer.url_matcher import NO_ADDRESS

MAX_NAMED: Final = 10_000
"""How many skipped entries are named; all are counted."""
_DETAILS: Final = re.compile(r" \(.*|: .*", re.DOTALL)
"""Details that differ between entries that are left out for the same reason."""


@dataclass(frozen=True, slots=True)
class SkippedEntry:
    """An entry of a file that was not imported."""

    file: str
    place: str
    """Where in the file; "" for the whole file."""
    reason: str

    def __str__(self) -> str:
        return f"{self.file}{': ' if self.place else ''}{self.place}: {self.reason}"


@dataclass(slots=True)
class FileCounts:
    """The numbers of responses of one file."""

    new: int = 0
    known: int = 0
    """Those that were stored already."""
    left_out: int = 0


@dataclass(slots=True)
class ImportOutcome:
    """The result of an import."""

    new: int = 0
    already_stored: int = 0
    """Responses that were stored already."""
    skipped_count: int = 0
    """How many entries were left out."""
    skipped: list[SkippedEntry] = field(default_factory=list)
    """The first `MAX_NAMED` entries that were left out."""
    reasons: Counter[str] = field(default_factory=Counter)
    """How often each reason occurred, without addresses and details."""
    files: dict[str, FileCounts] = field(default_factory=dict)
    people: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    """The keys of the items by user name ("" for nobody's) and by kind: things, flattrs, activities …"""
    bookmarks: int = 0
    """New bookmarks from a bundle."""
    earnings: dict[str, set[str]] = field(default_factory=dict)
    """The months of the imported revenue reports, by owner."""
    remarks: list[str] = field(default_factory=list)
    """Sentences on what was deliberately not stored."""
    stopped: bool = False
    """Whether the user stopped it; what was read before is stored."""

    def start_file(self, file: Path) -> None:
        """Record that reading a file begins."""
        self.files.setdefault(str(file), FileCounts())

    def count(self, file: Path | str, new: bool, identified: IdentifiedResponse | None = None) -> None:
        """Count a response that is stored, and whether it is `new`; with `identified` None, not its items."""
        counts = self.files.setdefault(str(file), FileCounts())
        self.new += new
        self.already_stored += not new
        counts.new += new
        counts.known += not new
        if identified is not None and identified.kind:
            name = next((one for one in self.people if one.casefold() == identified.owner.casefold()), identified.owner)
            kinds = self.people.setdefault(name, defaultdict(set))
            kinds[identified.kind].update(identified.keys)

    def leave_out_other(self, file: Path, where: str, url: str) -> None:
        """Count an entry whose address is not Flattr's; like `leave_out`, but in a third of the time."""
        if len(self.skipped) < MAX_NAMED:
            self.leave_out(file, where, f"{NO_ADDRESS} ({remove_secrets_of_text(url[:200])})")
        else:
            self.skipped_count += 1
            self.files[str(file)].left_out += 1
            self.reasons[NO_ADDRESS] += 1

    def leave_out(self, file: Path, where: str, reason: str) -> None:
        """Count an entry that was not imported, and why; `where` is its place in the file, "" for the whole file."""
        self.skipped_count += 1
        self.files.setdefault(str(file), FileCounts()).left_out += 1
        self.reasons[_DETAILS.sub("", reason)] += 1
        if len(self.skipped) < MAX_NAMED:
            self.skipped.append(SkippedEntry(str(file), where, reason))

    def name_file(self, file: Path, name: str) -> None:
        """Give a file another name, such as `standard input` for the temporary file that holds it."""
        if (counts := self.files.pop(str(file), None)) is not None:
            self.files[name] = counts
        self.skipped = [replace(one, file=name) if one.file == str(file) else one for one in self.skipped]
        self.remarks = [remark.replace(str(file), name) for remark in self.remarks]
