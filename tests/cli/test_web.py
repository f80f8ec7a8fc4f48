"""Tests of the errors of `flattr-tui web`, and of the settings it passes on. `tests.e2e.test_web` tests the rest."""

import socket
from pathlib import Path

import pytest

from flattr_tui.cli.commands.web import program_command
from flattr_tui.settings import Settings
from tests.cli.conftest import Flattr


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("--theme", "nrod"), "There is no theme 'nrod'; did you mean nord?"),
        (("--source", "ftp://x"), "ftp"),
        (("--port", "70000"), "70000"),
    ],
)
def test_invalid_options_are_errors_before_a_page_is_opened(
    flattr: Flattr, arguments: tuple[str, ...], error: str
) -> None:
    ended = flattr("web", *arguments)
    assert ended.code == 2
    assert error in ended.line


def test_a_port_in_use_is_an_error(flattr: Flattr) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = flattr("web", "--port", str(port))
    assert ended.code == 2
    assert f"Port {port} can't be used" in ended.line


def test_every_setting_is_passed_on(tmp_path: Path) -> None:
    settings = Settings(
        source="saved", user="-x", account="ada", offline=True, scale=5, rate_limit=0, theme="nord", allow_http=True
    )
    given = program_command(settings, tmp_path / "my settings.toml")[3:]
    assert given == [
        f"--config={tmp_path}/my settings.toml",
        *("--source=saved", "--user=-x", "--account=ada", "--offline"),
        *("--scale=5", "--rate-limit=0", "--theme=nord", "--allow-http"),
        *("--no-quiet", "--log-level=info", "--color"),
    ]
    assert "--online" in program_command(Settings(), None)
