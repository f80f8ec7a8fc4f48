"""Tests of the command that installs a missing extra: for a package of an index, a folder and a repository."""

import json

import pytest

from flattr_tui.pip_command import command_for, install_command


@pytest.mark.parametrize(
    ("origin", "command"),
    [
        (None, "pip install 'flattr-tui[warc]'"),
        ({"url": "file:///home/ada/my%20code", "dir_info": {}}, "pip install '/home/ada/my code[warc]'"),
        ({"url": "file:///src/f", "dir_info": {"editable": True}}, "pip install -e '/src/f[warc]'"),
        (
            {"url": "https://example.com/f.git", "vcs_info": {"vcs": "git", "commit_id": "1"}},
            "pip install 'flattr-tui[warc] @ git+https://example.com/f.git'",
        ),
    ],
)
def test_the_command_fits_the_origin_of_the_installation(origin: object, command: str) -> None:
    assert command_for("warc", None if origin is None else json.dumps(origin)) == command


def test_this_installation_has_a_command() -> None:
    assert install_command("web").endswith("[web]'")
