"""Tests that a file is replaced atomically, and that a lock is not awaited for ever."""

from pathlib import Path

import pytest

from flattr_tui.store.shared_files import LockedError, file_lock, replace_file


@pytest.mark.parametrize("durable", [True, False])
def test_a_file_is_replaced_atomically_and_readable_by_its_owner_only(tmp_path: Path, durable: bool) -> None:
    file = tmp_path / "kept.json"
    file.write_text("old, and open to all")
    file.chmod(0o644)
    replace_file(file, b"new", durable=durable)
    assert file.read_bytes() == b"new"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_failed_replacement_changes_nothing_and_leaves_no_temporary_file(tmp_path: Path) -> None:
    folder = tmp_path / "kept.json"
    (folder / "within").mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        replace_file(folder, b"new", durable=True)
    assert list(tmp_path.iterdir()) == [folder]


def test_a_lock_that_is_held_too_long_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flattr_tui.store.shared_files.LOCK_SECONDS", 0.05)
    file = tmp_path / "kept.json"
    with file_lock(file), pytest.raises(LockedError, match="is locked by"), file_lock(file):
        pass
    with file_lock(file):  # free again
        pass
