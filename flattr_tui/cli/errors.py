"""Messages to the user on stderr, the exit codes of commands, and crash reports.

Exit codes: 0 success, 1 refused by the API or a store, 2 bad input, 3 no connection, 4 not authorized, 5 rate-limited,
130 ctrl+c, 141 nobody reads the output any more (`| head`).

A crash report is a file that says where an unexpected error came from, and that is safe to send. It names modules,
lines and types. It contains no values of variables and no messages of exceptions, because those may contain tokens,
names or text of a server.
"""

import contextlib
import os
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import click

from flattr_tui import __version__
from flattr_tui.model.text_sanitizer import single_line
from flattr_tui.paths import Paths, make_folder
from flattr_tui.settings import Settings

NAME = "flattr-tui"
COMPLETION_VARIABLE = "_FLATTR_TUI_COMPLETE"
"""The environment variable that a shell sets to get completions from the program."""
INTERRUPTED = 130
PIPE_CLOSED = 141
"""The exit code that a shell reports for a program that SIGPIPE ended (128 + 13)."""
MAX_REPORTS = 5
"""Maximum number of crash reports in the folder. The oldest ones are deleted."""


class BadInputError(click.ClickException):
    """Raised if what the user typed, or a file that the user named, can't be used. The exit code is 2.

    The message says what the user can do.
    """

    exit_code = 2


def unwritable_file(file: Path, error: OSError) -> BadInputError:
    """Return the error for a `file`, named by the user, that can't be written. If its folder is missing, say that."""
    is_missing = isinstance(error, FileNotFoundError) and not file.parent.is_dir()
    reason = f"there is no folder {file.parent}" if is_missing else error.strerror
    return BadInputError(f"{file} can't be written: {reason}.")


def report_error(error: click.ClickException) -> int:
    """Write an error to stderr as one line, and return its exit code.

    If a command needs a subcommand and none was given, write the command's help instead.
    """
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return error.exit_code
    message = single_line(error.format_message())
    if isinstance(error, click.UsageError) and error.ctx is not None:
        message = (
            f"{message}{'' if message.endswith(('.', '?', '!', '?)')) else '.'} See `{error.ctx.command_path} --help`."
        )
    echo_error(message)
    return error.exit_code


def echo_error(message: str) -> None:
    """Write a message to stderr, as one line without control characters. If stderr can't be written, do nothing."""
    with contextlib.suppress(OSError):
        click.echo(f"{NAME}: {single_line(message)}", err=True)


def echo_note(message: str) -> None:
    """Write a message that is neither a result nor an error to stderr. With --quiet, write nothing."""
    if not is_quiet():
        echo_error(message)


def echo_done(message: str) -> None:
    """Write to stdout what a command has done. With --quiet, write nothing: the exit code says whether it was done."""
    if not is_quiet():
        click.echo(message)


def is_quiet() -> bool:
    """Whether the current command was called with --quiet, or the settings say so.

    Call this in the command's thread.
    """
    context = click.get_current_context(silent=True)
    settings = context.find_object(Settings) if context is not None else None
    return settings is not None and settings.quiet


def strip_key_hints(sentence: str) -> str:
    """Return a sentence for the command line. If it tells which key logs in, the command `login` replaces the key."""
    from flattr_tui.api.errors import WITH_KEY  # noqa: PLC0415 -- not needed for --help

    return sentence.replace(WITH_KEY, f"by `{NAME} login`")


def explain_error(error: Exception) -> tuple[str, int] | None:
    """Return a sentence for the user about an error, and the exit code; None if the error is unexpected (a bug).

    The error classes are imported only here, because a command that succeeds does not need them.
    """
    for kind, code in _expected_errors():
        if isinstance(error, kind):
            return strip_key_hints(str(error)), getattr(error, "exit_code", code)
    if isinstance(error, PermissionError) and error.filename is not None:
        return f"{error.filename} can't be used ({error.strerror}): change its owner, or choose another folder.", 1
    return None


def _expected_errors() -> list[tuple[type[Exception], int]]:
    from flattr_tui.api.errors import FlattrError  # noqa: PLC0415
    from flattr_tui.model.data_source import BadSourceError  # noqa: PLC0415
    from flattr_tui.paths import FolderError  # noqa: PLC0415
    from flattr_tui.settings import BadSettingError  # noqa: PLC0415
    from flattr_tui.store.errors import StoreError  # noqa: PLC0415

    return [(BadSourceError, 2), (BadSettingError, 2), (FolderError, 2), (StoreError, 1), (FlattrError, 1)]


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
        file = _write_report(describe_crash(error))
    except OSError as unwritten:
        return f"{what} The report could not be written ({unwritten.strerror or unwritten})."
    return f"{what} A report is in {file}, without private data. Please attach it to a bug report."


def log_crash(error: BaseException) -> None:
    """Write the content of a crash report to the log."""
    from flattr_tui.api.request_log import make_logger  # noqa: PLC0415 -- needed only when something fails

    logger = make_logger(__name__)
    for text in describe_crash(error).splitlines():
        logger.error("%s", text)


def _write_report(text: str) -> Path:
    """Write a crash report to the folder of reports or, if that fails, to a temporary folder. Returns the file's path.

    Raises `OSError` if both fail.
    """
    try:
        return _write_report_in(Paths.standard().crashes, text)
    except OSError:
        return _write_report_in(Path(tempfile.mkdtemp(prefix="flattr-tui-")), text)


def _write_report_in(folder: Path, text: str) -> Path:
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
    return "\n".join([about, *_describe_frames(error), ""])


def _describe_frames(error: BaseException) -> Iterator[str]:
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _describe_frames(cause)
        yield "which led to"
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _describe_frames(part)
    yield f"{type(error).__module__}.{type(error).__qualname__}"
    for frame in traceback.extract_tb(error.__traceback__):
        parts = Path(frame.filename).parts
        place = "/".join(parts[parts.index("flattr_tui") :] if "flattr_tui" in parts else parts[-2:])
        yield f"  {place}:{frame.lineno} in {frame.name}"
