"""How the command line ends: one line on stderr in words for people, and an exit code.

0 is success, 1 the API or a store said no, 2 bad input, 3 no connection, 4 not authorized, 5 rate-limited, 130 ctrl+c.
"""

import sys

import click

from flattr_tui.model.sanitizer import single_line
from flattr_tui.settings import Settings

NAME = "flattr-tui"
COMPLETION = "_FLATTR_TUI_COMPLETE"
"""The variable by which click knows that a shell asks for completions."""
INTERRUPTED = 130


class BadInputError(click.ClickException):
    """What was asked for can't be done as it was asked for: exit code 2. The message says what to do."""

    exit_code = 2


def report(error: click.ClickException) -> int:
    """Write a refusal as one line on stderr, and return the exit code; for a group without a command write its help."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return error.exit_code
    message = single_line(error.format_message())
    if isinstance(error, click.UsageError) and error.ctx is not None:
        message = (
            f"{message}{'' if message.endswith(('.', '?', '!', '?)')) else '.'} See `{error.ctx.command_path} --help`."
        )
    say(message)
    return error.exit_code


def say(message: str) -> None:
    """Tell a person something on stderr, in one line; control characters are left out."""
    click.echo(f"{NAME}: {single_line(message)}", err=True)


def echo_note(message: str) -> None:
    """Tell a person something on stderr that is neither result nor error; nothing with --quiet."""
    if not is_quiet():
        say(message)


def echo_done(message: str) -> None:
    """Confirm on stdout what was done; nothing with --quiet, since the exit code says it, too."""
    if not is_quiet():
        click.echo(message)


def is_quiet() -> bool:
    """Whether the command that runs in this thread was given --quiet."""
    context = click.get_current_context(silent=True)
    settings = context.find_object(Settings) if context is not None else None
    return settings is not None and settings.quiet


def without_keys(sentence: str) -> str:
    """Say what to do as it is done on a command line, where a sentence says it for the program with its keys."""
    from flattr_tui.api.errors import WITH_KEY  # noqa: PLC0415 -- not for --help

    return sentence.replace(WITH_KEY, f"by `{NAME} login`")


def refusal(error: Exception) -> tuple[str, int] | None:
    """Say in words, and with an exit code, what our own parts raise; None for what is no refusal but a mistake.

    The parts are asked for only now: a program that goes well never imports them for this.
    """
    for kind, code in _refusals():
        if isinstance(error, kind):
            return without_keys(str(error)), getattr(error, "exit_code", code)
    return None


def _refusals() -> list[tuple[type[Exception], int]]:
    from flattr_tui.api.errors import FlattrError  # noqa: PLC0415
    from flattr_tui.model.source import BadSourceError  # noqa: PLC0415
    from flattr_tui.paths import FolderError  # noqa: PLC0415
    from flattr_tui.settings import BadSettingError  # noqa: PLC0415
    from flattr_tui.store.errors import StoreError  # noqa: PLC0415

    return [(BadSourceError, 2), (BadSettingError, 2), (FolderError, 2), (StoreError, 1), (FlattrError, 1)]


def pacify_stdout() -> None:
    """Let nothing more be written to a stdout whose reader has gone (`| head`)."""
    import os  # noqa: PLC0415

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
