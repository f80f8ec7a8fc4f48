"""Tests that the manual page names every command and is installed. `test_readme` checks that it is up to date."""

import tomllib

from flattr_tui.cli.root_command import COMMANDS
from tests.man_page import FILE, render_page


def test_the_page_names_each_command() -> None:
    for row in COMMANDS:
        assert f'.SS "flattr\\-tui {row.name} ' in render_page()


def test_the_page_is_installed_where_man_looks() -> None:
    project = tomllib.loads((FILE.parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    targets = project["tool"]["hatch"]["build"]["targets"]
    assert targets["wheel"]["shared-data"] == {"flattr_tui/cli/flattr-tui.1": "share/man/man1/flattr-tui.1"}
