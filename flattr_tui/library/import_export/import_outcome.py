"""The result of an import: what was imported, from which people and files, and what was left out and why."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from flattr_tui.library.import_export.api_url_matcher import NO_ADDRESS
from flattr_tui.library.import_export.response_identifier import IdentifiedResponse
from flattr_tui.library.import_export.secret_filter import remove_secrets_of_text

MAX_NAMED: Final = 10_000
"""Maximum number of skipped entries that are named. All are counted."""
_DETAILS: Final = re.compile(r" \(.*|: .*", re.DOTALL)
"""Matches the details of a reason, so that entries are counted together if their reasons differ only in these."""


@dataclass(frozen=True, slots=True)
class SkippedEntry:
    """An entry of a file that was not imported."""

    file: str
    place: str
    """Where the entry is in the file, in words; "" for the whole file."""
    reason: str

    def __str__(self) -> str:
        return f"{self.file}{': ' if self.place else ''}{self.place}: {self.reason}"


@dataclass(slots=True)
class FileCounts:
    """How many responses of one file were imported, and how many were not."""

    new: int = 0
    known: int = 0
    """Number of responses that were already stored."""
    left_out: int = 0


@dataclass(slots=True)
class ImportOutcome:
    """The result of an import: numbers, people, and what was left out."""

    new: int = 0
    already_stored: int = 0
    """Number of responses that were already stored."""
    skipped_count: int = 0
    """Number of entries that were left out."""
    skipped: list[SkippedEntry] = field(default_factory=list)
    """The entries that were left out, at most `MAX_NAMED`."""
    reasons: Counter[str] = field(default_factory=Counter)
    """How often each reason for leaving out an entry occurred, without addresses and details."""
    files: dict[str, FileCounts] = field(default_factory=dict)
    people: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    """The keys of the imported items by user name ("" for nobody's) and by kind: things, flattrs, activities …"""
    bookmarks: int = 0
    """Number of bookmarks from a bundle that are new."""
    earnings: dict[str, set[str]] = field(default_factory=dict)
    """The months of the imported revenue reports, by their owner."""
    remarks: list[str] = field(default_factory=list)
    """Sentences about data that was deliberately not stored."""
    stopped: bool = False
    """Whether the user stopped the import. What was read before is stored."""

    def start_file(self, file: Path) -> None:
        """Record that reading a file begins."""
        self.files.setdefault(str(file), FileCounts())

    def count(self, file: Path | str, new: bool, identified: IdentifiedResponse | None = None) -> None:
        """Count a stored response; `new` says whether it was not stored before.

        With `identified` None, its items are not counted.
        """
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
        """Count an entry whose address is not Flattr's. It does the same as `leave_out` in a third of the time."""
        if len(self.skipped) < MAX_NAMED:
            self.leave_out(file, where, f"{NO_ADDRESS} ({remove_secrets_of_text(url[:200])})")
        else:
            self.skipped_count += 1
            self.files[str(file)].left_out += 1
            self.reasons[NO_ADDRESS] += 1

    def leave_out(self, file: Path, where: str, reason: str) -> None:
        """Count an entry that was not imported, and the reason.

        `where` is its position in the file; "" for the whole file.
        """
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
