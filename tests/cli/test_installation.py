"""What is said to do where an extra is missing: it works for a package of an index, a checkout and a repository."""

import json

import pytest

from flattr_tui.installation import command_for, install_command


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
def test_the_command_fits_where_it_was_installed_from(origin: object, command: str) -> None:
    assert command_for("warc", None if origin is None else json.dumps(origin)) == command


def test_this_installation_has_one() -> None:
    assert install_command("web").endswith("[web]'")
