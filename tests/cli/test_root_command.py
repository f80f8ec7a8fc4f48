"""Tests of the command line as a whole: help, version, completion, errors and exit codes."""

import os
import pwd
import socket
from pathlib import Path

import click
import pytest

from flattr_tui import __version__
from flattr_tui.cli import root_command
from flattr_tui.cli.errors import report_crash
from flattr_tui.cli.root_command import COMMANDS, cli
from flattr_tui.paths import Paths, make_folder
from tests.cli.conftest import Flattr, run_python


def list_commands() -> list[tuple[str, click.Command]]:
    """Return all commands and subcommands with their names."""
    found: list[tuple[str, click.Command]] = []
    for row in COMMANDS:
        command = row.load()
        inner = command.commands if isinstance(command, click.Group) else {}
        found += [(row.name, command), *((f"{row.name} {name}", one) for name, one in inner.items())]
    return found


def test_version(flattr: Flattr) -> None:
    for option in ("--version", "-V"):
        assert flattr(option) == (0, f"flattr-tui {__version__}\n", "")


def test_help_lists_every_command_and_option_and_examples(flattr: Flattr) -> None:
    out = flattr("--help").out
    for row in COMMANDS:
        assert f"\n  {row.name} " in out
        assert row.help in " ".join(out.split())
    for parameter in cli.params:
        assert parameter.opts[0] in out
    assert "Examples:" in out
    assert "FLATTR_TUI_RATE_LIMIT" in "".join(out.split())


@pytest.mark.parametrize("name", [row.name for row in COMMANDS])
def test_each_commands_help_has_examples(flattr: Flattr, name: str) -> None:
    ended = flattr(name, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert "Examples:" in ended.out
    assert f"flattr-tui {name}" in ended.out


def test_options_for_settings_do_not_hide_options_of_commands() -> None:
    for name, command in list_commands():
        declared = [option for parameter in command.params for option in parameter.opts]
        assert len(declared) == len(set(declared)), name


def test_help_and_completion_import_no_command() -> None:
    """The module `help` is an exception: it has the completion scripts."""
    code = (
        "import os, sys\n"
        "from importlib.util import find_spec\n"
        "from flattr_tui.cli.root_command import COMMANDS, run\n"
        "run(['--help'])\n"
        "os.environ.update(_FLATTR_TUI_COMPLETE='bash_complete', COMP_LINE='flattr-tui ')\n"
        "try: run([])\n"
        "except SystemExit: pass\n"
        "modules = {row.module or row.name for row in COMMANDS} - {'help'}\n"
        "names = {f'flattr_tui.cli.commands.{name}' for name in modules}\n"
        "sys.exit(not names.isdisjoint(sys.modules) or not all(map(find_spec, names)))\n"
    )
    done = run_python("-c", code)
    assert done.returncode == 0, done.stderr
    assert "plain,methods" in done.stdout.splitlines()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--source", "flatter"), "'flatter' is not a source: give `sandbox`, `saved`, or an address such as"),
        (("--source", "http://flattr.example/rest/v2"), "is not encrypted: use https, or say --allow-http"),
        (("--source", "https://[::1"), "is not an address"),
        (("--source", "https://ada:pw@flattr.example"), "leave it out and use `flattr-tui login`"),
        (("--theme", "flattr-lihgt"), "There is no theme 'flattr-lihgt'; did you mean flattr-light?"),
        (("--theme", "\x1b[31m"), "There is no theme '\\x1b[31m'; there are flattr-dark, "),
        (("--scale", "many"), "Invalid value for '--scale'"),
        (("--scale", "1000001"), "Invalid value for '--scale'"),
        (("--nonsense",), "No such option"),
        (("nonsense",), "No such command 'nonsense'"),
        (("gett", "categories"), "No such command 'gett'. Did you mean 'get'? See `flattr-tui --help`."),
        (("cache", "prun"), "No such command 'prun'. Did you mean 'prune'?"),
        (("help", "syncc"), "No such command 'syncc'. Did you mean 'sync'?"),
        (("help", "cache", "prun"), "No such command 'prun'. Did you mean 'prune'?"),
        (("help", "get", "user"), "`flattr-tui get` has no commands of its own."),
        (("accounts", "--json", "use", "ada"), "--json is for the list"),
        (("serve", "--port", "70000"), "Invalid value for '--port'"),
        (("serve", "--client", "me"), "A client is written ID:SECRET or ID:SECRET:CALLBACK"),
        (("serve", "--base", "flattr.com"), "does not begin with http:// or https://"),
        (("sync",), "Name the user to fetch: --user NAME, or --me"),
        (("get", "--source", "flatter", "categories"), "'flatter' is not a source"),
    ],
)
def test_bad_input_is_one_line_and_exits_with_2(flattr: Flattr, arguments: tuple[str, ...], error: str) -> None:
    result = flattr(*arguments)
    assert (result.code, result.out) == (2, "")
    assert result.line.startswith("flattr-tui: ")
    assert error in result.line
    assert result.line.isprintable()


def test_a_process_exits_with_2_without_a_terminal() -> None:
    done = run_python("-m", "flattr_tui")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("flattr-tui: The program needs a terminal, but its standard input is not one.")


@pytest.mark.parametrize("arguments", [("--offline",), ("get", "categories"), ("sync", "--user", "ada"), ("serve",)])
def test_a_folder_that_cannot_be_created_is_one_line_and_exits_with_2(
    flattr: Flattr, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "file").write_text("precious")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    ended = flattr(*arguments)
    assert ended.code == 2
    assert f"The folder {tmp_path}/file/flattr-tui" in ended.line
    assert (tmp_path / "file").read_text() == "precious"


def test_a_folder_that_cannot_be_written_is_one_line_and_exits_with_2(
    flattr: Flattr, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everywhere
    ended = flattr("get", "categories")
    assert ended.code == 2
    assert "can't be written. Make it writable" in ended.line


def test_a_folder_in_the_place_of_the_settings_file_exits_with_2(
    flattr: Flattr, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "config" / "flattr-tui"
    (folder / "settings.toml").mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert flattr("methods").code == 2


def test_a_port_in_use_is_one_line_and_exits_with_2(flattr: Flattr) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = flattr("serve", "--port", str(port))
    assert ended.code == 2
    assert f"Port {port} can't be used" in ended.line


def test_a_world_that_cannot_be_opened_is_one_line_and_exits_with_2(flattr: Flattr, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = flattr("serve", "--port", "0", "--data", str(tmp_path / "file" / "world.sqlite"))
    assert ended.code == 2
    assert "can't be opened" in ended.line


def test_a_closed_pipe_is_no_traceback() -> None:
    code = (
        "import os, sys\n"
        "from flattr_tui.cli import root_command\n"
        "reading, writing = os.pipe()\n"
        "os.dup2(writing, 1)\n"
        "os.close(reading)\n"
        "sys.exit(root_command.run(['methods', '--json']))\n"
    )
    done = run_python("-c", code)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("home", [None, "", "relative"])
def test_a_missing_home_folder_is_an_error_that_says_what_to_set(
    flattr: Flattr, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    def fail(_: int) -> None:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", fail)
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name)
    if home is not None:
        monkeypatch.setenv("HOME", home)
    for command in (["get", "me"], ["cache", "path"], ["accounts"], []):
        ended = flattr(*command)
        assert ended.code == 2
        assert ended.line.startswith("flattr-tui: There is no home folder: set HOME to one")


def test_an_exception_is_reported_without_its_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command("methods")
    def broken() -> None:
        planted = "a secret"
        raise KeyError(planted)

    monkeypatch.setitem(cli.commands, "methods", broken)
    reports = []
    for _ in range(2):
        assert root_command.run(["methods"]) == 1
        printed = capsys.readouterr().err
        assert "an internal error (KeyError)" in printed
        (report,) = Paths.standard().crashes.iterdir()
        reports.append(report.read_text())
        assert str(report) in printed
        report.unlink()  # in the same second, the next report has the same name
    assert "builtins.KeyError" in reports[0]
    assert "in broken" in reports[0]
    assert "a secret" not in printed + reports[0]


def test_only_the_newest_crash_reports_are_kept() -> None:
    folder = make_folder(Paths.standard().crashes)
    for number in range(8):
        (folder / f"crash-20200101-00000{number}-1.txt").write_text("old")
    sentence = report_crash(KeyError("x"))
    *old, newest = sorted(folder.iterdir())
    assert str(newest) in sentence
    assert [file.name for file in old] == [f"crash-20200101-00000{number}-1.txt" for number in range(4, 8)]
