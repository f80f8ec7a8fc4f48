"""Tests of settings: flags, variables and the file, their precedence, and errors."""

from pathlib import Path
from typing import Any

import click
import pytest
from msgspec.structs import fields

from flattr_tui.cli.root_command import cli
from flattr_tui.cli.setting_options import SETTINGS, add_settings, read_settings
from flattr_tui.settings import NAMES, BadSettingError, Login, Settings, environment_name, load, read_file
from tests.cli.conftest import Flattr


def write_settings(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "settings.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """For each run of the command `methods`, two entries: the settings that it received, and its option `extra`."""
    given: list[Settings] = []

    @click.command("methods")
    @click.option("--extra", default=1)
    @click.pass_obj
    def command(settings: Settings, extra: int) -> None:
        given.append(settings)
        given.append(extra)  # type: ignore[arg-type]

    add_settings(command, tuple(SETTINGS))
    monkeypatch.setitem(cli.commands, "methods", command)
    return given


def test_every_option_is_a_setting() -> None:
    assert set(SETTINGS) <= set(NAMES)


def test_the_defaults_are_the_sandbox_and_its_rate_limit() -> None:
    settings, tables, faults = read_settings(None, {}, ())
    assert (settings, tables, faults) == (Settings(), {}, [])
    assert (settings.source, settings.rate_limit, settings.scale) == ("sandbox", 1000, 0)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("source", "saved", "saved"),
        ("user", "ada", "ada"),
        ("account", "chizu", "chizu"),
        ("offline", "1", True),
        ("scale", "5000", 5000),
        ("rate_limit", "0", 0),
        ("theme", "nord", "nord"),
        ("allow_http", "true", True),
        ("quiet", "1", True),
        ("no_color", "1", True),
        ("log", "bugs.log", "bugs.log"),
        ("log_level", "debug", "debug"),
    ],
)
def test_each_option_comes_from_flag_variable_and_file(
    flattr: Flattr,
    received: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    text: str,
    value: object,
) -> None:
    monkeypatch.chdir(tmp_path)
    flag = [SETTINGS[name].flag, *([text] if SETTINGS[name].metavar else [])]
    file = write_settings(
        tmp_path, f"{name} = {value if not isinstance(value, str) else repr(value)}".replace("True", "true")
    )
    assert flattr(*flag, "methods").code == 0
    assert flattr("methods", *flag).code == 0
    assert flattr("--config", str(file), "methods").code == 0
    monkeypatch.setenv(environment_name(name), text)
    assert flattr("methods").code == 0
    assert [getattr(settings, name) for settings in received[::2]] == [value] * 4
    assert SETTINGS.keys() == {field.name for field in fields(Settings)} - {
        "keys",
        "login",
        "commands",
        "token_command",
        "keyring",
    }


def test_flags_override_the_environment_which_overrides_the_file(
    flattr: Flattr, received: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(
        "FLATTR_TUI_CONFIG", str(write_settings(tmp_path, "user = 'file'\naccount = 'file'\ntheme = 'file'\n"))
    )
    monkeypatch.setenv("FLATTR_TUI_USER", "variable")
    monkeypatch.setenv("FLATTR_TUI_ACCOUNT", "variable")
    flattr("--user", "flag", "methods")
    assert (received[0].user, received[0].account, received[0].theme) == ("flag", "variable", "file")
    flattr("--user", "flag", "methods", "--user", "after")
    assert received[2].user == "after"


def test_a_switch_that_the_file_sets_can_be_turned_off(flattr: Flattr, received: list[Any], tmp_path: Path) -> None:
    flattr("--config", str(write_settings(tmp_path, "offline = true")), "--online", "methods")
    assert received[0].offline is False


def test_the_default_file_is_read(flattr: Flattr, received: list[Any], own_environment: Path) -> None:
    folder = own_environment / "config" / "flattr-tui"
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text("user = 'melodia'")
    flattr("methods")
    assert received[0].user == "melodia"


def test_a_commands_options_come_from_its_table_and_its_variables(
    flattr: Flattr, received: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = write_settings(tmp_path, "[methods]\nextra = 3\n")
    flattr("--config", str(file), "methods")
    monkeypatch.setenv("FLATTR_TUI_METHODS_EXTRA", "4")
    flattr("--config", str(file), "methods")
    flattr("--config", str(file), "methods", "--extra", "5")
    assert received[1::2] == [3, 4, 5]


def test_the_whole_file(tmp_path: Path) -> None:
    file = write_settings(
        tmp_path,
        """
        theme = "flattr-light"
        token_command = ["pass", "show", "flattr"]
        keyring = false
        [keys]
        quit = "ctrl+q"
        [login."https://flattr.example/rest/v2"]
        client_id = "me"
        client_secret = "hush"
        scopes = ["flattr"]
        """,
    )
    settings = load(read_file(file)[0], {})
    assert settings.token_command == ("pass", "show", "flattr")
    assert settings.keys == {"quit": "ctrl+q"}
    assert settings.login["https://flattr.example/rest/v2"] == Login("me", "hush", scopes=("flattr",))
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("sorce = 'saved'", "there is no setting 'sorce'; did you mean 'source'?"),
        ("scale = 'many'", "scale: must be a whole number, not text;"),
        ("scale = -1", "scale: must be a whole number of at least 0;"),
        ("offline = 1", "offline: must be true or false, not a whole number;"),
        ("[keys]\nquit = 1", "keys: must be text, not a whole number;"),
        ("[login.x]\nclient = 'y'", "login: there is no `client`;"),
        ("scale = ", "this line is not TOML"),
        ("[methods]\nnumber = 1", "[methods] has no 'number'; see `flattr-tui methods --help`."),
        ("[sync]\nbogus = 1", "[sync] has no 'bogus'; see `flattr-tui sync --help`."),
        ("methods = 1", "there is no setting 'methods'"),
    ],
)
def test_an_error_in_the_file_is_reported_and_the_rest_is_used(
    flattr: Flattr, received: list[Any], tmp_path: Path, text: str, error: str
) -> None:
    file = write_settings(tmp_path, f"\ufeffuser = 'ada'\n{text}\n")
    ended = flattr("--config", str(file), "methods")
    assert ended.code == 0
    assert ended.line.startswith(f"flattr-tui: {file}:")
    assert ended.line.partition(": ")[2].partition(": ")[0].rpartition(":")[2] in {"2", "3"}
    assert error in ended.line
    assert received[0] == Settings(user="ada")


def test_an_option_that_only_prints_a_text_cannot_be_set(flattr: Flattr, tmp_path: Path) -> None:
    file = write_settings(tmp_path, "[import]\nformats = true\n")
    ended = flattr("--config", str(file), "import", str(tmp_path / "missing.json"))
    assert ended.out == ""
    assert "[import] has no 'formats'" in ended.err


@pytest.mark.parametrize("value", ["9" * 5000, "[" * 3000])
def test_a_file_that_the_parser_gives_up_is_named(flattr: Flattr, tmp_path: Path, value: str) -> None:
    file = write_settings(tmp_path, f"scale = {value}\n")
    ended = flattr("--config", str(file), "methods")
    assert ended.code == 0
    assert ended.line.startswith(f"flattr-tui: {file} is not TOML (")


def test_an_endless_file_is_no_settings_file(flattr: Flattr) -> None:
    ended = flattr("--config", "/dev/zero", "methods")
    assert ended.code == 2
    assert ended.line == "flattr-tui: /dev/zero has more than 1,000,000 bytes, so it can't be a settings file."


def test_every_error_in_a_file_is_reported(flattr: Flattr, received: list[Any], tmp_path: Path) -> None:
    file = write_settings(
        tmp_path, "theme = 'nord'\nscale = 'many'\noffline == 1\n[keys]\n'app.find' = 'f3'\nquit = 1\n"
    )
    err = flattr("--config", str(file), "methods").err
    assert [f"{file}:{number}:" in err for number in (2, 3, 6)] == [True] * 3
    assert (received[0].theme, received[0].keys) == ("nord", {"app.find": "f3"})


def test_a_missing_or_binary_file_is_one_line(flattr: Flattr, tmp_path: Path) -> None:
    assert "can't be read (No such file or directory)" in flattr("--config", str(tmp_path / "x"), "methods").line
    assert "can't be read (Is a directory)" in flattr("--config", str(tmp_path), "methods").line
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    assert "is not valid TOML" in flattr("--config", str(tmp_path / "bytes"), "methods").line


@pytest.mark.parametrize(
    ("name", "value", "option"),
    [("SCALE", "many", "'--scale'"), ("OFFLINE", "perhaps", "'--offline"), ("RATE_LIMIT", "-1", "'--rate-limit'")],
)
def test_an_invalid_variable_is_one_line(
    flattr: Flattr, monkeypatch: pytest.MonkeyPatch, name: str, value: str, option: str
) -> None:
    monkeypatch.setenv(f"FLATTR_TUI_{name}", value)
    ended = flattr("methods")
    assert ended.code == 2
    assert option in ended.line


def test_given_values_are_checked_like_the_file() -> None:
    with pytest.raises(BadSettingError, match="scale: must be a whole number of at most 1000000"):
        load({}, {"scale": 2_000_000})
