"""`flattr-tui import` as it is typed: what `get --include` wrote, and files that are not there."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Flattr


def test_an_answer_with_its_head_is_taken_in_once(flattr: Flattr, tmp_path: Path) -> None:
    file = tmp_path / "ada.http"
    file.write_text(flattr("get", "user", "username=ada", "--format", "xml", "--include").out)
    assert flattr("import", str(file)) == (0, "1 imported.\n", "")
    assert flattr("import", str(file)) == (0, "0 imported, 1 already there.\n", "")
    assert '"ada"' in flattr("export", "user", "username=ada", "--source", "saved", "--format", "json").out


def test_a_file_that_is_not_there_is_said_before_any_is_taken_in(flattr: Flattr, tmp_path: Path) -> None:
    file = tmp_path / "ada.json"
    file.write_text(flattr("get", "user", "username=ada").out)
    ended = flattr("import", str(file), str(tmp_path / "none.json"))
    assert (ended.code, ended.out) == (2, "")
    assert "does not exist" in ended.line
    assert flattr("import", str(file)).out == "1 imported.\n"


def program(*arguments: str, given: bytes) -> "subprocess.CompletedProcess[bytes]":
    """Run the program in a process of its own, with something to read."""
    return subprocess.run(
        [sys.executable, "-m", "flattr_tui", *arguments], input=given, capture_output=True, check=False
    )


def test_a_dash_is_standard_input_and_output(flattr: Flattr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = flattr("get", "user", "username=ada", "--include").out.encode()
    assert program("import", "-", given=answer).stdout == b"1 imported.\n"
    packed = program("bundle", "-", given=b"")
    assert packed.returncode == 0
    assert packed.stdout.startswith(b"PK")
    assert packed.stderr == b"flattr-tui: 2 answers packed.\n"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "elsewhere"))
    assert program("import", "-", "--quiet", given=packed.stdout).returncode == 0
    assert '"ada"' in flattr("--offline", "get", "user", "username=ada", "--quiet").out
    set_in = program("--config", "-", "--offline", "get", "user", "username=ada", given=b"quiet = true")
    assert set_in.stderr == b""
    assert b'"ada"' in set_in.stdout
    wrong = program("--config", "-", "get", "categories", given=b"sorce = 1")
    assert b"standard-input" in wrong.stderr
    assert b"sorce" in wrong.stderr


def test_a_dash_is_read_once_and_nothing_of_flattr_is_1(flattr: Flattr) -> None:
    assert program("import", "-", "-", given=b"").stderr == (
        b"flattr-tui: Standard input can be read once only: name - once.\n"
    )
    nothing = program("import", "-", given=b"nothing")
    assert nothing.returncode == 1
    assert b"standard-input" in nothing.stderr
