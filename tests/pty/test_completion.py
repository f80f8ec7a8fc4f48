"""Tests of shell completion in bash, zsh and fish: source the script, press tab, and read the line on the screen."""

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
TAB_KEY, WIPE = b"\t", b"\x15"


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, launch: Launch, tmp_path: Path) -> Terminal:
    """An interactive shell with the program on PATH, which has sourced the completion script."""
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
    terminal.read_until(lambda: any(line.startswith(READY) for line in terminal.screen.lines), "a prompt")
    return terminal


def assert_completes(terminal: Terminal, keys: bytes, *texts: str) -> None:
    """Type keys, wait until all texts are on the screen, and empty the line again."""
    terminal.send(keys)
    terminal.wait_for_text(*texts)
    terminal.send(WIPE)


def test_parameters_and_their_values_are_completed(shell: Terminal) -> None:
    assert_completes(shell, b"flattr-tui get user-thi\tusername", "get user-things username")
    assert_completes(shell, b"flattr-tui get user-things usern\tada", "get user-things username=ada")
    assert_completes(shell, b"flattr-tui get search query=x sort=rel\tfull", "query=x sort=relevance full")
    assert_completes(shell, b"flattr-tui get search sort=\t\t", "relevance", "trend", "flattrs")


def test_words_after_an_option_are_completed(shell: Terminal) -> None:
    assert_completes(shell, b"flattr-tui get user --format=ya\t-i", "--format=yaml -i")
    assert_completes(shell, b"flattr-tui get user --format ya\t-i", "--format yaml -i")
    assert_completes(shell, b"flattr-tui cache pru\t--sour\tsaved", "flattr-tui cache prune --source saved")


def test_shells_that_show_descriptions_show_them_complete(shell: Terminal, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.params["shell"]
    descriptions = () if name == "bash" else ("List the logged-in accounts, or choose the one to use",)
    assert_completes(shell, b"flattr-tui \t\t", "accounts", "bundle", "sync", *descriptions)
