"""Tests of the cache of imports: what it finds, and when it leaves a module to Python. Each runs new processes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

INSTALL = """
import sys
from flattr_tui.cli import import_cache
import_cache.install()
"""
IMPORT = f"""{INSTALL}
import box, box.inner
import_cache.save()
print(type(box.__loader__).__name__, type(box.inner.__loader__).__name__, box.WORD, box.inner.WORD)
"""
AS_USUAL, CACHED = "SourceFileLoader SourceFileLoader", "CachedLoader CachedLoader"


class Machine:
    """A folder with a package `box`, in which new processes import it."""

    def __init__(self, folder: Path) -> None:
        self.modules, self.bytecode, self.start = (folder / name for name in ("modules", "bytecode", "start"))
        for made in (self.modules / "box", self.start):
            made.mkdir(parents=True)
        (self.modules / "box" / "__init__.py").write_text("WORD = 'outer'\n")
        self.inner = self.modules / "box" / "inner.py"
        self.inner.write_text("WORD = 'inner'\n")
        self.path = [str(self.modules)]

    def run(self, code: str = IMPORT, **variables: str) -> str:
        """Run a program in a new process, and return its output."""
        (self.start / "program.py").write_text(code)
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([*self.path, *sys.path]), **variables}
        environment["PYTHONPYCACHEPREFIX"] = str(self.bytecode)
        program = [sys.executable, str(self.start / "program.py")]
        done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @property
    def cache(self) -> Path:
        """The cache file; raises `ValueError` if there is none."""
        (file,) = self.bytecode.rglob("imports*.cache")
        return file


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    assert machine.run() == f"{AS_USUAL} outer inner"
    assert machine.run() == f"{CACHED} outer inner"
    return machine


def test_a_cached_module_knows_its_files_and_its_source(machine: Machine) -> None:
    code = f"{IMPORT}\nimport inspect\nprint(box.__path__, box.inner.__file__, inspect.getsource(box.inner))"
    shown = machine.run(code).splitlines()
    assert shown[1] == f"{[str(machine.inner.parent)]} {machine.inner} WORD = 'inner'"
    assert shown[0].startswith(CACHED)


def test_a_changed_module_is_imported_anew_and_cached_again(machine: Machine) -> None:
    machine.inner.write_text("WORD = 'changed'\n")
    assert machine.run() == "CachedLoader SourceFileLoader outer changed"
    assert machine.run() == f"{CACHED} outer changed"


def test_a_removed_module_is_not_found(machine: Machine) -> None:
    machine.inner.unlink()
    assert machine.run(f"{INSTALL}import importlib.util\nprint(importlib.util.find_spec('box.inner'))") == "None"


@pytest.mark.parametrize("size", [0, 7, 8, 100, 100_000])
def test_a_cut_off_file_is_ignored_and_replaced(machine: Machine, size: int) -> None:
    with machine.cache.open("r+b") as file:
        file.truncate(size)
    assert machine.run() == f"{AS_USUAL} outer inner"
    assert machine.run() == f"{CACHED} outer inner"


@pytest.mark.parametrize("garbage", [b"\0", b"\xff", b"t\1\2\3"])
def test_garbage_is_ignored_and_replaced(machine: Machine, garbage: bytes) -> None:
    machine.cache.write_bytes(garbage * machine.cache.stat().st_size)
    assert machine.run() == f"{AS_USUAL} outer inner"
    assert machine.run() == f"{CACHED} outer inner"


def test_a_file_whose_writing_was_stopped_is_ignored(machine: Machine) -> None:
    with machine.cache.open("r+b") as file:
        file.write(bytes(8))
    assert machine.run() == f"{AS_USUAL} outer inner"


def test_another_search_path_finds_its_own_modules(machine: Machine, tmp_path: Path) -> None:
    other = tmp_path / "other" / "box"
    other.mkdir(parents=True)
    for name in ("__init__", "inner"):
        (other / f"{name}.py").write_text("WORD = 'other'\n")
    machine.path.insert(0, str(other.parent))
    assert machine.run() == f"{AS_USUAL} other other"


def test_a_module_beside_the_program_comes_before_a_cached_one(machine: Machine) -> None:
    (machine.start / "box.py").write_text("WORD = 'beside'\n")
    assert machine.run(f"{INSTALL}import box\nprint(box.WORD)") == "beside"


def test_nothing_is_written_where_python_writes_no_bytecode(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    assert machine.run(PYTHONDONTWRITEBYTECODE="1") == f"{AS_USUAL} outer inner"
    assert not machine.bytecode.exists()


def test_a_file_that_is_up_to_date_is_not_written_again(machine: Machine) -> None:
    before = machine.cache.stat()
    machine.run()
    assert machine.cache.stat() == before


def test_the_first_screen_saves_what_it_imported(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    first = (
        "import sys\nfrom flattr_tui.cli import main\n"
        "try:\n    main(['--version'])\nexcept SystemExit:\n    pass\n"
        "from flattr_tui.cli.tui import on_ready\n"
    )
    machine.run(f"{first}on_ready()")
    again = machine.run(f"{first}print(type(sys.modules['flattr_tui.ui.app'].__loader__).__name__)")
    assert again.splitlines()[-1] == "CachedLoader"
