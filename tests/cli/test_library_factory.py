"""Tests of the services that the command line creates."""

from flattr_tui.cli.library_factory import InProcessSandbox
from flattr_tui.cli.sandbox_database import world_file
from flattr_tui.settings import Settings


def test_the_sandbox_is_seeded_when_it_is_created_and_not_by_its_first_request() -> None:
    file = world_file(Settings())
    sandbox = InProcessSandbox(Settings())
    assert not file.exists()
    sandbox()
    assert file.exists()
    sandbox.close()
