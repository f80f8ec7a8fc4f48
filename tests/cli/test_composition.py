"""What the command line puts together before a request is sent."""

from flattr_tui.cli.composition import InProcess, standard_world
from flattr_tui.settings import Settings


def test_the_sandbox_is_seeded_before_the_deadline_of_the_first_request_begins() -> None:
    file = standard_world(Settings())
    sandbox = InProcess(Settings())
    assert not file.exists()
    sandbox()
    assert file.exists()
    sandbox.close()
