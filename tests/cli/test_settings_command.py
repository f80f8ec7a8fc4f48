"""`flattr-tui settings`: an editor over the settings file, which is checked afterwards."""

import sys
import tomllib
from pathlib import Path

import pytest

from flattr_tui.paths import Paths
from flattr_tui.settings import Settings, load, read_file
from tests.cli.conftest import Flattr


def set_editor(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> None:
    """Let a Python program be the editor; it has the file's path as `path`."""
    program = folder / "editor.py"
    program.write_text(f"import pathlib, sys\npath = pathlib.Path(sys.argv[1])\n{code}\n")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{sys.executable} {program}")


def append(line: str) -> str:
    return f"path.write_text(path.read_text() + {line!r})"


def test_a_new_file_names_every_setting_and_sets_none(
    flattr: Flattr, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    set_editor(monkeypatch, tmp_path, "")
    file = Paths.standard().settings
    ended = flattr("settings")
    assert (ended.code, ended.out) == (0, f"{file} has no errors. The program uses it when it next starts.\n")
    text = file.read_text()
    assert tomllib.loads(text) == {}
    switched_on = "\n".join(line.removeprefix("# ") for line in text.splitlines() if " = " in line)
    file.write_text(switched_on)
    assert load(read_file(file).values, {}) == Settings()


def test_what_is_written_is_kept_and_checked(flattr: Flattr, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_editor(monkeypatch, tmp_path, append('theme = "nord"\n'))
    assert flattr("settings").code == 0
    assert read_file(Paths.standard().settings).values == {"theme": "nord"}
    set_editor(monkeypatch, tmp_path, append('offlin = true\n[keys]\n"app.fnid" = "f3"\n[sync]\nbogus = 1\n'))
    ended = flattr("settings")
    assert ended.code == 2
    assert "there is no setting 'offlin'; did you mean 'offline'?" in ended.said
    assert "'app.fnid', which is not the id of a key; did you mean 'app.find'?" in ended.said
    assert "[sync] has no 'bogus'" in ended.said


def test_an_editor_that_cannot_be_run_is_said(flattr: Flattr, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "no-such-editor-anywhere")
    ended = flattr("settings")
    assert ended.code == 2
    assert ended.line.endswith(f"Set EDITOR to an editor, or edit {Paths.standard().settings} yourself.")


def test_another_file_is_the_one_of_config(flattr: Flattr, tmp_path: Path) -> None:
    assert flattr("settings", "--path").out == f"{Paths.standard().settings}\n"
    other = tmp_path / "other.toml"
    other.write_text("")
    assert flattr("--config", str(other), "settings", "--path").out == f"{other}\n"
