"""Keeps the bytecode of all imported modules in one file, so that a start need not search for each of them.

A start imports 550 modules. For each one, Python searches folders and opens a `.pyc` file, which takes a tenth of the
CPU time until the first screen. Measure: `python -m tests.benchmarks start`.

The file is beside the `.pyc` files of this package, for one Python and one search path. A module is taken from it under
the same condition as from a `.pyc` file: the time and the size of its source have not changed. All others are imported
as usual.
"""

import marshal
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import MAGIC_NUMBER, cache_from_source
from types import CodeType, ModuleType
from typing import TypeAlias

NAME = "imports"
HEADER_BYTES = 8
"""The file begins with the offset of its index. That is written last: a file without it is ignored."""
PYC_HEADER_BYTES = 16
UNREADABLE = (OSError, EOFError, OverflowError, ValueError, TypeError)
Entry: TypeAlias = tuple[str, int, int, bool, int, int]
"""A module: its source, that file's time (ns) and size, whether it is a package; offset and length of its bytecode."""


class CachedLoader(SourceFileLoader):
    """Loads a module whose code was found already."""

    def __init__(self, name: str, source: str, code: CodeType) -> None:
        super().__init__(name, source)
        self._code: CodeType | None = code

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code. It is kept only until the module is run."""
        code, self._code = self._code, None
        return code or super().get_code(fullname)


class ImportCache:
    """Finds modules in the file, as the first of `sys.meta_path`."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._descriptor = -1
        self._index: Mapping[str, Entry] = {}
        self._is_outdated = True
        with suppress(*UNREADABLE):
            self._open()

    def _open(self) -> None:
        self._descriptor = os.open(self._file, os.O_RDONLY)
        size = os.fstat(self._descriptor).st_size
        offset = int.from_bytes(os.pread(self._descriptor, HEADER_BYTES, 0), "little")
        environment, index = marshal.loads(os.pread(self._descriptor, size - offset, offset))
        if offset and environment == _environment() and not _is_shadowed(index):
            self._index, self._is_outdated = index, False

    def find_spec(self, name: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Return how to load a module; None if it is not in the file, or its source has changed."""
        if (entry := self._index.get(name)) is None:
            return None
        source, modified, size, is_package, offset, length = entry
        try:
            status = os.stat(source)
            is_valid = (status.st_mtime_ns, status.st_size) == (modified, size)
            code = marshal.loads(os.pread(self._descriptor, length, offset)) if is_valid else None
        except UNREADABLE:
            code = None
        if code is None:
            self._is_outdated = True
            return None
        spec = ModuleSpec(name, CachedLoader(name, source, code), origin=source, is_package=is_package)
        spec.has_location = True
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(os.path.dirname(source))
        return spec

    def save(self) -> None:
        """Write the file anew if it lacks a module that is imported by now.

        That takes 0.1 s; call it in a thread. Raises `OSError` if the file can't be written.
        """
        sources = {name: (entry[0], entry[3]) for name, entry in self._index.items()} | dict(_imported_sources())
        if sys.dont_write_bytecode or not (self._is_outdated or sources.keys() - self._index.keys()):
            return
        with suppress(FileNotFoundError):
            os.unlink(self._file)  # programs that have opened it go on reading it
        with open(os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as file:
            file.seek(HEADER_BYTES)
            index: dict[str, Entry] = {}
            for name, (source, is_package) in sources.items():
                with suppress(OSError):
                    status = os.stat(source)
                    if (code := _read_code(source, status)) is not None:
                        where = file.tell(), file.write(code)
                        index[name] = (source, status.st_mtime_ns, status.st_size, is_package, *where)
            offset = file.tell()
            marshal.dump((_environment(), index), file)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            file.write(offset.to_bytes(HEADER_BYTES, "little"))


def install() -> None:
    """Take modules from the cache from now on, if there is one."""
    with suppress(NotImplementedError):  # this Python keeps no bytecode
        file = cache_from_source(os.path.join(os.path.dirname(os.path.dirname(__file__)), f"{NAME}.py"))
        sys.meta_path.insert(0, ImportCache(file.replace(".pyc", ".cache")))


def save() -> None:
    """Update the cache after `install`. That takes up to 0.1 s; call it in a thread. Raises `OSError`."""
    for finder in sys.meta_path:
        if isinstance(finder, ImportCache):
            finder.save()


def _environment() -> tuple[str, int, tuple[str, ...]]:
    """Return what the modules depend on, except for the first folder of the search path: see `_is_shadowed`."""
    return sys.version, sys.flags.optimize, tuple(sys.path[_has_own_folder() :])


def _has_own_folder() -> bool:
    """Whether the search path begins with the folder of the script or, after `python -m`, with the current folder."""
    return not sys.flags.safe_path


def _is_shadowed(index: Mapping[str, Entry]) -> bool:
    """Whether the first folder of the search path has another module with a name that is in the index."""
    if not _has_own_folder():
        return False
    folder = sys.path[0] or os.getcwd()
    names = {file.partition(".")[0] for file in os.listdir(folder)} & index.keys()
    return any(not index[name][0].startswith(os.path.join(folder, name)) for name in names)


def _imported_sources() -> Iterator[tuple[str, tuple[str, bool]]]:
    """Yield the names of the imported modules that have a source, with its path and whether they are packages."""
    for name, module in list(sys.modules.items()):
        spec = getattr(module, "__spec__", None)
        if spec is not None and spec.name == name and type(spec.loader) in {SourceFileLoader, CachedLoader}:
            yield name, (spec.origin, spec.submodule_search_locations is not None)


def _read_code(source: str, status: os.stat_result) -> bytes | None:
    """Return the code in the `.pyc` file of a source; None if that is not valid (PEP 552). Raises `OSError`."""
    with open(cache_from_source(source), "rb") as file:
        header, code = file.read(PYC_HEADER_BYTES), file.read()
    fields = (0, int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF)
    return code if header == MAGIC_NUMBER + b"".join(number.to_bytes(4, "little") for number in fields) else None
