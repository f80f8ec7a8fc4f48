"""Tests of the controller that runs other programs."""

from pathlib import Path
from unittest.mock import Mock

import pytest
from textual.widgets import TextArea

from flattr_tui.model.entities import Thing
from flattr_tui.settings import OwnCommand
from flattr_tui.ui.controllers.programs import ProgramsController
from tests.ui.controllers.stand_in_host import StandInHost, StandInPage
from tests.ui.workspace import Workspace


@pytest.fixture
def host(workspace: Workspace) -> StandInHost:
    return StandInHost(workspace.library(offline=True))


async def test_the_pager_of_the_environment_gets_the_text(host: StandInHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER", "less -R '+G x'")
    ProgramsController(host).show_in_pager(lambda: "Straßenbahn")
    await host.settle()
    assert host.lent == [(["less", "-R", "+G x"], "Straßenbahn\n".encode())]


async def test_without_a_variable_a_known_pager_is_run_or_there_is_a_notice(
    host: StandInHost, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PAGER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    programs = ProgramsController(host)
    programs.show_in_pager(lambda: "text")
    await host.settle()
    more = tmp_path / "more"
    more.touch(0o700)
    programs.show_in_pager(lambda: "text")
    await host.settle()
    programs.show_in_pager(lambda: "")
    await host.settle()
    assert host.lent == [(["more"], b"text\n")]
    assert host.notices == [
        "There is no pager: set PAGER to one.",
        "There is no list or text here to send to a pager.",
    ]


async def test_a_pager_that_fails_is_reported(host: StandInHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER", "less --no-such-option")
    host.status = 1
    ProgramsController(host).show_in_pager(lambda: "text")
    await host.settle()
    assert host.notices == ["less ended with exit status 1."]


async def test_without_a_terminal_to_lend_there_is_a_notice(host: StandInHost) -> None:
    host.can_lend_terminal = False
    programs = ProgramsController(host)
    programs.commands = [OwnCommand(key="X", name="play", command=("mpv",), run="screen")]
    programs.run_command(0)
    assert host.lent == []
    assert host.notices == ["play needs a terminal of its own, and there is none here."]


@pytest.mark.parametrize(
    ("status", "text", "notices"),
    [(0, "old [31mand new", []), (5, "old", ["vim ended with exit status 5."]), (None, "old", [])],
)
def test_the_editor_changes_a_text_only_if_it_succeeds(
    host: StandInHost, monkeypatch: pytest.MonkeyPatch, status: int | None, text: str, notices: list[str]
) -> None:
    monkeypatch.setenv("VISUAL", "vim -n")

    def edit(command: list[str], source: object = None) -> int | None:
        assert command[:2] == ["vim", "-n"]
        file = Path(command[2])
        file.write_text(f"{file.read_text()} \x1b[31mand new\n\n")
        return status

    monkeypatch.setattr(host, "lend_terminal", edit)
    field = Mock(spec=TextArea, text="old")
    ProgramsController(host).edit_text(field)
    assert field.text == text
    assert host.notices == notices


def mark_things(host: StandInHost, *numbers: int) -> None:
    """Mark rows of things with these ids. A thing with a negative id has no web address."""
    urls = {number: f"https://ada.example/{number}" if number > 0 else None for number in numbers}
    host.page = StandInPage(marked_items=[Thing(id=abs(number), url=urls[number]) for number in numbers])


async def test_a_command_runs_once_for_each_marked_item_and_waits_for_a_key_at_the_end(host: StandInHost) -> None:
    programs = ProgramsController(host)
    programs.commands = [OwnCommand(key="X", name="play", command=("mpv", "{url}"), run="screen")]
    mark_things(host, 1, 2, 1, -3)
    programs.run_command(0)
    assert [command for command, _ in host.lent] == [["mpv", f"https://ada.example/{number}"] for number in (1, 2)]
    assert len(host.prompts) == 1
    assert host.notices == ["1 of 4 items were left out. play was not run: there is no url here."]


async def test_many_runs_are_asked_for_once(host: StandInHost) -> None:
    programs = ProgramsController(host)
    programs.commands = [OwnCommand(key="X", name="play", command=("mpv", "{url}"), run="screen")]
    mark_things(host, *range(1, 8))
    programs.run_command(0)
    assert host.lent == []
    await host.answer(True)
    assert len(host.lent) == 7
