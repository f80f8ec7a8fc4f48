"""`-` in place of a file's name: standard input where a file is read, standard output where one is written."""

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
    """Give the files, with one that holds all of standard input in the place of each `-`.

    Raises `BadInputError` where that is a terminal, or `-` is named twice.
    """
    if DASH not in files:
        yield list(files)
        return
    if files.count(DASH) > 1:
        raise BadInputError("Standard input can be read once only: name - once.")
    if sys.stdin.isatty():
        raise BadInputError("- reads standard input, which is this terminal: pipe a file into it.")
    with tempfile.TemporaryDirectory() as folder:
        spooled = Path(folder) / "standard-input"
        with spooled.open("wb") as stream:
            shutil.copyfileobj(sys.stdin.buffer, stream)
        yield [spooled if file == DASH else file for file in files]


@contextmanager
def writable_file(file: Path) -> Iterator[Path]:
    """Give the file to write, which goes to standard output at the end if it is `-`.

    Raises `BadInputError` where that is a terminal.
    """
    if file != DASH:
        yield file
        return
    if sys.stdout.isatty():
        raise BadInputError("- writes to standard output, which is this terminal: send it into a file or a program.")
    with tempfile.TemporaryDirectory() as folder:
        spooled = Path(folder) / "standard-output"
        yield spooled
        with spooled.open("rb") as stream:
            shutil.copyfileobj(stream, sys.stdout.buffer)
        sys.stdout.buffer.flush()
