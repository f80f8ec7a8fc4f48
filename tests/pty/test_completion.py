"""Completion in real shells: the script is sourced, tab is pressed, and what then stands on the line is read."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.pty.conftest import Launch
from tests.pty.terminal import Terminal

READY = "ready>"
SHELLS = {
    "bash": (("--norc", "--noprofile", "-i"), "PS1='{ready} '; source <(flattr-tui completion bash)"),
    "zsh": (
        ("-f", "-i"),
        "autoload -Uz compinit; compinit -u -D; PS1='{ready} '; source <(flattr-tui completion zsh)",
    ),
    "fish": (
        ("--no-config", "--private", "-i"),
        "function fish_prompt; echo '{ready} '; end; flattr-tui completion fish | source",
    ),
}
TAB, WIPE = b"\t", b"\x15"


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, launch: Launch, tmp_path: Path) -> Terminal:
    """A shell that has sourced the script, with the program on its path."""
    name: str = request.param
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    program = tmp_path / "flattr-tui"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m flattr_tui "$@"\n')
    program.chmod(0o755)
    options, setup = SHELLS[name]
    terminal = launch(
        *options,
        program=(found,),
        PATH=f"{tmp_path}:{os.environ['PATH']}",
        BASH_SILENCE_DEPRECATION_WARNING="1",
        LC_ALL="C.UTF-8",
    )
    terminal.send(setup.format(ready=READY).encode() + b"\r")
    terminal.read(lambda: any(line.startswith(READY) for line in terminal.screen.lines), "a prompt")
    return terminal


def typed(terminal: Terminal, keys: bytes, *shown: str) -> None:
    """Type, and read until texts are on the screen; then the line is empty again."""
    terminal.send(keys)
    terminal.shows(*shown)
    terminal.send(WIPE)


def test_parameters_and_their_values_are_completed(shell: Terminal) -> None:
    typed(shell, b"flattr-tui get user-thi\tusername", "get user-things username")
    typed(shell, b"flattr-tui get user-things usern\tada", "get user-things username=ada")
    typed(shell, b"flattr-tui get search query=x sort=rel\tfull", "query=x sort=relevance full")
    typed(shell, b"flattr-tui get search sort=\t\t", "relevance", "trend", "flattrs")


def test_what_is_behind_an_option_is_completed(shell: Terminal) -> None:
    typed(shell, b"flattr-tui get user --format=ya\t-i", "--format=yaml -i")
    typed(shell, b"flattr-tui get user --format ya\t-i", "--format yaml -i")
    typed(shell, b"flattr-tui cache pru\t--sour\tsaved", "flattr-tui cache prune --source saved")


def test_descriptions_are_whole_in_shells_that_show_them(shell: Terminal, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.params["shell"]
    descriptions = () if name == "bash" else ("List the logged-in accounts, or choose the one to use",)
    typed(shell, b"flattr-tui \t\t", "accounts", "bundle", "sync", *descriptions)
