"""The log for bug reports (`--log FILE`). It contains what this program logs, and nothing of what libraries log.

httpx and httpcore would log whole headers, including tokens.
"""

import logging
import os
import platform
import sys
import time
from contextlib import AbstractContextManager
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, TextIO

import click

from flattr_tui import __version__
from flattr_tui.api.request_log import describe_error, make_logger
from flattr_tui.cli.errors import echo_error, explain_error, log_crash, unwritable_file
from flattr_tui.model.text_sanitizer import single_line

LOG: Final = make_logger(__name__)
PACKAGE: Final = "flattr_tui"
STDERR: Final = "-"
LIBRARIES: Final = ("textual", "httpx", "click")
"""The libraries whose versions a bug report needs."""
Level = Literal["debug", "info", "warning", "error"]


class LogHandler(logging.StreamHandler[TextIO]):
    """Writes each log record to a file as one line, with the time in UTC. It stops if a line can't be written."""

    def __init__(self, target: str) -> None:
        """Open the file `target` to append to it, or stderr if `target` is `-`.

        A new file can be read only by its owner. Raises `OSError` if the file can't be opened.
        """
        self.target = target
        self.problem = ""
        """Why the log has ended; "" while it continues."""
        if target == STDERR:
            super().__init__(sys.stderr)
            return
        path = Path(target).expanduser()
        path.touch(mode=0o600, exist_ok=True)
        super().__init__(path.open("a", encoding="utf-8"))

    def format(self, record: logging.LogRecord) -> str:
        """Return a log record as a line: `2016-04-01T12:00:00.123Z INFO api.client GET /categories: 200 in 12 ms`."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        name = record.name.removeprefix(f"{PACKAGE}.")
        return f"{moment}.{int(record.msecs):03}Z {record.levelname} {name} {single_line(record.getMessage())}"

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 -- logging's own name
        """Stop logging, because a line could not be written. Python's handler would spoil the screen by a traceback."""
        error = sys.exception()
        self.problem = str(error.strerror if isinstance(error, OSError) else type(error).__name__)
        self.setLevel(logging.CRITICAL + 1)

    def close(self) -> None:
        """Close the log file. If its last lines can't be written, keep the reason in `problem`."""
        try:
            if self.target != STDERR:
                self.stream.close()
        except OSError as error:  # a full disk, noticed when the buffer is written
            self.problem = self.problem or str(error.strerror)
        super().close()


class Log(AbstractContextManager[None]):
    """A context manager that opens the log, and closes it at the end. The last line says how the program ended.

    If a log with another file is open already, that log is closed first.
    """

    def __init__(self, target: str, level: Level) -> None:
        """Prepare to log to the file `target`, or to stderr if it is `-`. Records below `level` are left out."""
        self._target = target
        self._level = level.upper()

    def __enter__(self) -> None:
        """Open the log. Raises `BadInputError` if its file can't be written."""
        logger, handler = logging.getLogger(PACKAGE), _current_handler()
        if handler is None or handler.target != self._target:
            close_log()
            try:
                logger.addHandler(LogHandler(self._target))
            except OSError as error:
                raise unwritable_file(Path(self._target), error) from error
            logger.setLevel(logging.INFO)
            LOG.info("%s", _describe_environment())
        logger.setLevel(self._level)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Log how the program ended, and close the log."""
        if isinstance(error, click.exceptions.Exit):
            LOG.info("exit code %d", error.exit_code)
        elif isinstance(error, click.ClickException) or (
            isinstance(error, Exception) and explain_error(error) is not None
        ):
            LOG.warning("refused: %s", describe_error(error))
        elif error is not None:
            log_crash(error)
        else:  # click passes no error for `context.exit`
            LOG.info("ended")
        close_log()


def close_log() -> None:
    """Close the log, if a log is open. If some of its lines could not be written, say so on stderr."""
    handler = _current_handler()
    if handler is None:
        return
    logging.getLogger(PACKAGE).removeHandler(handler)
    handler.close()
    if handler.problem:
        echo_error(f"The log {handler.target} is incomplete: it could not be written ({handler.problem}).")


def _current_handler() -> LogHandler | None:
    return next((one for one in logging.getLogger(PACKAGE).handlers if isinstance(one, LogHandler)), None)


def _describe_environment() -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    variables = " ".join(f"{name}={os.environ.get(name, '')}" for name in ("TERM", "COLORTERM", "TERM_PROGRAM", "LANG"))
    context = click.get_current_context()
    command = " ".join(filter(None, (context.command_path, context.invoked_subcommand)))
    parts = (
        f"{command} {__version__}",
        f"Python {platform.python_version()}",
        libraries,
        platform.platform(),
        variables,
    )
    return ", ".join(parts)
