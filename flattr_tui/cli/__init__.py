"""The command line: the only package that puts all parts together."""

import gc
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run `flattr-tui` with its arguments, and end the process with an exit code (`errors` lists them)."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ctrl+c while modules are imported ends without a traceback
    gc.disable()  # imports make no garbage, and collecting takes a tenth of the start; `root_command` enables it
    from flattr_tui.cli.root_command import run  # noqa: PLC0415 -- the package is imported for its parts, too

    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(run(arguments))
