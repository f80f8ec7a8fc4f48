"""Outputs that can't be written, and clocks that are wrong: one sentence, and no traceback."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from flattr_tui.library.transfer.bundle import write_bundle
from flattr_tui.store.responses import ResponseStore
from tests.cli.conftest import Flattr


def shell(command: str, **environment: str) -> tuple[int, str]:
    """Run a command line with `flattr-tui` in it; its exit code and what it wrote to both outputs."""
    line = command.replace("flattr-tui", f"'{sys.executable}' -m flattr_tui")
    ended = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, check=False, timeout=60, env=os.environ | environment
    )
    return ended.returncode, ended.stdout + ended.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("command", ["flattr-tui --help", "flattr-tui methods", "flattr-tui cache path"])
@pytest.mark.parametrize("output", [">/dev/full", ">&-"])
def test_an_output_that_cannot_be_written_is_one_line_and_1(command: str, output: str, unbuffered: str) -> None:
    code, said = shell(f"{command} {output}", PYTHONUNBUFFERED=unbuffered)
    assert code == 1
    (line,) = said.splitlines()
    assert line.startswith("flattr-tui: The output can't be written (")


@pytest.mark.parametrize("error", ["2>/dev/full", "2>&-"])
def test_an_error_output_that_cannot_be_written_costs_nothing_else(error: str) -> None:
    assert shell(f"flattr-tui cache path {error}")[0] == 0
    assert shell(f"flattr-tui nonsense {error}") == (2, "")


def test_what_an_encoding_lacks_is_written_as_an_escape(flattr: Flattr) -> None:
    code, said = shell("flattr-tui help get", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert (code, "Traceback" in said) == (0, False)


@pytest.mark.parametrize(("clock", "year"), [(0.0, 1980), (1e9, 2001), (5e9, 2107)])
def test_a_bundle_is_dated_as_near_as_zip_can_hold(tmp_path: Path, clock: float, year: int) -> None:
    store = ResponseStore.open(tmp_path / "store", notice=print)
    write_bundle(store, tmp_path / "all.zip", clock=lambda: clock)
    store.close()
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.infolist()[0].date_time[0] == year
