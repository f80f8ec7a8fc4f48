"""Tests of `flattr-tui help`, of --quiet, and of `accounts --json`."""

import json

import pytest

from tests.cli.conftest import Flattr, run_python


@pytest.mark.parametrize("names", [(), ("get",), ("cache",), ("cache", "prune"), ("help",)])
def test_help_of_a_command_prints_the_same_as_its_option(flattr: Flattr, names: tuple[str, ...]) -> None:
    assert flattr("help", *names) == flattr(*names, "--help")


@pytest.mark.parametrize(
    ("words", "found"), [("help sy", ["sync"]), ("help cache pru", ["prune"]), ("help get x", []), ("help gett x", [])]
)
def test_tab_after_help_offers_commands(words: str, found: list[str]) -> None:
    variables = {"_FLATTR_TUI_COMPLETE": "bash_complete", "COMP_LINE": f"flattr-tui {words}"}
    done = run_python("-c", f"import os; os.environ.update({variables!r}); from flattr_tui.cli import main; main()")
    assert done.stdout.split() == [f"plain,{name}" for name in found], done.stderr


def test_quiet_prints_only_results_and_errors(flattr: Flattr) -> None:
    assert flattr("login", "--user", "ada", "--quiet") == (0, "", "")
    assert flattr("accounts").out == "* ada\tsandbox\n"
    assert flattr("accounts", "use", "--nobody", "-q") == (0, "", "")
    assert flattr("accounts", "--quiet").out == "  ada\tsandbox\n"
    saved = flattr("get", "categories")
    offline = flattr("--offline", "get", "categories")
    assert "Offline: saved" in offline.line
    assert flattr("--offline", "get", "categories", "--quiet") == (0, saved.out, "")
    assert flattr("--quiet", "cache", "rebuild") == (0, "", "")
    assert flattr("get", "user", "username=nobody-at-all", "--quiet").line
    assert flattr("logout", "ada", "--keep", "--quiet") == (0, "", "")
    assert flattr("accounts", "-q") == (0, "", "")


def test_accounts_as_json(flattr: Flattr) -> None:
    assert json.loads(flattr("accounts", "--json").out) == []
    for name in ("ada", "melodia"):
        flattr("login", "--user", name)
    expected = [
        {"account": "ada", "source": "sandbox", "current": False},
        {"account": "melodia", "source": "sandbox", "current": True},
    ]
    for arguments in (("accounts", "--json"), ("accounts", "list", "--json")):
        ended = flattr(*arguments)
        assert json.loads(ended.out) == expected
        assert ended.err == ""
