"""Imports responses that were saved elsewhere into the store, each with its own date and only once.

All files are read first. Then the responses are stored in the order of their dates, because a list is assembled from
its API pages in that order. After an interruption, what was stored stays, and another import continues.
"""

import tempfile
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache, partial
from hashlib import blake2b
from pathlib import Path, PurePath
from typing import IO

import msgspec

from flattr_tui.library.bookmarks import Bookmarks
from flattr_tui.library.import_export import bundle
from flattr_tui.library.import_export.captured_response import CapturedResponse, remove_secrets_of_text
from flattr_tui.library.import_export.decompression import UnreadableError
from flattr_tui.library.import_export.file_reader import read_file
from flattr_tui.library.import_export.files_without_owner import (
    EXPORTED,
    ReportComparison,
    is_extension_export,
    is_report,
    read_flattrs,
    split_months,
)
from flattr_tui.library.import_export.import_outcome import ImportOutcome
from flattr_tui.library.import_export.imported_responses import IdentifiedResponse, identify_response
from flattr_tui.library.import_export.request_recognition import NO_ADDRESS, OtherOwnerError, UnrecognizedError
from flattr_tui.library.import_export.unsupported_files import OLD_API, is_old_api
from flattr_tui.model.api_request import DEFAULT_PAGE_SIZE, ResponseKind, fold_username
from flattr_tui.model.revenue import UNNAMED
from flattr_tui.store.response_store import ResponseStore
from flattr_tui.store.response_store_reader import StepProgress
from flattr_tui.store.shared_files import to_unwritable
from flattr_tui.store.stored_response import StoredResponse, content_digest


class StoredDigests:
    """The dates and contents of all responses in a store, to recognize responses that are stored already."""

    def __init__(self, store: ResponseStore, progress: StepProgress) -> None:
        self.store = store
        self.reports = ReportComparison()
        self._versions: defaultdict[str, list[tuple[float, bytes, float]]] = defaultdict(list)
        self._sequence = 0
        self._catch_up(progress)

    def _catch_up(self, progress: StepProgress = lambda stage, done, of: None) -> None:
        """Add the digests of the responses that were stored since the last call, by this or other programs."""
        since, self._sequence = self._sequence, self.store.last_sequence()
        for stored in self.store.iter_responses(since, self._sequence):
            self._add(stored, content_digest(stored))
            if stored.response_kind is ResponseKind.REVENUE:
                self.reports.add(stored)
            if stored.sequence % 100 == 0:
                progress("reading what is saved", stored.sequence, self._sequence)

    def _add(self, stored: StoredResponse, digest: bytes) -> None:
        versions = self._versions[stored.key]
        versions.append((stored.fetched_at, digest, max(stored.checked_at, stored.fetched_at)))
        versions.sort(key=lambda version: version[0])

    def add_response(self, response: StoredResponse) -> bool:
        """Store a response, and return True; return False if an equal response is stored already.

        `response` is compared with two stored responses to the same request: the last one before it and the first one
        after it by date. Raises `StoreError` if the store can't be written.
        """
        self._catch_up()
        digest = content_digest(response)
        versions = self._versions[response.key]
        after = sum(at <= response.fetched_at for at, _, _ in versions)
        if any(same == digest for _, same, _ in versions[max(0, after - 1) : after + 1]):
            _, newest, checked = versions[-1]
            if newest == digest and after == len(versions) and response.checked_at > checked:
                self.store.touch(response.response_key, response.checked_at)
                versions[-1] = (versions[-1][0], digest, response.checked_at)
            return False
        stored = self.store.import_response(response)
        if stored.sequence == self._sequence + 1:  # otherwise, it is read with those of the other program
            self._add(stored, digest)
            self._sequence = stored.sequence
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """Data that imported files may lack, such as the account, and functions to call during the import."""

    account: str = ""
    """The user name of the account that private responses belong to; "" if unknown."""
    url: str = ""
    """The address of responses that were saved without headers; "" if unknown."""
    owner: Callable[[], str] = lambda: UNNAMED
    """Returns the owner of revenue reports and exports that do not name their owner. It is called at most once."""
    bookmarks: Bookmarks | None = None
    """The bookmarks to which those of a bundle are added; with None, those of a bundle are left out."""
    progress: StepProgress = lambda stage, done, of: None
    """Called with the current step, how much of it is done, and how much there is in total (None: unknown)."""
    is_stopped: Callable[[], bool] = lambda: False
    """Returns whether the user wants to stop the import. What was read until then is stored."""


def import_files(store: ResponseStore, files: Sequence[Path], options: ImportOptions | None = None) -> ImportOutcome:
    """Import all data of Flattr in files, folders and archives. Returns what was imported and what was left out.

    With `options` None, the defaults of `ImportOptions` are used. Raises `StoreError` if the store can't be written.
    """
    options = options or ImportOptions()
    options = replace(options, owner=cache(options.owner))
    outcome = ImportOutcome()
    known = StoredDigests(store, options.progress)
    with tempfile.TemporaryFile() as spool:
        collector = _Collector(spool, outcome, known, options)
        collector.collect(files)
        collector.resolve_revisits()
        waiting = _sort_by_date(_fix_page_sizes(collector.waiting))
        for done, item in enumerate(waiting, 1):
            response = msgspec.structs.replace(item.identified.stored, body=collector.body(item))
            is_new = known.add_response(response)
            outcome.count(item.file, is_new, item.identified)
            if is_new and response.response_kind is ResponseKind.REVENUE and (differing := known.reports.add(response)):
                rows = "1 row has" if differing == 1 else f"{differing} rows have"
                outcome.remarks.append(
                    f"{item.file}: {rows} different clicks or revenue than in an earlier report of"
                    f" {response.request.get('month')}. Of two such rows, the one with more clicks in total counts."
                )
            options.progress("importing", done, len(waiting))
    store.sync_files()
    return outcome


@dataclass(frozen=True, slots=True)
class _SpooledResponse:
    """A response that waits to be stored. Its body is in a temporary file, to save memory."""

    identified: IdentifiedResponse
    file: str
    offset: int
    size: int
    run: int
    """A number that all parts of one captured response have in common, and no others."""
    digest: bytes
    """A hash of the body. The same file may be imported under two names."""


@dataclass(slots=True)
class _PendingRevisit:
    """A record of a web archive that refers to the body of another record (type `revisit`), which was not read yet."""

    file: Path
    capture: CapturedResponse
    number: int


class _Collector:
    """Collects the responses in all imported files, with their bodies in a temporary file."""

    def __init__(self, spool: IO[bytes], outcome: ImportOutcome, known: StoredDigests, options: ImportOptions) -> None:
        self._spool = spool
        self._outcome = outcome
        self._known = known
        self._options = options
        self._offset = self._run = self._seen = 0
        self._pending: list[_PendingRevisit] = []
        self._recorded: dict[tuple[str, ...], _SpooledResponse] = {}
        self.waiting: list[_SpooledResponse] = []

    def collect(self, files: Iterable[Path]) -> None:
        """Read all files: add their responses to `waiting`, and count what is left out.

        The user can stop this early (`ImportOptions.is_stopped`).
        """
        for path in files:
            self._outcome.start_file(path)
            try:
                with closing(self._read(path)) as captures:
                    for capture in captures:
                        self._seen += 1
                        self._options.progress(f"reading {path.name}", self._seen, None)
                        self._add_capture(path, capture)
                        if self._options.is_stopped():
                            self._outcome.stopped = True
                            return
            except UnreadableError as error:
                self._outcome.leave_out(path, "", str(error))
            except OSError as error:
                self._outcome.leave_out(path, "", f"can't be read ({error.strerror or error})")
            if self._options.is_stopped():
                self._outcome.stopped = True
                return

    def _read(self, path: Path) -> Generator[CapturedResponse, None, None]:
        return read_file(path, self._options.url, partial(self._import_bundle, path), self._options.is_stopped)

    def _add_capture(self, path: Path, capture: CapturedResponse) -> None:
        self._run += 1
        if capture.problem == NO_ADDRESS:  # like most records of a large web archive
            self._outcome.leave_out_other(path, _describe_place(capture), capture.url)
            return
        if capture.revisit is not None:
            self._pending.append(_PendingRevisit(path, capture, self._run))
            return
        try:
            identified = _identify(path, capture, self._options, self._outcome)
        except UnrecognizedError as error:
            self._outcome.leave_out(path, _describe_place(capture), _with_address(str(error), capture.url))
            return
        for item in identified:
            waiting = self._spool_response(path, item, item.stored.body, self._run)
            for name in _record_names(capture):
                self._recorded[name] = waiting

    def _spool_response(self, path: Path, item: IdentifiedResponse, body: bytes, run: int) -> _SpooledResponse:
        try:
            self._spool.seek(self._offset)
            self._spool.write(body)
            self._spool.flush()
        except OSError as error:
            raise to_unwritable(error, Path(tempfile.gettempdir())) from error
        bare = replace(item, stored=msgspec.structs.replace(item.stored, body=b""))
        digest = blake2b(body, digest_size=16).digest()
        waiting = _SpooledResponse(bare, str(path), self._offset, len(body), run, digest)
        self._offset += len(body)
        self.waiting.append(waiting)
        return waiting

    def resolve_revisits(self) -> None:
        """Add a response for each `revisit` record of a web archive.

        The response has the address and date of the `revisit` record, and the body of the earlier record that the
        `revisit` record repeats.
        """
        for pending in self._pending:
            found = next(
                (self._recorded[name] for name in _original_names(pending.capture) if name in self._recorded), None
            )
            if found is None:
                reason = "repeats a record that is not in these files: also import the archive that has it"
                self._outcome.leave_out(
                    pending.file, _describe_place(pending.capture), _with_address(reason, pending.capture.url)
                )
                continue
            earlier = found.identified.stored
            one = CapturedResponse(
                place=pending.capture.place,
                member=pending.capture.member,
                url=pending.capture.url,
                status=earlier.status,
                content_type=earlier.content_type,
                fetched_at=pending.capture.fetched_at,
                body=self.body(found),
            )
            self._add_capture(pending.file, one)

    def body(self, waiting: _SpooledResponse) -> bytes:
        """Return the body of a collected response, from the temporary file."""
        self._spool.seek(waiting.offset)
        return self._spool.read(waiting.size)

    def _import_bundle(self, path: Path, file: IO[bytes], size: int) -> bool:
        try:
            opened = bundle.Bundle(file, size)
        except bundle.NotBundleError:
            return False
        with opened:
            _restore_bundle(path, opened, self._options.bookmarks, self._outcome, self._known, self._options.progress)
        return True


def _record_names(capture: CapturedResponse) -> Iterator[tuple[str, ...]]:
    """Yield all names by which a `revisit` record of a web archive may refer to the earlier record `capture`.

    A name is a tuple. It begins with its kind: `id` (the record's id), `at` (address and time) or `digest` (the digest,
    with or without the address). Yields nothing if `capture` has no record id.
    """
    if capture.record_id:
        yield ("id", capture.record_id)
        yield ("at", capture.url, str(int(capture.fetched_at)))
        if capture.digest:
            yield ("digest", capture.url, capture.digest)
            yield ("digest", capture.digest)


def _original_names(capture: CapturedResponse) -> Iterator[tuple[str, ...]]:
    """Yield the names by which to find the record that a `revisit` record refers to, the most reliable name first.

    `capture` comes from the `revisit` record. The names have the form that `_record_names` returns.
    """
    revisit = capture.revisit
    if revisit is None:
        return
    yield ("id", revisit.record_id)
    yield ("at", revisit.url, str(int(revisit.date)))
    if revisit.digest:
        yield ("digest", revisit.url, revisit.digest)
        yield ("digest", revisit.digest)


def _identify(
    path: Path, capture: CapturedResponse, options: ImportOptions, outcome: ImportOutcome
) -> Sequence[IdentifiedResponse]:
    """Return the API responses in a captured response from the file `path`, each with its request.

    What is left out is counted in `outcome`. Raises `UnrecognizedError` if there is no API response.
    """
    name = PurePath(capture.member or path)
    if is_report(capture):
        report = split_months(capture, name, options.owner)
        for line, reason in report.problems:
            outcome.leave_out(path, _describe_place(capture, f"line {line}" if line else ""), reason)
        for owner, months in report.owners.items():
            known = next((one for one in outcome.earnings if fold_username(one) == fold_username(owner)), owner)
            outcome.earnings.setdefault(known, set()).update(months)
        return report.identified
    if not capture.problem and is_old_api(capture.body[:4096]):
        raise UnrecognizedError(OLD_API)
    if (not capture.url or capture.is_url_guessed) and is_extension_export(capture):
        export = read_flattrs(capture, options.owner)
        if export.browsing_events:
            outcome.remarks.append(f"{path}: the browsing history in this file was not imported.")
        if export.left_out:
            reason = f"{export.left_out} entries or times that can't be read"
            outcome.leave_out(path, _describe_place(capture, "flattrs"), reason)
        given = identify_response(export.capture, options.account)
        return [replace(one, stored=msgspec.structs.replace(one.stored, url=EXPORTED)) for one in given]
    try:
        identified = identify_response(capture, options.account)
    except OtherOwnerError:
        if not capture.url or capture.url == options.url:
            raise
        identified = identify_response(msgspec.structs.replace(capture, url=""), options.account)
    for problem in (problem for one in identified for problem in one.problems):
        outcome.leave_out(path, _describe_place(capture), problem)
    return identified


def _describe_place(capture: CapturedResponse, within: str = "") -> str:
    return ": ".join(filter(None, (capture.member, capture.place, within)))


def _with_address(reason: str, url: str) -> str:
    return f"{reason} ({remove_secrets_of_text(url[:200])})" if url else reason


def _restore_bundle(
    path: Path,
    opened: bundle.Bundle,
    bookmarks: Bookmarks | None,
    outcome: ImportOutcome,
    known: StoredDigests,
    progress: StepProgress,
) -> None:
    try:
        replay = bundle.ConfirmationReplay(known.store, opened.confirmations())
    except UnreadableError as error:
        outcome.leave_out(path, bundle.CONFIRMED, str(error))
        replay = bundle.ConfirmationReplay(known.store, ())
    for done, (where, response) in enumerate(opened.responses(), 1):
        replay.add_before(where)
        if isinstance(response, str):
            outcome.leave_out(path, where, response)
        else:
            outcome.count(path, known.add_response(response))
        progress("importing", done, len(opened))
    replay.add_rest()
    if bookmarks is None:
        return
    try:
        packed = opened.bookmarks()
    except UnreadableError as error:
        outcome.leave_out(path, bundle.BOOKMARKS, str(error))
        return
    if packed is not None:
        outcome.bookmarks += bundle.merge_bookmarks(bookmarks, packed)


def _fix_page_sizes(waiting: list[_SpooledResponse]) -> list[_SpooledResponse]:
    """Return the responses with corrected page sizes.

    If the server allowed fewer items than were requested, the page size is the number of items on the list's largest
    page. Otherwise, each page would have fewer items than its size, and would seem to be the end of the list.
    """
    lists: defaultdict[object, list[_SpooledResponse]] = defaultdict(list)
    for item in waiting:
        stored = item.identified.stored
        if stored.count and not item.identified.is_guessed:
            lists[stored.account, stored.request, stored.count].append(item)
    grants: dict[int, int] = {}
    for pages in lists.values():
        largest = max(page.identified.items for page in pages)
        several = any(page.identified.stored.page > 1 and page.identified.items for page in pages)
        if largest < pages[0].identified.stored.count and (largest >= DEFAULT_PAGE_SIZE or several) and largest:
            grants |= {id(page): largest for page in pages}
    return [
        item if id(item) not in grants else _with_page(item, count=grants[id(item)], page=item.identified.stored.page)
        for item in waiting
    ]


def _with_page(item: _SpooledResponse, *, page: int, count: int) -> _SpooledResponse:
    stored = msgspec.structs.replace(item.identified.stored, page=page, count=count)
    return replace(item, identified=replace(item.identified, stored=stored))


def _sort_by_date(waiting: list[_SpooledResponse]) -> list[_SpooledResponse]:
    """Return the responses sorted by date. Pages whose numbers are unknown are numbered.

    The newest page of a list gets number 1. Items may be missing between pages from different captured responses, so
    one number is left out between such pages.
    """
    runs: defaultdict[object, dict[int, list[_SpooledResponse]]] = defaultdict(dict)
    ready: list[_SpooledResponse] = []
    for item in waiting:
        stored = item.identified.stored
        if item.identified.is_guessed and stored.count:
            runs[stored.account, stored.request].setdefault(item.run, []).append(item)
        else:
            ready.append(item)
    for parts in runs.values():
        number = 1
        numbers: dict[tuple[bytes, ...], int] = {}
        for pages in sorted(parts.values(), key=lambda pages: -pages[0].identified.newest):
            first = numbers.setdefault(tuple(page.digest for page in pages), number)
            ready += (
                _with_page(page, page=first + place, count=page.identified.stored.count)
                for place, page in enumerate(pages)
            )
            number += len(pages) + 1 if first == number else 0
    return sorted(ready, key=lambda item: item.identified.stored.fetched_at)
