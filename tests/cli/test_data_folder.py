"""Tests that the data folder is made private, and that another user's folder is refused."""

import os

import pytest

from flattr_tui.paths import Paths
from tests.cli.conftest import Flattr


def test_a_folder_open_to_other_users_is_made_private_with_one_notice(flattr: Flattr) -> None:
    folder = Paths.standard().data
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    assert f"The folder {folder} was open to other users" in flattr("get", "categories").err
    assert folder.stat().st_mode & 0o777 == 0o700
    assert flattr("get", "categories").err == ""


def test_a_folder_of_another_user_is_refused(flattr: Flattr, monkeypatch: pytest.MonkeyPatch) -> None:
    Paths.standard().data.mkdir(parents=True)
    monkeypatch.setattr(os, "geteuid", lambda: 54_321)
    ended = flattr("get", "categories")
    assert ended.code == 2
    assert "belongs to another user" in ended.line
