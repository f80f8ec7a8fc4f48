"""Takes responses that were saved elsewhere into the store, each with its own date, none twice.

What a file holds is read first, then kept in the order of its dates, since a list is put together from its pages in
the order in which they came. Stopped in the middle, what was kept stays, and a second import goes on.
"""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import IO, Final

import msgspec

from flattr_tui.library.bookmarks import Bookmarks
from flattr_tui.library.transfer import bundle
from flattr_tui.library.transfer.capture import WEB_ARCHIVES, ZIP, Capture, UnreadableError, beginning, read_whole
from flattr_tui.library.transfer.extension_export import EXPORTED, is_extension_export, read_flattrs
from flattr_tui.library.transfer.har import har
from flattr_tui.library.transfer.http_dump import dump
from flattr_tui.library.transfer.response_matcher import Placed, place
from flattr_tui.library.transfer.revenue_report import is_report, split_months
from flattr_tui.library.transfer.url_matcher import UnrecognisedError
from flattr_tui.library.transfer.warc import warc
from flattr_tui.model.revenue import UNNAMED
from flattr_tui.store.responses import ResponseStore
from flattr_tui.store.stored_response import StoredResponse, content_digest

MAX_NAMED: Final = 10_000
"""No more than these are named; all are counted."""
_USUAL_GRANT: Final = 30
"""The page that the service gives when it is not asked for another size; a smaller one is a list's last."""

Progress = Callable[[str, int, int | None], None]
"""Is told what is being done, how many are done, and of how many where that is known."""


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
    bookmarks: int = 0
    """Bookmarks that a bundle held and that were not there."""
    earnings: dict[str, set[str]] = field(default_factory=dict)
    """The months of the revenue reports that were read, by their owner."""
    remarks: list[str] = field(default_factory=list)
    """Sentences on what was not kept on purpose."""

    def count(self, new: bool) -> None:
        """Count a response that is kept."""
        self.new += new
        self.known += not new

    def leave_out(self, file: Path, where: str, reason: str) -> None:
        """Count and name what was not taken in."""
        self.others += 1
        self.reasons[reason] += 1
        if len(self.named) < MAX_NAMED:
            self.named.append(LeftOut(str(file), where, reason))


class Known:
    """What the store holds of each place, so that nothing is kept twice."""

    def __init__(self, store: ResponseStore, progress: Progress) -> None:
        self.store = store
        self._versions: defaultdict[str, list[tuple[float, bytes, float]]] = defaultdict(list)
        last = store.last_sequence()
        for stored in store.iter_responses():
            self._note(stored, content_digest(stored))
            if stored.sequence % 100 == 0:
                progress("looking through what is saved", stored.sequence, last)

    def _note(self, stored: StoredResponse, digest: bytes) -> None:
        versions = self._versions[stored.key]
        versions.append((stored.fetched_at, digest, max(stored.checked_at, stored.fetched_at)))
        versions.sort(key=lambda version: version[0])

    def keep(self, response: StoredResponse) -> bool:
        """Keep a response at its date, unless the one before or after it says the same; say whether it was kept.

        Raises `StoreError`.
        """
        digest = content_digest(response)
        versions = self._versions[response.key]
        after = sum(at <= response.fetched_at for at, _, _ in versions)
        if any(same == digest for _, same, _ in versions[max(0, after - 1) : after + 1]):
            _, newest, checked = versions[-1]
            if newest == digest and after == len(versions) and response.checked_at > checked:
                self.store.touch(response.response_key, response.checked_at)
                versions[-1] = (versions[-1][0], digest, response.checked_at)
            return False
        self._note(self.store.import_response(response), digest)
        return True


def import_files(
    store: ResponseStore,
    files: Sequence[Path],
    *,
    account: str = "",
    url: str = "",
    owner: Callable[[], str] = lambda: UNNAMED,
    bookmarks: Bookmarks | None = None,
    progress: Progress = lambda stage, done, of: None,
) -> Outcome:
    """Take in all responses of the Flattr API in these files; what is none is counted and named.

    `account` is whose private answers are meant, `url` where a plain body came from, `bookmarks` where those of a
    bundle are added. `owner` is asked, once, whose the revenue reports and exports are that don't name their owner.
    Raises `StoreError` where the store can't be written.
    """
    owner = cache(owner)
    outcome = Outcome()
    known = Known(store, progress)
    with tempfile.TemporaryFile() as spool:
        waiting = list(_collect(files, account, url, owner, bookmarks, spool, outcome, known, progress))
        waiting = _in_order(_settled(waiting))
        for done, item in enumerate(waiting, 1):
            spool.seek(item.offset)
            body = spool.read(item.size)
            outcome.count(known.keep(msgspec.structs.replace(item.placed.stored, body=body)))
            progress("importing", done, len(waiting))
    return outcome


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A response whose body waits in the spool, so that memory holds no bodies."""

    placed: Placed
    offset: int
    size: int
    run: int
    """Pieces of one list in one file have the same one."""


def _collect(
    files: Iterable[Path],
    account: str,
    url: str,
    owner: Callable[[], str],
    bookmarks: Bookmarks | None,
    spool: IO[bytes],
    outcome: Outcome,
    known: Known,
    progress: Progress,
) -> Iterator[_Waiting]:
    offset = run = seen = 0
    for path in files:
        try:
            if beginning(path).startswith(ZIP):
                _restore(path, bookmarks, outcome, known, progress)
                continue
            for capture in _captures(path, url):
                run, seen = run + 1, seen + 1
                progress(f"reading {path.name}", seen, None)
                try:
                    placed = _place(path, capture, account, owner, outcome)
                except UnrecognisedError as error:
                    outcome.leave_out(path, capture.place, _with_address(str(error), capture.url))
                    continue
                for item in placed:
                    body = item.stored.body
                    spool.write(body)
                    bare = replace(item, stored=msgspec.structs.replace(item.stored, body=b""))
                    yield _Waiting(bare, offset, len(body), run)
                    offset += len(body)
        except UnreadableError as error:
            outcome.leave_out(path, "", str(error))
        except OSError as error:
            outcome.leave_out(path, "", f"can't be read ({error.strerror})")


def _place(path: Path, capture: Capture, account: str, owner: Callable[[], str], outcome: Outcome) -> Sequence[Placed]:
    """Return as what a capture is kept; raises `UnrecognisedError`."""
    if is_report(capture):
        report = split_months(capture, path, owner)
        for line, reason in report.problems:
            outcome.leave_out(path, f"line {line}" if line else capture.place, reason)
        for name, months in report.owners.items():
            known = next((one for one in outcome.earnings if one.casefold() == name.casefold()), name)
            outcome.earnings.setdefault(known, set()).update(months)
        return report.placed
    if not capture.url and is_extension_export(capture):
        export = read_flattrs(capture, owner)
        if export.browsing_events:
            outcome.remarks.append(f"{path}: the browsing history in this file was not kept, not even in part.")
        if export.left_out:
            outcome.leave_out(path, "flattrs", f"{export.left_out} entries or times that can't be read")
        given = place(export.capture, account)
        return [replace(one, stored=msgspec.structs.replace(one.stored, url=EXPORTED)) for one in given]
    return place(capture, account)


def _with_address(reason: str, url: str) -> str:
    return f"{reason} ({url[:200]})" if url else reason


def _captures(path: Path, url: str) -> Iterator[Capture]:
    """Read whatever a file is; raises `UnreadableError`. What does not say when it came is as old as its file."""
    changed = path.stat().st_mtime
    for capture in _read(path, url):
        capture.fetched_at = capture.fetched_at or changed
        yield capture


def _read(path: Path, url: str) -> Iterator[Capture]:
    if beginning(path).startswith(WEB_ARCHIVES):
        yield from warc(path)
        return
    data = read_whole(path)
    if not data.strip():
        raise UnreadableError("is empty")
    entries = har(data) or dump(data, url)
    if entries is not None:
        yield from entries
        return
    name = path.name.removesuffix(".gz")
    content_type = "application/yaml" if name.endswith((".yaml", ".yml")) else ""
    yield Capture(place="", url=url, content_type=content_type, body=data)


def _restore(path: Path, bookmarks: Bookmarks | None, outcome: Outcome, known: Known, progress: Progress) -> None:
    with bundle.Bundle(path) as opened:
        try:
            telling = bundle.Telling(known.store, opened.confirmed())
        except UnreadableError as error:
            outcome.leave_out(path, bundle.CONFIRMED, str(error))
            telling = bundle.Telling(known.store, ())
        for done, (where, response) in enumerate(opened.responses(), 1):
            telling.before(where)
            if isinstance(response, str):
                outcome.leave_out(path, where, response)
            else:
                outcome.count(known.keep(response))
            progress("importing", done, len(opened))
        telling.rest()
        if bookmarks is None:
            return
        try:
            packed = opened.bookmarks()
        except UnreadableError as error:
            outcome.leave_out(path, bundle.BOOKMARKS, str(error))
            return
        if packed is not None:
            outcome.bookmarks += bundle.merge_bookmarks(bookmarks, packed)


def _settled(waiting: list[_Waiting]) -> list[_Waiting]:
    """Put right how many items a page could have held, where a server grants fewer than it was asked for.

    A short page counts as a list's end, and only the pages together tell a grant from an end.
    """
    lists: defaultdict[object, list[_Waiting]] = defaultdict(list)
    for item in waiting:
        stored = item.placed.stored
        if stored.count and not item.placed.told:
            lists[stored.account, stored.request, stored.count].append(item)
    grants: dict[int, int] = {}
    for pages in lists.values():
        largest = max(page.placed.items for page in pages)
        several = any(page.placed.stored.page > 1 and page.placed.items for page in pages)
        if largest < pages[0].placed.stored.count and (largest >= _USUAL_GRANT or several) and largest:
            grants |= {id(page): largest for page in pages}
    return [
        item if id(item) not in grants else _moved(item, count=grants[id(item)], page=item.placed.stored.page)
        for item in waiting
    ]


def _moved(item: _Waiting, *, page: int, count: int) -> _Waiting:
    stored = msgspec.structs.replace(item.placed.stored, page=page, count=count)
    return replace(item, placed=replace(item.placed, stored=stored))


def _in_order(waiting: list[_Waiting]) -> list[_Waiting]:
    """Order by date; parts of a list whose address is not known are numbered from its newest, with a gap between two.

    Without the gap they would claim to follow one another.
    """
    runs: defaultdict[object, dict[int, list[_Waiting]]] = defaultdict(dict)
    ready: list[_Waiting] = []
    for item in waiting:
        stored = item.placed.stored
        if item.placed.told and stored.count:
            runs[stored.account, stored.request].setdefault(item.run, []).append(item)
        else:
            ready.append(item)
    for parts in runs.values():
        number = 1
        for pages in sorted(parts.values(), key=lambda pages: -pages[0].placed.newest):
            for page in pages:
                ready.append(_moved(page, page=number, count=page.placed.stored.count))
                number += 1
            number += 1
    return sorted(ready, key=lambda item: item.placed.stored.fetched_at)
