"""Prepares the standard streams, replaces `-` by a standard stream, and handles output that can't be written."""

import errno
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO, Final, TextIO

from flattr_tui.cli.errors import BadInputError

DASH: Final = Path("-")
_PIECE: Final = 1 << 20
OUTPUT_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})
"""Error numbers of writing to standard output, if its device is full or gone, or if it was closed."""


@contextmanager
def readable_files(files: Sequence[Path]) -> Iterator[list[Path]]:
    """Yield `files`, in which `-` is replaced by a temporary file with all that standard input contains.

    Raises `BadInputError` if standard input is a terminal or too large, or if `-` is given twice.
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
        _copy_stream(sys.stdin.buffer, spooled)
        yield [spooled if file == DASH else file for file in files]


def _copy_stream(stream: BinaryIO, target: Path) -> None:
    """Copy a stream to a file. Raises `BadInputError` if the stream is too large to import, or if the disk is full."""
    try:
        with target.open("wb") as file:
            begun = piece = stream.read(_PIECE)
            limit = _size_limit(begun) if len(begun) == _PIECE else _PIECE
            while piece and file.tell() <= limit:
                file.write(piece)
                piece = stream.read(_PIECE)
            if file.tell() > limit:
                raise BadInputError(f"Standard input is larger than {limit:,} bytes: give it in smaller parts.")
    except OSError as error:
        raise BadInputError(f"Standard input can't be kept in {target.parent} ({error.strerror}).") from error


def _size_limit(begun: bytes) -> int:
    from flattr_tui.library.import_export.file_reader import size_limit  # noqa: PLC0415 -- only for large input

    return size_limit(begun)


@contextmanager
def writable_file(file: Path) -> Iterator[Path]:
    """Yield `file`. For `-`, yield a temporary file, which is copied to standard output at the end of the `with` block.

    For a pipe or a device, too, a temporary file is yielded, and is copied to `file` at the end, because some formats
    can't be written to a pipe directly. Raises `BadInputError` if `file` is `-` and standard output is a terminal.
    """
    if file != DASH and (file.is_file() or not file.exists()):
        yield file
        return
    if file == DASH and sys.stdout.isatty():
        raise BadInputError("- writes to standard output, which is this terminal: redirect it to a file or a program.")
    with tempfile.TemporaryDirectory() as folder:
        spooled = Path(folder) / "standard-output"
        yield spooled
        output = nullcontext(sys.stdout.buffer) if file == DASH else file.open("wb")
        with spooled.open("rb") as stream, output as target:
            shutil.copyfileobj(stream, target)
            target.flush()


def is_standard_output(file: Path) -> bool:
    """Whether a file is standard output under another name, such as `/dev/stdout`."""
    try:
        return os.path.samestat(file.stat(), os.fstat(sys.stdout.fileno()))
    except OSError:
        return False


def discard_output(stream: TextIO) -> None:
    """Redirect a standard stream to /dev/null, so that later writes to it have no effect and raise no error.

    Call this if the stream's reader has gone (`| head`), or if its device is full.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def prepare_streams() -> None:
    """Open /dev/null in place of closed standard streams, and escape characters that a stream's encoding lacks.

    If the shell closed standard output (`>&-`), the next file that is opened, such as a database, would otherwise
    become standard output. Writing to a stream that was closed raises `OSError`, as before.
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
    """Return a sentence if an error means that standard output can't be written; None if it has another cause."""
    if isinstance(error, OSError) and error.filename is None and error.errno in OUTPUT_ERRORS:
        return f"The output can't be written ({error.strerror})."
    return None
