"""What the command line puts together before a request is sent."""

from flattr_tui.cli.composition import InProcessSandbox, world_file
from flattr_tui.settings import Settings


def test_the_sandbox_is_seeded_before_the_deadline_of_the_first_request_begins() -> None:
    file = world_file(Settings())
    sandbox = InProcessSandbox(Settings())
    assert not file.exists()
    sandbox()
    assert file.exists()
    sandbox.close()
