"""Tests of the help: its examples can be pasted, it fits narrow terminals, and its advice fits the command line."""

import re
import shlex
from pathlib import Path

import click
import pytest

from flattr_tui.cli.root_command import cli
from flattr_tui.settings import Settings
from tests.cli.conftest import Flattr
from tests.cli.test_root_command import list_commands

EXAMPLES = [
    (name, example)
    for name, command in [("", cli), *list_commands()]
    for example in re.findall(r"^  (flattr-tui.*)$", command.epilog or "", re.MULTILINE)
]
SHELL = {"|", ">", ">>", "&&"}
"""Operators of the shell, before which the arguments of `flattr-tui` end."""


def split_arguments(example: str) -> list[str]:
    """Return the arguments of `flattr-tui` in an example."""
    words = shlex.split(example, comments=True)[1:]
    words = [str(Path(word).expanduser()) if word.startswith("~/") else word for word in words]  # a shell does this too
    return words[: next((at for at, word in enumerate(words) if word in SHELL), len(words))]


def parse(command: click.Command, words: list[str], parent: click.Context | None = None) -> None:
    """Parse words as the command line does, including the words for subcommands, but run no command."""
    context = command.make_context("flattr-tui", list(words), parent=parent, obj=Settings())
    _, rest, _ = command.make_parser(context).parse_args(list(words))
    if isinstance(command, click.Group) and rest:
        inner = command.get_command(context, rest[0])
        assert inner is not None, rest
        parse(inner, rest[1:], context)


@pytest.mark.parametrize("example", sorted({example for _, example in EXAMPLES}))
def test_an_example_can_be_pasted(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = split_arguments(example)
    for word in words[words.index("import") + 1 :] if "import" in words else ():
        if "=" not in word and not word.startswith("-"):
            (tmp_path / word).touch()
    if "--from" in words:
        Path(words[words.index("--from") + 1]).mkdir(parents=True)
    parse(cli, words)


@pytest.mark.parametrize("line", [example for _, example in EXAMPLES if re.search(r" id=\d", example)])
def test_the_things_of_the_examples_are_in_the_sandbox(flattr: Flattr, line: str) -> None:
    number = re.search(r" id=(\d+)", line)
    assert number is not None
    assert flattr("get", "thing", f"id={number[1]}").code == 0


@pytest.mark.parametrize("name", ["thing", "things", "thing-flattrs"])
def test_the_example_of_a_method_works(flattr: Flattr, name: str) -> None:
    (line,) = re.findall(r"^  flattr-tui (get .*)$", flattr("methods", name).out, re.MULTILINE)
    assert flattr(*shlex.split(line)).code == 0


@pytest.mark.parametrize("name", ["", "get", "sync", "cache prune"])
def test_help_fits_a_narrow_screen(flattr: Flattr, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    out = flattr(*name.split(), "--help").out.partition("Examples:")[0]
    assert max(map(len, out.splitlines())) <= 40
    monkeypatch.setenv("COLUMNS", "200")
    assert max(map(len, flattr(*name.split(), "--help").out.splitlines())) > 60


def test_a_group_without_a_command_prints_its_help_on_stderr(flattr: Flattr) -> None:
    ended = flattr("cache")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == flattr("cache", "--help").out


def test_errors_advise_commands_and_not_keys(flattr: Flattr) -> None:
    for arguments_ in (["get", "me"], ["sync", "--me"], ["export", "me", "--fetch", "--format", "json"]):
        ended = flattr(*arguments_)
        assert ended.code == 4
        assert ended.line.endswith("Log in by `flattr-tui login`.")


def test_two_sentences_of_an_error_are_separated(flattr: Flattr) -> None:
    error = flattr("completion").line
    assert error.endswith("bash, zsh, fish. See `flattr-tui completion --help`.")


def test_fetch_is_advised_only_if_the_source_can_be_fetched(flattr: Flattr) -> None:
    error = flattr("export", "user", "username=ada", "--format", "json").line
    assert error.endswith("(sandbox): --fetch fetches it.")
    for more in (["--source", "saved"], ["--offline"]):
        assert "--fetch" not in flattr("export", "user", "username=ada", "--format", "json", *more).line
