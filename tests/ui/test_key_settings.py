"""Tests of the user's own commands: placeholders for the values of an item, and commands that can't be used."""

from pathlib import Path

import pytest

from flattr_tui.model.entities import Activity, Entity, Flattr, Thing, User
from flattr_tui.settings import OwnCommand, load, read_file
from flattr_tui.ui.key_settings import CommandRefusedError, check_commands, fill_command

THING = Thing(id=7, title="Slow; rm -rf ~", url="https://ada.example/a?b=1&c", owner=User(username="ada"))


def make_command(*command: str, key: str = "X", name: str = "try it") -> OwnCommand:
    return OwnCommand(key=key, name=name, command=command)


@pytest.mark.parametrize(
    ("item", "arguments"),
    [
        (THING, ["mpv", "https://ada.example/a?b=1&c", "--title=Slow; rm -rf ~", "ada/7"]),
        (Flattr(thing=THING, owner=User(username="melodia")), ["mpv", THING.url, "--title=Slow; rm -rf ~", "ada/7"]),
    ],
)
def test_each_value_stays_one_argument(item: Entity, arguments: list[str]) -> None:
    assert fill_command(make_command("mpv", "{url}", "--title={title}", "{username}/{id}"), item) == arguments


def test_placeholders_in_values_are_not_filled_in_again() -> None:
    assert fill_command(make_command("echo", "{title}"), Thing(id=1, title="{url} $(id) {id}")) == [
        "echo",
        "{url} $(id) {id}",
    ]
    assert fill_command(make_command("awk", "{print $1}", "{title}"), Thing(id=1, title="a")) == [
        "awk",
        "{print $1}",
        "a",
    ]


@pytest.mark.parametrize(
    ("command", "item", "why"),
    [
        (make_command("rm", "{title}"), Thing(id=1, title="-rf"), "rm would take -rf for an option"),
        (make_command("mpv", "{url}"), Thing(id=1, url="file:///etc/passwd"), "passwd is not a web address"),
        (make_command("mpv", "{url}"), Thing(id=1), "there is no url here"),
        (make_command("echo", "{title}"), Thing(id=1), "there is no title here"),
        (make_command("echo", "{username}"), Thing(id=1), "there is no username here"),
        (make_command("echo", "{id}"), Activity(id="tag:1", title="ada registered"), "there is no id here"),
        (make_command("echo", "{id}"), None, "there is no id here"),
    ],
)
def test_a_command_without_its_values_is_not_run(command: OwnCommand, item: Entity | None, why: str) -> None:
    with pytest.raises(CommandRefusedError, match=r"^try it was not run: ") as refused:
        fill_command(command, item)
    assert why in str(refused.value)


def test_a_value_inside_an_option_may_be_anything() -> None:
    assert fill_command(make_command("mpv", "--title={title}"), Thing(id=1, title="-x")) == ["mpv", "--title=-x"]
    assert fill_command(make_command("mpv", "--", "-{id}"), Thing(id=1)) == ["mpv", "--", "-1"]


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        (make_command("true", key="f"), "the key 'f' belongs to 'act.flattr'; choose another"),
        (make_command("true", key="/"), "the key '/' belongs to 'list.filter'; choose another"),
        (make_command("true", key="2"), "the key '2' belongs to 'mode.things'; choose another"),
        (make_command("true", key="Q"), "the key 'Q' belongs to 'app.quit'; choose another"),
        (make_command("true", key="ctrl+nothing"), "it has the key 'ctrl+nothing', which no keyboard sends"),
        (make_command("true", key="ctrl+i"), "it has the key 'ctrl+i', which terminals send as 'tab'; choose another"),
        (
            make_command("true", key="ctrl+m"),
            "it has the key 'ctrl+m', which terminals send as 'enter'; choose another",
        ),
        (make_command("true", "{link}"), "there is no {link}, only {url}, {title}, {username}, {id}"),
        (make_command("{title}"), "the program can't be a placeholder"),
        (make_command(), "its command is empty"),
    ],
)
def test_an_unusable_command_is_left_out_with_a_reason(command: OwnCommand, fault: str) -> None:
    usable, faults = check_commands([command, make_command("true", key="!")], {"app.quit": "Q"})
    assert [one.key for one in usable] == ["exclamation_mark"]
    assert faults == [f"[[commands]] in the settings, 'try it': {fault}. It was left out."]


def test_shift_and_a_letter_is_written_as_a_capital() -> None:
    usable, faults = check_commands([make_command("true", key="shift+f")], {})
    assert not usable
    assert "no keyboard sends the key 'shift+f'; write 'F'" in faults[0]


def test_a_program_is_found_in_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert fill_command(make_command("~/bin/play", "~"), User(username="ada")) == ["/home/ada/bin/play", "~"]


def test_a_key_belongs_to_one_command() -> None:
    usable, faults = check_commands([make_command("true", name="first"), make_command("false", name="second")], {})
    assert [one.name for one in usable] == ["first"]
    assert "the key 'X' belongs to 'first'" in faults[0]


def test_a_faulty_table_of_the_settings_leaves_the_others_usable(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    good = '[[commands]]\nkey = "X"\nname = "play"\ncommand = ["mpv", "{url}"]\nrun = "screen"\n'
    file.write_text(f'{good}[[commands]]\nkey = "Z"\nname = "typo"\ncomand = ["mpv"]\n')
    file_settings = read_file(file)
    assert file_settings.faults == [f"{file}:6: commands: there is no `comand`; it was left out."]
    assert load(file_settings.values, {}).commands == (
        OwnCommand(key="X", name="play", command=("mpv", "{url}"), run="screen"),
    )
