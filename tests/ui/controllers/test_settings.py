"""Tests of the controller that changes the settings file."""

import pytest

from flattr_tui.settings import BadSettingError
from flattr_tui.ui.controllers.programs import RETURN_PROMPT
from flattr_tui.ui.controllers.settings import SettingsController
from tests.ui.controllers.stand_in_host import StandInHost
from tests.ui.workspace import Workspace


@pytest.fixture
def host(workspace: Workspace) -> StandInHost:
    return StandInHost(workspace.library(offline=True))


async def test_a_choice_is_written_and_confirmed(host: StandInHost) -> None:
    settings, written = SettingsController(host), []
    settings.write = lambda name, value: written.append((name, value))
    settings.keep("theme", "nord")
    await host.settle()
    assert written == [("theme", "nord")]
    assert host.notices == ["The settings now have the theme “nord”. Options and the environment override them."]


async def test_a_choice_that_cannot_be_written_says_why(host: StandInHost) -> None:
    def refuse(name: str, value: str) -> None:
        raise BadSettingError(f"{name} {value}: no room.")

    settings = SettingsController(host)
    settings.write = refuse
    settings.keep("user", "ada")
    await host.settle()
    assert (host.notices, host.severities) == (["user ada: no room."], ["error"])


async def test_the_editor_gets_the_terminal_if_there_is_one(host: StandInHost) -> None:
    settings = SettingsController(host)
    settings.edit_command = ["flattr-tui", "settings"]
    settings.edit()
    assert host.lent == [(["flattr-tui", "settings"], b"")]
    assert host.prompts == [RETURN_PROMPT]
    host.can_lend_terminal = False
    settings.edit()
    assert len(host.lent) == 1
    assert host.notices == ["An editor needs a terminal of its own, and there is none here."]
