"""Crash reports: files that say where an unexpected error came from, and that are safe to send.

A report names modules, lines and types. It contains no values of variables and no messages of exceptions, because those
may contain tokens, names or text of a server.
"""

import os
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

from flattr_tui import __version__
from flattr_tui.paths import Paths, make_folder

MAX_REPORTS = 5
"""Maximum number of crash reports in the folder. The oldest ones are deleted."""


def report_crash(error: BaseException) -> str:
    """Write a crash report about an error, and return a text for the user that names the report's file.

    If the report can't be written, the text says why. The report is also written to the log and, with `python -X dev`,
    the whole traceback to stderr.
    """
    log_crash(error)
    if sys.flags.dev_mode:
        traceback.print_exception(error)
    what = f"flattr-tui stopped because of an internal error ({type(error).__name__})."
    try:
        file = _write(describe_crash(error))
    except OSError as unwritten:
        return f"{what} The report could not be written ({unwritten.strerror or unwritten})."
    return f"{what} A report is in {file}, without private data. Please attach it to a bug report."


def log_crash(error: BaseException) -> None:
    """Write the content of a crash report to the log."""
    from flattr_tui.api.request_log import make_logger  # noqa: PLC0415 -- needed only when something fails

    logger = make_logger(__name__)
    for text in describe_crash(error).splitlines():
        logger.error("%s", text)


def _write(text: str) -> Path:
    """Write a crash report to the folder of reports or, if that fails, to a temporary folder. Returns the file.

    Raises `OSError` if both fail.
    """
    try:
        return _write_in(Paths.standard().crashes, text)
    except OSError:
        return _write_in(Path(tempfile.mkdtemp(prefix="flattr-tui-")), text)


def _write_in(folder: Path, text: str) -> Path:
    make_folder(folder)
    file = folder / f"crash-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
        stream.write(text)
    for old in sorted(folder.glob("crash-*.txt"))[:-MAX_REPORTS]:
        old.unlink(missing_ok=True)
    return file


def describe_crash(error: BaseException) -> str:
    """Return the text of a crash report: versions, and the types and stack frames of the error and its causes."""
    about = f"flattr-tui {__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    return "\n".join([about, *_frames(error), ""])


def _frames(error: BaseException) -> Iterator[str]:
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _frames(cause)
        yield "which led to"
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _frames(part)
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    for frame in traceback.extract_tb(error.__traceback__):
        parts = Path(frame.filename).parts
        place = "/".join(parts[parts.index("flattr_tui") :] if "flattr_tui" in parts else parts[-2:])
        yield f"  {place}:{frame.lineno} in {frame.name}"
