"""How commands end: with one line on stderr for the user, and an exit code.

0 success, 1 refused by the API or a store, 2 bad input, 3 no connection, 4 not authorized, 5 rate-limited, 130 ctrl+c,
141 nobody reads the output any more (`| head`).
"""

import contextlib

import click

from flattr_tui.model.text_sanitizer import single_line
from flattr_tui.settings import Settings

NAME = "flattr-tui"
COMPLETION_VARIABLE = "_FLATTR_TUI_COMPLETE"
"""The variable that tells click that a shell asks for completions."""
INTERRUPTED = 130
PIPE_CLOSED = 141
"""The exit code that a shell reports for a program that SIGPIPE ended (128 + 13)."""


class BadInputError(click.ClickException):
    """The input is invalid (exit code 2). The message says what to do."""

    exit_code = 2


def report_error(error: click.ClickException) -> int:
    """Write an error as one line on stderr and return the exit code. If a subcommand is missing, write the help."""
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
    """Write one line for the user to stderr, without control characters. If stderr can't be written, do nothing."""
    with contextlib.suppress(OSError):
        click.echo(f"{NAME}: {single_line(message)}", err=True)


def echo_note(message: str) -> None:
    """Write a note to stderr that is neither a result nor an error. With --quiet, write nothing."""
    if not is_quiet():
        echo_error(message)


def echo_done(message: str) -> None:
    """Write to stdout what was done. With --quiet, write nothing, because the exit code says it, too."""
    if not is_quiet():
        click.echo(message)


def is_quiet() -> bool:
    """Whether the command that runs in this thread was given --quiet."""
    context = click.get_current_context(silent=True)
    settings = context.find_object(Settings) if context is not None else None
    return settings is not None and settings.quiet


def strip_key_hints(sentence: str) -> str:
    """Return a sentence in which the key that logs in (`WITH_KEY`) is replaced by the command `login`."""
    from flattr_tui.api.errors import WITH_KEY  # noqa: PLC0415 -- not for --help

    return sentence.replace(WITH_KEY, f"by `{NAME} login`")


def explain_error(error: Exception) -> tuple[str, int] | None:
    """Return the sentence and the exit code for an expected error; None for a bug.

    The error classes are imported only here, so that a successful command never needs them.
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
