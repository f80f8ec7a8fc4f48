"""Tests of outputs that cannot be written and of wrong clocks: an error is one sentence without a traceback."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from flattr_tui.library.import_export.bundle import write_bundle
from flattr_tui.store.response_store import ResponseStore
from tests.cli.conftest import Flattr


def run_shell(command: str, **environment: str) -> tuple[int, str]:
    """Run a shell command that contains `flattr-tui`. Returns its exit code, and stdout and stderr in one text."""
    line = command.replace("flattr-tui", f"'{sys.executable}' -m flattr_tui")
    ended = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, check=False, timeout=60, env=os.environ | environment
    )
    return ended.returncode, ended.stdout + ended.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("command", ["flattr-tui --help", "flattr-tui methods", "flattr-tui cache path"])
@pytest.mark.parametrize("output", [">/dev/full", ">&-"])
def test_an_output_that_cannot_be_written_is_one_line_and_exits_with_1(
    command: str, output: str, unbuffered: str
) -> None:
    code, printed = run_shell(f"{command} {output}", PYTHONUNBUFFERED=unbuffered)
    assert code == 1
    (line,) = printed.splitlines()
    assert line.startswith("flattr-tui: The output can't be written (")


@pytest.mark.parametrize("error", ["2>/dev/full", "2>&-"])
def test_an_error_output_that_cannot_be_written_keeps_the_exit_code(error: str) -> None:
    assert run_shell(f"flattr-tui cache path {error}")[0] == 0
    assert run_shell(f"flattr-tui nonsense {error}") == (2, "")


def test_characters_outside_the_encoding_are_written_as_escapes(flattr: Flattr) -> None:
    code, printed = run_shell("flattr-tui help get", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert (code, "Traceback" in printed) == (0, False)


@pytest.mark.parametrize(("clock", "year"), [(0.0, 1980), (1e9, 2001), (5e9, 2107)])
def test_a_bundle_has_the_nearest_date_that_zip_supports(tmp_path: Path, clock: float, year: int) -> None:
    store = ResponseStore.open(tmp_path / "store", notice=print)
    write_bundle(store, tmp_path / "all.zip", clock=lambda: clock)
    store.close()
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.infolist()[0].date_time[0] == year


@pytest.mark.parametrize("output", [">{} flattr-tui bundle /dev/stdout", "flattr-tui bundle /dev/stdout | cat >{}",
                                    "flattr-tui bundle /dev/fd/3 3>&1 >/dev/null | cat >{}"])  # fmt: skip
def test_a_bundle_for_standard_output_by_another_name_has_nothing_behind_it(
    flattr: Flattr, tmp_path: Path, output: str
) -> None:
    flattr("get", "categories")
    code, printed = run_shell(output.format(tmp_path / "all.zip"))
    assert (code, printed.replace("flattr-tui: 1 response packed.\n", "")) == (0, "")
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert (
            len((tmp_path / "all.zip").read_bytes())
            == archive.start_dir + sum(46 + len(entry.filename) for entry in archive.infolist()) + 22
        )


def test_a_bundle_may_go_to_a_device(flattr: Flattr) -> None:
    flattr("get", "categories")
    assert run_shell("flattr-tui bundle /dev/null") == (0, "1 response packed into /dev/null.\n")


@pytest.mark.parametrize("command", [("export", "user", "username=ada", "--output"), ("bundle",)])
def test_a_file_in_a_missing_folder_is_refused_and_no_folder_is_made(
    flattr: Flattr, tmp_path: Path, command: tuple[str, ...]
) -> None:
    assert flattr("get", "user", "username=ada", "--quiet").code == 0
    file = tmp_path / "typo" / "file"
    ended = flattr(*command, str(file))
    assert (ended.code, ended.out) == (2, "")
    assert ended.line == f"flattr-tui: {file} can't be written: there is no folder {file.parent}."
    assert not file.parent.exists()
