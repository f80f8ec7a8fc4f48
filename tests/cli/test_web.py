"""`flattr-tui web`: what stands in its way, and what it passes on. The rest is in `tests.e2e.test_web`."""

import socket
from pathlib import Path

import pytest

from flattr_tui.cli.web import program
from flattr_tui.settings import Settings
from tests.cli.conftest import Flattr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--theme", "nrod"), "There is no theme 'nrod'; did you mean nord?"),
        (("--source", "ftp://x"), "ftp"),
        (("--port", "70000"), "70000"),
    ],
)
def test_what_cannot_be_served_is_said_before_a_page_is_opened(
    flattr: Flattr, arguments: tuple[str, ...], said: str
) -> None:
    ended = flattr("web", *arguments)
    assert ended.code == 2
    assert said in ended.line


def test_a_port_in_use_is_said_in_a_sentence(flattr: Flattr) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = flattr("web", "--port", str(port))
    assert ended.code == 2
    assert f"Port {port} cannot be had" in ended.line


def test_every_setting_of_the_command_line_is_passed_on(tmp_path: Path) -> None:
    settings = Settings(
        source="saved", user="-x", account="ada", offline=True, scale=5, rate_limit=0, theme="nord", allow_http=True
    )
    given = program(settings, tmp_path / "my settings.toml")[3:]
    assert given == [
        f"--config={tmp_path}/my settings.toml",
        *("--source=saved", "--user=-x", "--account=ada", "--offline"),
        *("--scale=5", "--rate-limit=0", "--theme=nord", "--allow-http"),
        *("--no-quiet", "--log-level=info", "--color"),
    ]
    assert "--online" in program(Settings(), None)
