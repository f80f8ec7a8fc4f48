"""Handles the standard streams: closed ones, readers that have gone, and `-` as a file name for input or output."""

import errno
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from flattr_tui.cli.errors import BadInputError

DASH: Final = Path("-")
_PIECE: Final = 1 << 20
OUTPUT_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})
"""Errors of writing to a standard output whose device is full or gone, or that was closed."""


@contextmanager
def readable_files(files: Sequence[Path]) -> Iterator[list[Path]]:
    """Yield the files, with each `-` replaced by a file that contains the whole standard input.

    Raises `BadInputError` if standard input is a terminal, or `-` is given twice.
    """
    if DASH not in files:
        yield list(files)
        return
    if files.count(DASH) > 1:
        raise BadInputError("Standard input can be read only once, so give - only once.")
    if sys.stdin.isatty():
        raise BadInputError("- reads standard input, which is this terminal: pipe a file into it.")
    with tempfile.TemporaryDirectory() as folder:
        spooled = Path(folder) / "standard-input"
        _spool(sys.stdin.buffer, spooled)
        yield [spooled if file == DASH else file for file in files]


def _spool(stream: BinaryIO, target: Path) -> None:
    """Copy a stream to a file. Raises `BadInputError` if it does not fit, or is longer than any file that is read."""
    try:
        with target.open("wb") as file:
            begun = piece = stream.read(_PIECE)
            limit = _limit(begun) if len(begun) == _PIECE else _PIECE
            while piece and file.tell() <= limit:
                file.write(piece)
                piece = stream.read(_PIECE)
            if file.tell() > limit:
                raise BadInputError(f"Standard input is larger than {limit:,} bytes: give it in smaller parts.")
    except OSError as error:
        raise BadInputError(f"Standard input can't be kept in {target.parent} ({error.strerror}).") from error


def _limit(begun: bytes) -> int:
    from flattr_tui.library.import_export.file_reader import size_limit  # noqa: PLC0415 -- only for large input

    return size_limit(begun)


@contextmanager
def writable_file(file: Path) -> Iterator[Path]:
    """Yield the file to write to; for `-`, a temporary file that is copied to standard output at the end.

    Raises `BadInputError` if standard output is a terminal.
    """
    if file != DASH:
        yield file
        return
    if sys.stdout.isatty():
        raise BadInputError("- writes to standard output, which is this terminal: redirect it to a file or a program.")
    with tempfile.TemporaryDirectory() as folder:
        spooled = Path(folder) / "standard-output"
        yield spooled
        with spooled.open("rb") as stream:
            shutil.copyfileobj(stream, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def discard_output(stream: TextIO) -> None:
    """Discard further output of a standard stream, because its reader has gone (`| head`) or its device is full."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def prepare_streams() -> None:
    """Reopen standard streams that were closed (`>&-`), and escape characters that the encoding lacks.

    Without this, the next file that is opened, for example a database, would become the standard output. Writing to an
    output that was closed fails.
    """
    for number, flags in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # takes the lowest free number, which is this one
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def explain_output_error(error: Exception) -> str | None:
    """Return a sentence about a failed standard output; None if the error has another cause."""
    if isinstance(error, OSError) and error.filename is None and error.errno in OUTPUT_ERRORS:
        return f"The output can't be written ({error.strerror})."
    return None
