"""Runs `flattr-tui web` for a test or a screenshot."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from tests.e2e.browser import SECONDS


class WebProcess(NamedTuple):
    """The process of `flattr-tui web`, and the address of its page."""

    process: subprocess.Popen[str]
    address: str


@contextmanager
def run_web(*arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[WebProcess]:
    """Run `flattr-tui web` on a free port. At the end of the context, terminate it and check that it exits with 0.

    `environment` are the environment variables of the process; None for those of this process.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "flattr_tui", "web", "--port", "0", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout is not None
        try:
            first = process.stdout.readline()
            assert first.startswith("flattr-tui is at http://127.0.0.1:"), first
            assert process.stdout.readline() == "Press ctrl+c to stop it.\n"
            yield WebProcess(process, first.split()[-1])
        finally:
            process.terminate()
            assert process.wait(SECONDS) == 0
