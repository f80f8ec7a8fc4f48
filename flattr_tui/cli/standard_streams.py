"""`-` as a file name: standard input for reading, standard output for writing."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from flattr_tui.cli.errors import BadInputError

DASH: Final = Path("-")
_PIECE: Final = 1 << 20


@contextmanager
def readable_files(files: Sequence[Path]) -> Iterator[list[Path]]:
    """Yield the files, with each `-` replaced by a file that holds the whole standard input.

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
    """Copy a stream to a file; raises `BadInputError` if it does not fit, or is longer than any file that is read."""
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
    from flattr_tui.library.transfer.file_reader import size_limit  # noqa: PLC0415 -- for large input alone

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
