"""Tests that the data folder is made private, and that another user's folder is refused."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from flattr_tui.paths import Paths, make_folder
from tests.cli.conftest import Flattr


def test_a_folder_open_to_other_users_is_made_private_with_one_notice(flattr: Flattr) -> None:
    folder = Paths.standard().data
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    assert f"The folder {folder} was open to other users" in flattr("get", "categories").err
    assert folder.stat().st_mode & 0o777 == 0o700
    assert flattr("get", "categories").err == ""


def test_folders_above_it_are_made_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make_folder(tmp_path / "share" / "flattr-tui")
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")] == [0o700, 0o700]


def test_a_folder_of_another_user_is_refused(flattr: Flattr, monkeypatch: pytest.MonkeyPatch) -> None:
    Paths.standard().data.mkdir(parents=True)
    monkeypatch.setattr(os, "geteuid", lambda: 54_321)
    ended = flattr("get", "categories")
    assert ended.code == 2
    assert "belongs to another user" in ended.line


@pytest.mark.parametrize("arguments", [("bundle", "library.zip"), ("cache", "rebuild")])
def test_a_home_folder_that_is_no_folder_is_named(
    flattr: Flattr, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/dev/null/share")  # of a service's account
    ended = flattr(*arguments)
    assert ended.code == 2
    assert "The folder /dev/null/share/flattr-tui can't be made (Not a directory)." in ended.line


def test_nothing_is_saved_in_a_home_folder_that_is_no_folder(flattr: Flattr, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/dev/null/share")
    ended = flattr("cache", "info")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("0 responses saved: 0 B")


@pytest.mark.parametrize(
    "file",
    [
        "settings.toml",
        "catalogue.sqlite",
        "pages.json",
        "responses/cache.db",
        "catalogue.sqlite-wal",
        "sandbox/world-1-0.sqlite",
    ],
)
@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")])
def test_a_file_that_could_be_read_for_ever_is_named(flattr: Flattr, file: str, make: Callable[[Path], None]) -> None:
    place = Paths.standard().config if file == "settings.toml" else Paths.standard().data
    (place / file).parent.mkdir(parents=True, exist_ok=True)
    make(place / file)
    ended = flattr("get", "categories")
    assert (ended.code, ended.line) == (2, f"flattr-tui: {place / file} is not a regular file. Remove or rename it.")


def test_a_folder_whose_path_is_too_long_is_named(flattr: Flattr, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", f"/{'a' * 300}")
    ended = flattr("get", "categories")
    assert ended.code == 2
    assert "/flattr-tui can't be used (File name too long). Remove it, or set XDG_DATA_HOME" in ended.line


def test_a_link_to_itself_is_named(flattr: Flattr) -> None:
    tokens = Paths.standard().tokens
    tokens.parent.mkdir(parents=True)
    tokens.symlink_to(tokens.name)
    ended = flattr("get", "categories")
    assert ended.code == 2
    assert f"{tokens} can't be used (Too many levels of symbolic links). Remove it" in ended.line
