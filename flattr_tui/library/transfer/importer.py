"""Takes responses that were saved elsewhere into the store, each with its own date, none twice.

What a file holds is read first, then kept in the order of its dates, since a list is put together from its pages in
the order in which they came. Stopped in the middle, what was kept stays, and a second import goes on.
"""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path, PurePath
from typing import IO, Final

import msgspec

from flattr_tui.library.bookmarks import Bookmarks
from flattr_tui.library.transfer import bundle
from flattr_tui.library.transfer.capture import Capture
from flattr_tui.library.transfer.extension_export import EXPORTED, is_extension_export, read_flattrs
from flattr_tui.library.transfer.file_kind import OLD_API, is_old_api
from flattr_tui.library.transfer.file_reader import read_file
from flattr_tui.library.transfer.import_outcome import Outcome
from flattr_tui.library.transfer.packed_stream import UnreadableError
from flattr_tui.library.transfer.response_matcher import Placed, place
from flattr_tui.library.transfer.revenue_report import is_report, split_months
from flattr_tui.library.transfer.secret_filter import remove_secrets_of_text
from flattr_tui.library.transfer.url_matcher import UnrecognisedError
from flattr_tui.model.revenue import UNNAMED
from flattr_tui.store.responses import ResponseStore
from flattr_tui.store.stored_response import StoredResponse, content_digest

_USUAL_GRANT: Final = 30
"""The page that the service gives when it is not asked for another size; a smaller one is a list's last."""

Progress = Callable[[str, int, int | None], None]
"""Is told what is being done, how many are done, and of how many where that is known."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How files are imported."""

    account: str = ""
    """Whose private answers are meant."""
    url: str = ""
    """Where a plain body came from."""
    owner: Callable[[], str] = lambda: UNNAMED
    """Asked, once, whose the revenue reports and exports are that don't name their owner."""
    bookmarks: Bookmarks | None = None
    """Where those of a bundle are added."""
    progress: Progress = lambda stage, done, of: None
    is_stopped: Callable[[], bool] = lambda: False
    """Whether the user wants to stop; what was read until then is kept."""


def import_files(
    store: ResponseStore,
    files: Sequence[Path],
    *,
    account: str = "",
    url: str = "",
    owner: Callable[[], str] = lambda: UNNAMED,
    bookmarks: Bookmarks | None = None,
    progress: Progress = lambda stage, done, of: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Take in all that is Flattr's in these files, folders and archives; what is not is counted and named.

    The arguments are those of `Options`. Raises `StoreError` where the store can't be written.
    """
    options = Options(
        account=account,
        url=url,
        owner=cache(owner),
        bookmarks=bookmarks,
        progress=progress,
        is_stopped=is_stopped,
    )
    outcome = Outcome()
    known = Known(store, progress)
    with tempfile.TemporaryFile() as spool:
        collector = _Collector(spool, outcome, known, options)
        collector.collect(files)
        collector.resolve_revisits()
        waiting = _in_order(_settled(collector.waiting))
        for done, item in enumerate(waiting, 1):
            response = msgspec.structs.replace(item.placed.stored, body=collector.body(item))
            outcome.count(item.file, known.keep(response), item.placed)
            progress("importing", done, len(waiting))
    return outcome


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A response whose body waits in the spool, so that memory holds no bodies."""

    placed: Placed
    file: str
    offset: int
    size: int
    run: int
    """Pieces of one list in one file have the same one."""


@dataclass(slots=True)
class _Pending:
    """A `revisit` record that waits for the one that it repeats, which may stand in a later file."""

    file: Path
    capture: Capture
    number: int


class _Collector:
    """Reads files into a spool."""

    def __init__(self, spool: IO[bytes], outcome: Outcome, known: Known, options: Options) -> None:
        self._spool = spool
        self._outcome = outcome
        self._known = known
        self._options = options
        self._offset = self._run = self._seen = 0
        self._pending: list[_Pending] = []
        self._recorded: dict[tuple[str, ...], _Waiting] = {}
        self.waiting: list[_Waiting] = []

    def collect(self, files: Iterable[Path]) -> None:
        """Read all files; what is none of Flattr's is counted. Ends early where the user wants to stop."""
        for path in files:
            self._outcome.begin(path)
            try:
                with closing(read_file(path, self._options.url, partial(self._restore, path))) as captures:
                    for capture in captures:
                        self._seen += 1
                        self._options.progress(f"reading {path.name}", self._seen, None)
                        self._take(path, capture)
                        if self._options.is_stopped():
                            self._outcome.stopped = True
                            return
            except UnreadableError as error:
                self._outcome.leave_out(path, "", str(error))
            except OSError as error:
                self._outcome.leave_out(path, "", f"can't be read ({error.strerror or error})")

    def _take(self, path: Path, capture: Capture) -> None:
        self._run += 1
        if capture.revisit is not None:
            self._pending.append(_Pending(path, capture, self._run))
            return
        try:
            placed = _place(path, capture, self._options, self._outcome)
        except UnrecognisedError as error:
            self._outcome.leave_out(path, _where(capture), _with_address(str(error), capture.url))
            return
        for item in placed:
            waiting = self._put(path, item, item.stored.body, self._run)
            for name in _names(capture):
                self._recorded[name] = waiting

    def _put(self, path: Path, item: Placed, body: bytes, run: int) -> _Waiting:
        self._spool.seek(self._offset)
        self._spool.write(body)
        bare = replace(item, stored=msgspec.structs.replace(item.stored, body=b""))
        waiting = _Waiting(bare, str(path), self._offset, len(body), run)
        self._offset += len(body)
        self.waiting.append(waiting)
        return waiting

    def resolve_revisits(self) -> None:
        """Give each `revisit` record the body of the record that it repeats, with its own address and date."""
        for pending in self._pending:
            found = next((self._recorded[name] for name in _repeated(pending.capture) if name in self._recorded), None)
            if found is None:
                reason = "repeats a record that is in none of these files: import the archive that has it as well"
                self._outcome.leave_out(
                    pending.file, _where(pending.capture), _with_address(reason, pending.capture.url)
                )
                continue
            earlier = found.placed.stored
            one = Capture(
                place=pending.capture.place,
                member=pending.capture.member,
                url=pending.capture.url,
                status=earlier.status,
                content_type=earlier.content_type,
                fetched_at=pending.capture.fetched_at,
                body=self.body(found),
            )
            self._take(pending.file, one)

    def body(self, waiting: _Waiting) -> bytes:
        """Read a body of the spool."""
        self._spool.seek(waiting.offset)
        return self._spool.read(waiting.size)

    def _restore(self, path: Path, file: IO[bytes], size: int) -> bool:
        try:
            opened = bundle.Bundle(file, size)
        except bundle.NotBundleError:
            return False
        with opened:
            _restore(path, opened, self._options.bookmarks, self._outcome, self._known, self._options.progress)
        return True


def _names(capture: Capture) -> Iterator[tuple[str, ...]]:
    """What a `revisit` may call a record by."""
    if capture.record_id:
        yield ("id", capture.record_id)
        yield ("at", capture.url, str(int(capture.fetched_at)))
        if capture.digest:
            yield ("digest", capture.url, capture.digest)
            yield ("digest", capture.digest)


def _repeated(capture: Capture) -> Iterator[tuple[str, ...]]:
    """What a `revisit` calls the record that it repeats, the surest name first."""
    revisit = capture.revisit
    if revisit is None:
        return
    yield ("id", revisit.record_id)
    yield ("at", revisit.url, str(int(revisit.date)))
    if revisit.digest:
        yield ("digest", revisit.url, revisit.digest)
        yield ("digest", revisit.digest)


def _place(path: Path, capture: Capture, options: Options, outcome: Outcome) -> Sequence[Placed]:
    """Return as what a capture is kept; raises `UnrecognisedError`."""
    name = PurePath(capture.member or path)
    if is_report(capture):
        report = split_months(capture, name, options.owner)
        for line, reason in report.problems:
            outcome.leave_out(path, _where(capture, f"line {line}" if line else ""), reason)
        for owner, months in report.owners.items():
            known = next((one for one in outcome.earnings if one.casefold() == owner.casefold()), owner)
            outcome.earnings.setdefault(known, set()).update(months)
        return report.placed
    if not capture.problem and is_old_api(capture.body[:4096]):
        raise UnrecognisedError(OLD_API)
    if (not capture.url or capture.is_url_guessed) and is_extension_export(capture):
        export = read_flattrs(capture, options.owner)
        if export.browsing_events:
            outcome.remarks.append(f"{path}: the browsing history in this file was not kept, not even in part.")
        if export.left_out:
            reason = f"{export.left_out} entries or times that can't be read"
            outcome.leave_out(path, _where(capture, "flattrs"), reason)
        given = place(export.capture, options.account)
        return [replace(one, stored=msgspec.structs.replace(one.stored, url=EXPORTED)) for one in given]
    return place(capture, options.account)


def _where(capture: Capture, within: str = "") -> str:
    return ": ".join(filter(None, (capture.member, capture.place, within)))


def _with_address(reason: str, url: str) -> str:
    return f"{reason} ({remove_secrets_of_text(url[:200])})" if url else reason


def _restore(
    path: Path,
    opened: bundle.Bundle,
    bookmarks: Bookmarks | None,
    outcome: Outcome,
    known: Known,
    progress: Progress,
) -> None:
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
            outcome.count(path, known.keep(response))
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
