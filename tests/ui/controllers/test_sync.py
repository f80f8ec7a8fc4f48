"""Tests of the sync controller without an app: its dialog, its progress, and its notices at the end of a sync."""

import pytest

from flattr_tui.library.events import SyncProblem, SyncProgress, SyncStage
from flattr_tui.library.sync import Syncer, Targets
from flattr_tui.ui.controllers.sync import SyncController, describe_result
from flattr_tui.ui.screens.sync_dialog import SyncDialog
from tests.ui.controllers.stand_in_host import StandInHost, StandInPage
from tests.ui.workspace import Workspace


@pytest.fixture
def host(workspace: Workspace) -> StandInHost:
    library = workspace.library()
    library.sync = Syncer(library)
    return StandInHost(library)


@pytest.mark.parametrize(
    ("page", "user"), [(StandInPage(username="cleo"), "cleo"), (StandInPage(), "melodia"), (None, "melodia")]
)
def test_it_asks_for_the_user_of_the_page_or_of_the_app(host: StandInHost, page: StandInPage | None, user: str) -> None:
    host.page = page
    SyncController(host).ask()
    dialog = host.dialogs[-1][0]
    assert isinstance(dialog, SyncDialog)
    assert dialog._username == user


def test_without_a_server_it_says_so(workspace: Workspace) -> None:
    library = workspace.library(offline=True)
    library.sync = Syncer(library)
    host = StandInHost(library)
    SyncController(host).ask()
    assert host.dialogs == []
    assert "no server" in host.notices[0]


async def test_a_sync_shows_its_progress_and_its_end(host: StandInHost) -> None:
    sync = SyncController(host)
    sync.start(Targets(users=("melodia",)))
    assert host.syncing == SyncProgress()
    sync.stop()
    sync.show_progress(SyncProgress(items=7))
    assert host.syncing == SyncProgress(items=7)
    ended = SyncProgress(items=9, new=2, stage=SyncStage.DONE)
    sync.show_progress(ended)
    assert host.syncing is None
    assert host.notices == [describe_result(ended)]


@pytest.mark.parametrize(
    ("number", "more"), [(3, []), (4, ["And 1 more could not be fetched."]), (5, ["And 2 more could not be fetched."])]
)
def test_a_few_problems_are_named_and_the_others_counted(host: StandInHost, number: int, more: list[str]) -> None:
    problems = tuple(SyncProblem(f"list {at}", f"List {at} failed.") for at in range(number))
    SyncController(host).show_progress(SyncProgress(stage=SyncStage.DONE, problems=problems))
    assert host.notices[:-1] == ["List 0 failed.", "List 1 failed.", "List 2 failed.", *more]
    assert host.severities == ["error"] * len(host.notices[:-1]) + ["warning"]


def test_a_sync_ends_with_its_source(host: StandInHost) -> None:
    sync = SyncController(host)
    sync.source_switched("sandbox")
    assert host.notices == []
    host.syncing = SyncProgress()
    sync.source_switched("sandbox")
    assert host.syncing is None
    assert host.notices == ["The sync of sandbox was stopped; what was fetched is saved."]
