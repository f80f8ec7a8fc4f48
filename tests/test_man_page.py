"""The manual page has every command, and is installed with the program; test_readme holds it up to date."""

import tomllib

from flattr_tui.cli.root_command import COMMANDS
from tests.man_page import FILE, page


def test_each_command_is_in_it() -> None:
    for row in COMMANDS:
        assert f'.SS "flattr\\-tui {row.name} ' in page()


def test_it_is_installed_where_man_looks() -> None:
    project = tomllib.loads((FILE.parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    targets = project["tool"]["hatch"]["build"]["targets"]
    assert targets["wheel"]["shared-data"] == {"flattr_tui/cli/flattr-tui.1": "share/man/man1/flattr-tui.1"}
