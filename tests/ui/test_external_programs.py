"""Tests that no text browser is started on the app's terminal to open an address."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = "from flattr_tui.ui.external_programs import has_browser, open_browser; print(has_browser() and open_browser('https://flattr.example/'))"


@pytest.mark.parametrize(
    ("name", "opened"), [("w3m %s", "False"), ("lynx %s", "False"), ("window %s", "True"), ("missing %s", "False")]
)
def test_a_browser_that_needs_the_terminal_is_not_run_on_it(tmp_path: Path, name: str, opened: str) -> None:
    for browser in ("w3m", "lynx", "window"):
        (tmp_path / browser).write_text('#!/bin/sh\nread key; echo "$1 $key" > "$0.seen"\n')
        (tmp_path / browser).chmod(0o700)
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input="q\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "BROWSER": f"{tmp_path}/{name}"},
    )
    assert ended.stdout.strip() == opened
    assert not (tmp_path / "w3m.seen").exists()
    assert not (tmp_path / "lynx.seen").exists()
