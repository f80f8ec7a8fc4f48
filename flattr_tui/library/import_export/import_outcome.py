"""The result of an import: what was imported, whose data it is, and what was left out and why."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from flattr_tui.library.import_export.captured_response import remove_secrets_of_text
from flattr_tui.library.import_export.imported_responses import IdentifiedResponse
from flattr_tui.library.import_export.request_recognition import NO_ADDRESS
from flattr_tui.model.api_request import fold_username

MAX_NAMED: Final = 10_000
"""Maximum number of skipped entries that are listed. Further ones are only counted."""
_DETAILS: Final = re.compile(r" \(.*|: .*", re.DOTALL)
"""Matches the details in a reason. Entries whose reasons differ only in details are counted together."""


@dataclass(frozen=True, slots=True)
class SkippedEntry:
    """An entry of a file that was not imported, and the reason."""

    file: str
    """The path of the file."""
    place: str
    """Where the entry is in the file, in words; "" for the whole file."""
    reason: str
    """Why the entry was not imported."""

    def __str__(self) -> str:
        return f"{self.file}{': ' if self.place else ''}{self.place}: {self.reason}"


@dataclass(slots=True)
class FileCounts:
    """How many responses in one file were imported, and how many were not."""

    new: int = 0
    """Number of responses that were imported."""
    known: int = 0
    """Number of responses that were stored before."""
    left_out: int = 0
    """Number of entries that were left out."""


@dataclass(slots=True)
class ImportOutcome:
    """The result of an import: what was imported, whose data it is, and what was left out and why."""

    new: int = 0
    """Number of responses that were imported."""
    already_stored: int = 0
    """Number of responses that were stored before."""
    skipped_count: int = 0
    """Number of entries that were left out."""
    skipped: list[SkippedEntry] = field(default_factory=list)
    """The entries that were left out, at most `MAX_NAMED`."""
    reasons: Counter[str] = field(default_factory=Counter)
    """For each reason, without its details, the number of entries that were left out."""
    files: dict[str, FileCounts] = field(default_factory=dict)
    """The numbers for each file, by its path."""
    people: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    """The keys of the imported items, by user name ("" for nobody's items) and by kind (`things`, `flattrs`)."""
    bookmarks: int = 0
    """Number of new bookmarks from a bundle."""
    earnings: dict[str, set[str]] = field(default_factory=dict)
    """The months (`2014-08`) of the imported revenue reports, by owner."""
    remarks: list[str] = field(default_factory=list)
    """Sentences about what users should know, such as data that is never imported."""
    stopped: bool = False
    """Whether the user stopped the import. What was read until then is stored."""

    def start_file(self, file: Path) -> None:
        """Record that a file is being read, so that it is listed even if nothing is found in it."""
        self.files.setdefault(str(file), FileCounts())

    def count(self, file: Path | str, new: bool, identified: IdentifiedResponse | None = None) -> None:
        """Count a response in a file. `new` is True if it was imported, and False if it was stored before.

        `identified` is the response with its items, which are counted, too; None to count only the response.
        """
        counts = self.files.setdefault(str(file), FileCounts())
        self.new += new
        self.already_stored += not new
        counts.new += new
        counts.known += not new
        if identified is not None and identified.kind:
            folded = fold_username(identified.owner)
            name = next((one for one in self.people if fold_username(one) == folded), identified.owner)
            kinds = self.people.setdefault(name, defaultdict(set))
            kinds[identified.kind].update(identified.keys)

    def leave_out_other(self, file: Path, where: str, url: str) -> None:
        """Count an entry that was left out because its address (`url`) is not Flattr's.

        `where` is the entry's place in the file. This does the same as `leave_out` in a third of the time.
        """
        if len(self.skipped) < MAX_NAMED:
            self.leave_out(file, where, f"{NO_ADDRESS} ({remove_secrets_of_text(url[:200])})")
        else:
            self.skipped_count += 1
            self.files[str(file)].left_out += 1
            self.reasons[NO_ADDRESS] += 1

    def leave_out(self, file: Path, where: str, reason: str) -> None:
        """Count an entry that was not imported, and record the reason.

        `where` is the place of the entry in the file; "" for the whole file.
        """
        self.skipped_count += 1
        self.files.setdefault(str(file), FileCounts()).left_out += 1
        self.reasons[_DETAILS.sub("", reason)] += 1
        if len(self.skipped) < MAX_NAMED:
            self.skipped.append(SkippedEntry(str(file), where, reason))

    def name_file(self, file: Path, name: str) -> None:
        """Replace the name of a file in this result, for example a temporary file's name by `standard input`."""
        if (counts := self.files.pop(str(file), None)) is not None:
            self.files[name] = counts
        self.skipped = [replace(one, file=name) if one.file == str(file) else one for one in self.skipped]
        self.remarks = [remark.replace(str(file), name) for remark in self.remarks]
