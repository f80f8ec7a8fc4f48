"""Tests of `flattr-tui keys`, which lists every key binding with its id and the keys of the settings."""

import json
from pathlib import Path

from flattr_tui.ui.key_settings import configurable_bindings
from tests.cli.conftest import Flattr


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
