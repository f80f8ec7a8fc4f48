"""The command line: the start and the commands of `flattr-tui`. It puts all other packages together."""

import gc
import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main"]

THREADS_SECONDS = 0.25
"""Maximum time in seconds that the program, when it ends, waits for threads."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run `flattr-tui` with `arguments`, and end the process. With None, the arguments of the process are used.

    The exit code is 0 if all went well. The other exit codes are listed in `cli.errors`.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ctrl+c while modules are imported ends without a traceback
    if "t" in sys.abiflags:  # a Python without a global lock
        # It warns if a compiled package, such as brotli, turns the lock on. Nothing of ours needs it to be off.
        warnings.filterwarnings("ignore", "The global interpreter lock", RuntimeWarning)
    gc.disable()  # imports make no garbage, and collecting takes a tenth of the start; `root_command` enables it
    from flattr_tui.cli.root_command import run  # noqa: PLC0415 -- the package is imported for its parts, too

    signal.signal(signal.SIGINT, signal.default_int_handler)
    code = run(arguments)
    if not join_threads():
        os._exit(code)
    sys.exit(code)


def join_threads() -> bool:
    """Wait for all threads to end, at most `THREADS_SECONDS` in total. Returns whether all of them have ended.

    If the result is False, the caller must end the process with `os._exit`. A normal exit would wait for the threads
    without a limit, for example for a keyring that waits for a person. Ending the process is safe at any moment,
    because what a thread is writing to disk stays readable.
    """
    end = time.monotonic() + THREADS_SECONDS
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(max(0.0, end - time.monotonic()))
            if thread.is_alive():
                return False
    return True
