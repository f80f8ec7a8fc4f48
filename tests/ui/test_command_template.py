"""The user's own commands: what stands for an item's values, and which commands can't be used."""

from pathlib import Path

import pytest

from flattr_tui.model.entities import Activity, Entity, Flattr, Thing, User
from flattr_tui.settings import OwnCommand, load, read_file
from flattr_tui.ui.command_template import CommandRefusedError, check_commands, fill_command

THING = Thing(id=7, title="Slow; rm -rf ~", url="https://ada.example/a?b=1&c", owner=User(username="ada"))


def own(*command: str, key: str = "X", name: str = "try it") -> OwnCommand:
    return OwnCommand(key=key, name=name, command=command)


@pytest.mark.parametrize(
    ("item", "arguments"),
    [
        (THING, ["mpv", "https://ada.example/a?b=1&c", "--title=Slow; rm -rf ~", "ada/7"]),
        (Flattr(thing=THING, owner=User(username="melodia")), ["mpv", THING.url, "--title=Slow; rm -rf ~", "ada/7"]),
    ],
)
def test_each_value_stays_one_argument(item: Entity, arguments: list[str]) -> None:
    assert fill_command(own("mpv", "{url}", "--title={title}", "{username}/{id}"), item) == arguments


def test_what_a_server_sent_is_filled_in_once() -> None:
    assert fill_command(own("echo", "{title}"), Thing(id=1, title="{url} $(id) {id}")) == ["echo", "{url} $(id) {id}"]
    assert fill_command(own("awk", "{print $1}", "{title}"), Thing(id=1, title="a")) == ["awk", "{print $1}", "a"]


@pytest.mark.parametrize(
    ("command", "item", "why"),
    [
        (own("rm", "{title}"), Thing(id=1, title="-rf"), "rm would take -rf for an option"),
        (own("mpv", "{url}"), Thing(id=1, url="file:///etc/passwd"), "file:///etc/passwd is no web address"),
        (own("mpv", "{url}"), Thing(id=1), "there is no url here"),
        (own("echo", "{title}"), Thing(id=1), "there is no title here"),
        (own("echo", "{username}"), Thing(id=1), "there is no username here"),
        (own("echo", "{id}"), Activity(id="tag:1", title="ada registered"), "there is no id here"),
        (own("echo", "{id}"), None, "there is no id here"),
    ],
)
def test_what_can_not_be_filled_in_is_not_run(command: OwnCommand, item: Entity | None, why: str) -> None:
    with pytest.raises(CommandRefusedError, match=r"^try it was not run: ") as refused:
        fill_command(command, item)
    assert why in str(refused.value)


def test_an_option_of_the_users_own_may_hold_anything() -> None:
    assert fill_command(own("mpv", "--title={title}"), Thing(id=1, title="-x")) == ["mpv", "--title=-x"]
    assert fill_command(own("mpv", "--", "-{id}"), Thing(id=1)) == ["mpv", "--", "-1"]


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        (own("true", key="f"), "the key 'f' belongs to 'act.flattr'; choose another"),
        (own("true", key="/"), "the key '/' belongs to 'list.filter'; choose another"),
        (own("true", key="2"), "the key '2' belongs to 'mode.things'; choose another"),
        (own("true", key="Q"), "the key 'Q' belongs to 'app.quit'; choose another"),
        (own("true", key="ctrl+nothing"), "no keyboard sends the key 'ctrl+nothing'"),
        (own("true", "{link}"), "there is no {link}, only {url}, {title}, {username}, {id}"),
        (own("{title}"), "the program itself can't come from an item"),
        (own(), "its command is empty"),
    ],
)
def test_a_command_that_can_not_be_used_is_left_out_and_said(command: OwnCommand, fault: str) -> None:
    usable, faults = check_commands([command, own("true", key="!")], {"app.quit": "Q"})
    assert [one.key for one in usable] == ["exclamation_mark"]
    assert faults == [f"[[commands]] in the settings, 'try it': {fault}. It was left out."]


def test_a_key_belongs_to_one_command() -> None:
    usable, faults = check_commands([own("true", name="first"), own("false", name="second")], {})
    assert [one.name for one in usable] == ["first"]
    assert "the key 'X' belongs to 'first'" in faults[0]


def test_each_table_of_the_settings_counts_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    good = '[[commands]]\nkey = "X"\nname = "play"\ncommand = ["mpv", "{url}"]\nrun = "screen"\n'
    file.write_text(f'{good}[[commands]]\nkey = "Z"\nname = "typo"\ncomand = ["mpv"]\n')
    found = read_file(file)
    assert found.faults == [f"{file}:6: commands: object contains unknown field `comand`; it was left out."]
    assert load(found.values, {}).commands == (
        OwnCommand(key="X", name="play", command=("mpv", "{url}"), run="screen"),
    )
