"""`-` as a file name: standard input for reading, standard output for writing."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from flattr_tui.cli.errors import BadInputError

DASH: Final = Path("-")


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
        with spooled.open("wb") as stream:
            shutil.copyfileobj(sys.stdin.buffer, stream)
        yield [spooled if file == DASH else file for file in files]


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
