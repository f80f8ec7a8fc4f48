"""Tests of `flattr-tui settings`, which opens the settings file in an editor, and of `flattr-tui keys`."""

import json
import sys
import tomllib
from pathlib import Path

import pytest

from flattr_tui.cli.settings_file import write_setting
from flattr_tui.paths import Paths
from flattr_tui.settings import BadSettingError, Settings, load, read_file
from flattr_tui.ui.key_settings import configurable_bindings
from tests.cli.conftest import Flattr


def set_editor(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> None:
    """Set EDITOR to a Python program with this code, in which `path` is the path of the file."""
    program = folder / "editor.py"
    program.write_text(f"import pathlib, sys\npath = pathlib.Path(sys.argv[1])\n{code}\n")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{sys.executable} {program}")


def append(line: str) -> str:
    """Return Python code that appends a line to the file `path`."""
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
    uncommented = "\n".join(line.removeprefix("# ") for line in text.splitlines() if " = " in line)
    file.write_text(uncommented)
    assert load(read_file(file).values, {}) == Settings()


def test_the_edited_file_is_kept_and_checked(flattr: Flattr, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_editor(monkeypatch, tmp_path, append('theme = "nord"\n'))
    assert flattr("settings").code == 0
    assert read_file(Paths.standard().settings).values == {"theme": "nord"}
    set_editor(monkeypatch, tmp_path, append('offlin = true\n[keys]\n"app.fnid" = "f3"\n[sync]\nbogus = 1\n'))
    ended = flattr("settings")
    assert ended.code == 2
    assert "there is no setting 'offlin'; did you mean 'offline'?" in ended.err
    assert "'app.fnid', which is not the id of a key; did you mean 'app.find'?" in ended.err
    assert "[sync] has no 'bogus'" in ended.err


def test_an_editor_that_cannot_be_run_is_an_error(flattr: Flattr, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "no-such-editor-anywhere")
    ended = flattr("settings")
    assert ended.code == 2
    assert ended.line.endswith(f"Set EDITOR to an editor, or edit {Paths.standard().settings} yourself.")


@pytest.mark.parametrize("value", [" ", "vim '"])
def test_a_variable_that_names_no_editor_is_passed_over(
    flattr: Flattr, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str
) -> None:
    set_editor(monkeypatch, tmp_path, append('theme = "nord"\n'))
    monkeypatch.setenv("VISUAL", value)
    assert flattr("settings").code == 0
    assert read_file(Paths.standard().settings).values == {"theme": "nord"}


def test_config_selects_another_file(flattr: Flattr, tmp_path: Path) -> None:
    assert flattr("settings", "--path").out == f"{Paths.standard().settings}\n"
    other = tmp_path / "other.toml"
    other.write_text("")
    assert flattr("--config", str(other), "settings", "--path").out == f"{other}\n"


def test_a_folder_that_cannot_be_made_is_named(flattr: Flattr, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_editor(monkeypatch, tmp_path, "")
    (tmp_path / "config").write_text("a file where the folder would be")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    ended = flattr("settings")
    assert ended.code == 2
    assert ended.err == f"flattr-tui: {tmp_path}/config/flattr-tui/settings.toml can't be written (Not a directory).\n"
    assert flattr("get", "user", "username=ada").code == 0


def test_an_unknown_theme_is_reported(flattr: Flattr, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    set_editor(monkeypatch, tmp_path, append('theme = "nrod"\n'))
    assert "There is no theme 'nrod'; did you mean nord?" in flattr("settings").err


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'theme = "nord"\n'),
        ('theme = "a"  # mine\r\nuser = "ada"\r\n', 'theme = "nord"  # mine\r\nuser = "ada"\r\n'),
        ("# Colours\n# theme = ''\n[keys]\n", '# Colours\ntheme = "nord"\n[keys]\n'),
        ('[keys]\n"app.find" = "f3" # x', 'theme = "nord"\n[keys]\n"app.find" = "f3" # x'),
        ('[x]\ntheme = "a"\n', 'theme = "nord"\n[x]\ntheme = "a"\n'),
        ('user = """\ntheme = "a"\n"""\n', 'theme = "nord"\nuser = """\ntheme = "a"\n"""\n'),
    ],
)
def test_a_setting_is_written_and_the_rest_is_unchanged(tmp_path: Path, before: str, after: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(before.encode())
    write_setting(file, "theme", "nord")
    assert file.read_bytes().decode() == after


def test_a_setting_is_written_into_a_new_file_and_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "link.toml").symlink_to(tmp_path / "new" / "settings.toml")
    (tmp_path / "new").mkdir()
    write_setting(tmp_path / "link.toml", "user", 'a"b')
    assert (tmp_path / "link.toml").is_symlink()
    text = (tmp_path / "new" / "settings.toml").read_text()
    assert tomllib.loads(text) == {"user": 'a"b'}
    assert "# theme = " in text  # what else can be set


@pytest.mark.parametrize("text", ["theme = [\n", 'theme = """a"""\n', "theme.a = 1\n"])
def test_a_file_that_cannot_be_changed_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    with pytest.raises(BadSettingError, match=r'Set theme = "nord" there yourself, with `flattr-tui settings`'):
        write_setting(file, "theme", "nord")
    assert file.read_text() == text


def test_every_binding_is_listed_with_its_keys(flattr: Flattr) -> None:
    ended = flattr("keys")
    assert (ended.code, ended.err) == (0, "")
    head, *lines = ended.out.splitlines()
    assert head.split() == ["ID", "KEYS", "WHAT", "IT", "DOES"]
    assert [line.split()[0] for line in lines] == [binding.id for binding in configurable_bindings()]
    assert ["app.quit", "q", "ctrl+q"] in [line.split()[:3] for line in lines]
    assert any(line.startswith("table.down ") and " j down " in line for line in lines)


def test_json_has_the_keys_of_the_settings(flattr: Flattr, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[keys]\n"app.find" = "ctrl+f, f3"\n')
    rows = {row["id"]: row for row in json.loads(flattr("--config", str(file), "keys", "--json").out)}
    assert rows["app.find"] == {
        "id": "app.find",
        "keys": ["ctrl+f", "f3"],
        "default": ["ctrl+f"],
        "description": "Search everything saved",
        "group": "Program",
    }


def test_an_error_in_the_settings_is_reported_and_the_rest_is_used(flattr: Flattr, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[keys]\n"app.fnid" = "f3"\n"app.quit" = "f10"\n')
    ended = flattr("--config", str(file), "keys")
    assert ended.code == 0
    assert "did you mean 'app.find'?" in ended.line
    assert " f10 " in ended.out, "a valid setting was ignored"


def test_own_commands_are_listed(flattr: Flattr, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    commands = [("X", "play it"), ("ctrl+m", "never")]
    file.write_text(
        "".join(
            f'[[commands]]\nkey = "{key}"\nname = "{name}"\ncommand = ["mpv", "{{url}}"]\n' for key, name in commands
        )
    )
    ended = flattr("--config", str(file), "keys")
    assert ended.out.splitlines()[-1].split() == ["[[commands]]", "X", "play", "it"]
    assert "'never': it has the key 'ctrl+m', which terminals send as 'enter'" in ended.line
