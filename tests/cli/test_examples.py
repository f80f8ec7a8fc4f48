"""Help as people use it: examples are pasted, screens are narrow, groups are named without a command."""

import re
import shlex
from pathlib import Path

import click
import pytest

from flattr_tui.cli.root_command import cli
from flattr_tui.settings import Settings
from tests.cli.conftest import Flattr
from tests.cli.test_root_command import commands

EXAMPLES = [
    (name, example)
    for name, command in [("", cli), *commands()]
    for example in re.findall(r"^  (flattr-tui.*)$", command.epilog or "", re.MULTILINE)
]
SHELL = {"|", ">", ">>", "&&"}
"""What ends our part of a line."""


def arguments(example: str) -> list[str]:
    """The words of an example that are ours."""
    words = shlex.split(example, comments=True)[1:]
    words = [str(Path(word).expanduser()) if word.startswith("~/") else word for word in words]  # as a shell does
    return words[: next((at for at, word in enumerate(words) if word in SHELL), len(words))]


def read(command: click.Command, words: list[str], parent: click.Context | None = None) -> None:
    """Read words as the command line does, down to the last command, and run none."""
    context = command.make_context("flattr-tui", list(words), parent=parent, obj=Settings())
    _, rest, _ = command.make_parser(context).parse_args(list(words))
    if isinstance(command, click.Group) and rest:
        inner = command.get_command(context, rest[0])
        assert inner is not None, rest
        read(inner, rest[1:], context)


@pytest.mark.parametrize("example", sorted({example for _, example in EXAMPLES}))
def test_an_example_can_be_pasted(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = arguments(example)
    for word in words[words.index("import") + 1 :] if "import" in words else ():
        if "=" not in word and not word.startswith("-"):
            (tmp_path / word).touch()
    if "--from" in words:
        Path(words[words.index("--from") + 1]).mkdir(parents=True)
    read(cli, words)


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


def test_a_group_without_a_command_shows_its_help_as_it_is(flattr: Flattr) -> None:
    ended = flattr("cache")
    assert (ended.code, ended.out) == (2, "")
    assert ended.said == flattr("cache", "--help").out


def test_what_to_do_is_said_as_it_is_done_here(flattr: Flattr) -> None:
    for arguments_ in (["get", "me"], ["sync", "--me"], ["export", "me", "--fetch", "--format", "json"]):
        ended = flattr(*arguments_)
        assert ended.code == 4
        assert ended.line.endswith("Log in by `flattr-tui login`.")


def test_one_sentence_ends_before_the_next_begins(flattr: Flattr) -> None:
    said = flattr("completion").line
    assert said.endswith("bash, zsh, fish. See `flattr-tui completion --help`.")


def test_what_can_not_be_fetched_is_not_offered_to_be(flattr: Flattr) -> None:
    said = flattr("export", "user", "username=ada", "--format", "json").line
    assert said.endswith("(sandbox): --fetch fetches it.")
    for more in (["--source", "saved"], ["--offline"]):
        assert "--fetch" not in flattr("export", "user", "username=ada", "--format", "json", *more).line
