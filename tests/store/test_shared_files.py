"""Tests that a file is replaced atomically."""

from pathlib import Path

import pytest

from flattr_tui.store.shared_files import replace_file


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
