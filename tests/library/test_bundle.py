"""Tests of bundles: a library moves in one file and is equal afterwards; a damaged entry is left out alone."""

import os
import shutil
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flattr_tui.library.bookmarks import Bookmarks, Mark, MarkKind
from flattr_tui.library.import_export import bundle
from flattr_tui.library.import_export.decompression import UnreadableError
from flattr_tui.library.import_export.import_outcome import ImportOutcome
from flattr_tui.library.import_export.importer import ImportOptions, import_files
from flattr_tui.model.api_request import ApiRequest, ResponseKind
from flattr_tui.store.response_store import ResponseStore
from flattr_tui.store.stored_response import StoredResponse
from tests.store.sample_responses import response


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResponseStore]:
    """A store with six responses: three of one page, one of page 2, a private one, and one of another source."""
    with closing(open_store(tmp_path / "one")) as opened:
        opened.put(response(b"[1]", at=1000.0))
        opened.put(response(b"[2]", at=2000.0, etag='"x"'))
        opened.put(response(b"[1]", at=3000.0))
        opened.put(response(b"[]", page=2, at=3001.0))
        opened.put(
            response(b"{}", account="ada", request=ApiRequest.of("me"), count=0, response_kind=ResponseKind.USER)
        )
        opened.put(response(b"\xff\x00\n", source="https://x.example/rest/v2", content_type="text/xml", format="xml"))
        yield opened


def open_store(folder: Path) -> ResponseStore:
    return ResponseStore.open(folder, notice=pytest.fail)


def read_responses(store: ResponseStore) -> list[StoredResponse]:
    return list(store.iter_responses())


def import_bundle(tmp_path: Path, file: Path, name: str = "two") -> tuple[ImportOutcome, list[StoredResponse]]:
    """Import a bundle into the store `name`. Returns the outcome, and all responses of that store."""
    with closing(open_store(tmp_path / name)) as other:
        outcome = import_files(other, [file])
        return outcome, read_responses(other)


def test_an_imported_library_is_equal_to_the_exported_one(tmp_path: Path, store: ResponseStore) -> None:
    file = tmp_path / "library.zip"
    assert bundle.write_bundle(store, file) == 6
    assert file.stat().st_mode & 0o077 == 0
    outcome, there = import_bundle(tmp_path, file)
    assert (outcome.new, outcome.already_stored, outcome.skipped_count) == (6, 0, 0)
    assert there == read_responses(store)
    outcome, there = import_bundle(tmp_path, file)
    assert (outcome.new, outcome.already_stored) == (0, 6)
    assert import_files(store, [file]).already_stored == 6
    assert len(there) == len(read_responses(store)) == 6


@pytest.mark.parametrize("form", ["zip", "tar"])
def test_a_bundle_within_an_archive_is_imported(tmp_path: Path, store: ResponseStore, form: str) -> None:
    (tmp_path / "around").mkdir()
    bundle.write_bundle(store, tmp_path / "around" / "library.zip")
    archive = Path(shutil.make_archive(str(tmp_path / "outer"), form, tmp_path / "around"))
    outcome, there = import_bundle(tmp_path, archive)
    assert (outcome.new, outcome.skipped) == (6, [])
    assert there == read_responses(store)


def test_a_bundle_that_was_unpacked_is_refused_and_read_when_it_is_packed_again(
    tmp_path: Path, store: ResponseStore
) -> None:
    unpacked = tmp_path / "unpacked"
    bundle.write_bundle(store, tmp_path / "library.zip")
    shutil.unpack_archive(tmp_path / "library.zip", unpacked)
    outcome, there = import_bundle(tmp_path, unpacked)
    assert ([one.reason[:18] for one in outcome.skipped], there) == (["an unpacked bundle"], [])
    with zipfile.ZipFile(tmp_path / "again.zip", "w") as archive:
        for path in sorted(unpacked.rglob("*"), reverse=True):
            archive.write(path, path.relative_to(unpacked))
    outcome, there = import_bundle(tmp_path, tmp_path / "again.zip")
    assert (outcome.new, outcome.skipped) == (6, [])
    assert there == read_responses(store)


def test_a_bundle_is_written_to_a_pipe_and_through_a_link(tmp_path: Path, store: ResponseStore) -> None:
    pipe, link, copy = tmp_path / "pipe", tmp_path / "link", tmp_path / "copy.zip"
    os.mkfifo(pipe)
    link.symlink_to("linked.zip")
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_bytes)
        assert bundle.write_bundle(store, pipe) == 6
        copy.write_bytes(read.result(10))
    bundle.write_bundle(store, link)
    assert pipe.is_fifo()
    assert link.is_symlink()
    for name, file in (("two", copy), ("three", tmp_path / "linked.zip")):
        assert import_bundle(tmp_path, file, name)[1] == read_responses(store)


def test_two_libraries_become_one(tmp_path: Path, store: ResponseStore) -> None:
    file = tmp_path / "library.zip"
    bundle.write_bundle(store, file)
    with closing(open_store(tmp_path / "two")) as other:
        other.put(response(b"[9]", at=2500.0))
        assert import_files(other, [file]).new == 6
        newest = other.latest(response().response_key)
        assert newest is not None
        assert (newest.body, newest.fetched_at) == (b"[1]", 3000.0)
        assert sorted(
            one.fetched_at for one in read_responses(other) if one.response_key == response().response_key
        ) == [
            1000.0,
            2000.0,
            2500.0,
            3000.0,
        ]


def test_a_damaged_entry_is_left_out_alone(tmp_path: Path, store: ResponseStore) -> None:
    whole, broken = tmp_path / "library.zip", tmp_path / "broken.zip"
    bundle.write_bundle(store, whole)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(broken, "w") as new:
        for number, name in enumerate(old.namelist()):
            data = old.read(name)
            new.writestr(name, data.replace(b"2000", b"2001") if number == 2 else data)
    outcome, there = import_bundle(tmp_path, broken)
    assert [str(one) for one in outcome.skipped] == [
        f"{broken}: responses/000000002: is damaged: its content is not what was packed"
    ]
    assert len(there) == 4  # without the damaged one, its neighbours are equal, and become one response
    whole.write_bytes(whole.read_bytes()[:-40])
    outcome, there = import_bundle(tmp_path, whole, "three")
    assert (outcome.skipped_count, there) == (1, [])


@given(st.binary(max_size=200))
def test_random_bytes_are_no_entry(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        bundle.unpack_response(data)


@pytest.mark.parametrize(
    "odd",
    [
        {"source": "../../etc"},
        {"request": ApiRequest.of("flattr", id="1")},
        {"request": ApiRequest.of("nothing")},
        {"format": "exe"},
        {"fetched_at": -1.0},
        {"page": -1},
    ],
)
def test_a_response_that_this_program_never_stores_is_refused(odd: dict[str, object]) -> None:
    with pytest.raises(UnreadableError):
        bundle.unpack_response(bundle.pack_response(response(**odd)))  # type: ignore[arg-type]


def test_other_zip_files_are_no_bundles(tmp_path: Path) -> None:
    file = tmp_path / "x.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("../../evil", "x")
    outcome, there = import_bundle(tmp_path, file)
    assert (outcome.skipped[0].reason, there) == ("its name leads out of the archive", [])
    assert not (tmp_path.parent / "evil").exists()


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path, store: ResponseStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MAX_BODY", 1 << 20)
    file = tmp_path / "library.zip"
    bundle.write_bundle(store, file)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("responses/9", b" " * (1 << 24))
    outcome, there = import_bundle(tmp_path, file)
    assert "larger than" in outcome.skipped[0].reason
    assert len(there) == 6


def read_confirmations(store: ResponseStore) -> list[tuple[str, float, int]]:
    return [(note.place.key, note.checked_at, note.sequence) for note in store.confirmations()]


def test_confirmations_move_between_the_same_responses(tmp_path: Path, store: ResponseStore) -> None:
    first, second = response(b"[1]").response_key, response(page=2).response_key
    for place, at, after in (
        (first, 1500.0, 1),
        (first, 2500.0, 2),
        (second, 3100.0, 4),
        (first, 4000.0, store.last_sequence()),
    ):
        store.add_confirmation(place, at, after)
    file = tmp_path / "library.zip"
    bundle.write_bundle(store, file)
    import_bundle(tmp_path, file)
    with closing(open_store(tmp_path / "two")) as other:
        assert read_confirmations(other) == read_confirmations(store)
        assert import_files(other, [file]).new == 0
        assert read_confirmations(other) == read_confirmations(store)
    with closing(open_store(tmp_path / "three")) as other:
        other.put(response(b"[0]", at=1.0, request=ApiRequest.of("user-flattrs", username="bob")))
        import_files(other, [file])
        assert read_confirmations(other) == [(key, at, after + 1) for key, at, after in read_confirmations(store)]


@pytest.mark.parametrize("data", [b"{", b"[]", b"\xff", b'{"after": 1}'])
def test_damaged_confirmations_are_left_out_alone(tmp_path: Path, store: ResponseStore, data: bytes) -> None:
    file = tmp_path / "library.zip"
    bundle.write_bundle(store, file)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("confirmed.jsonl", data)
    outcome, there = import_bundle(tmp_path, file)
    assert [str(one) for one in outcome.skipped] == [f"{file}: confirmed.jsonl: is damaged"]
    assert there == read_responses(store)


def test_a_confirmation_of_a_missing_response_is_not_exported(tmp_path: Path, store: ResponseStore) -> None:
    store.add_confirmation(response(request=ApiRequest.of("user-flattrs", username="gone")).response_key, 1500.0, 1)
    bundle.write_bundle(store, tmp_path / "library.zip")
    import_bundle(tmp_path, tmp_path / "library.zip")
    with closing(open_store(tmp_path / "two")) as other:
        assert other.confirmations() == []


def test_imported_bookmarks_are_added_to_the_existing_ones(tmp_path: Path, store: ResponseStore) -> None:
    def save_marks(name: str, *keys: str) -> Bookmarks:
        bookmarks = Bookmarks.open(tmp_path / name, notice=pytest.fail)
        for key in keys:
            bookmarks.toggle(Mark(kind=MarkKind.USER, source="sandbox", key=key))
        bookmarks.save()
        return bookmarks

    save_marks("packed.json", "ada", "bob")
    here = save_marks("here.json", "bob", "eve")
    bundle.write_bundle(store, tmp_path / "library.zip", bookmarks=tmp_path / "packed.json")
    for added in (1, 0):
        assert import_files(store, [tmp_path / "library.zip"], ImportOptions(bookmarks=here)).bookmarks == added
    kept = Bookmarks.open(tmp_path / "here.json", notice=pytest.fail)
    assert {mark.key for mark in kept.marks} == {"ada", "bob", "eve"}
