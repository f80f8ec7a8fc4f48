"""Tests of the errors of `login`, `accounts` and `logout`, and of the port on which the program listens for a login."""

import io
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from flattr_tui.api.loopback_server import LoopbackServer
from flattr_tui.api.oauth_login import start_login
from flattr_tui.library.account.account_manager import login_config
from flattr_tui.model.data_source import parse_source
from flattr_tui.settings import Settings, SettingsFile, load, read_file
from tests.cli.conftest import Flattr

ADDRESS = "https://flattr.example/rest/v2"


def test_an_error_is_one_line(flattr: Flattr, saved_world: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments, typed, code, error in (
        (("login", "--no-browser"), "", 4, "declined"),
        (("login", "--user", "no-such-user"), "", 2, "no user 'no-such-user'. There are"),
        (("login", "--user", "adda"), "", 2, "Did you mean ada"),
        (("--offline", "login"), "", 4, "the program is offline"),
        (("login", "--source", "saved"), "", 4, "Choose another source"),
        (("--source", "http://127.0.0.1:9/rest/v2", "login", "--no-browser"), "", 4, "nothing was pasted"),
        (("--source", "https://flattr.example/rest/v2", "login", "--no-browser"), "", 4, "no client id"),
        (("accounts", "use"), "", 2, "Name the account"),
        (("logout",), "", 2, "nobody is logged in at sandbox"),
    ):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        done = flattr(*arguments)
        assert done[:2] == (code, ""), (arguments, done)
        assert error in done.err.splitlines()[-1], (arguments, done)


def read_port(tmp_path: Path, port: str) -> SettingsFile:
    file = tmp_path / "settings.toml"
    file.write_text(f'[login."{ADDRESS}"]\nclient_id = "me"\nport = {port}\n', encoding="utf-8")
    return read_file(file)


def load_settings(tmp_path: Path, port: str) -> Settings:
    return load(read_port(tmp_path, port).values, {})


def test_the_login_has_the_port_of_the_settings(tmp_path: Path) -> None:
    given = load_settings(tmp_path, "53682").login[ADDRESS]
    assert given.port == 53682
    assert login_config(parse_source(ADDRESS), given).port == 53682
    assert login_config(parse_source(ADDRESS)).port == 0


@pytest.mark.parametrize("port", ["-1", "65536", '"53682"', "1.5", "true"])
def test_an_invalid_port_is_reported_with_its_line(tmp_path: Path, port: str) -> None:
    (fault,) = read_port(tmp_path, port).faults
    assert "login.port: " in fault
    assert f"{tmp_path / 'settings.toml'}:1: " in fault


async def test_the_redirect_address_has_the_port(tmp_path: Path) -> None:
    async with await LoopbackServer.open() as free:
        port = free.port
    config = login_config(parse_source(ADDRESS), load_settings(tmp_path, str(port)).login[ADDRESS])
    async with await LoopbackServer.open(config.port) as listener:
        assert listener.port == port
        pending = start_login(config, listener.redirect_uri)
    query = parse_qs(urlsplit(pending.authorize_url).query)
    assert query["redirect_uri"] == [f"http://127.0.0.1:{port}/callback"]
