"""The port that a service wants to come back to: set once, listened on, named to the service."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from flattr_tui.api.login import start_login
from flattr_tui.api.loopback_server import LoopbackServer
from flattr_tui.library.account.accounts import login_config
from flattr_tui.model.source import parse_source
from flattr_tui.settings import Settings, SettingsFile, load, read_file

ADDRESS = "https://flattr.example/rest/v2"


def read_port(tmp_path: Path, port: str) -> SettingsFile:
    file = tmp_path / "settings.toml"
    file.write_text(f'[login."{ADDRESS}"]\nclient_id = "me"\nport = {port}\n', encoding="utf-8")
    return read_file(file)


def settings_of(tmp_path: Path, port: str) -> Settings:
    return load(read_port(tmp_path, port).values, {})


def test_a_port_that_is_set_is_the_logins(tmp_path: Path) -> None:
    given = settings_of(tmp_path, "53682").login[ADDRESS]
    assert given.port == 53682
    assert login_config(parse_source(ADDRESS), given).port == 53682
    assert login_config(parse_source(ADDRESS)).port == 0


@pytest.mark.parametrize("port", ["-1", "65536", '"53682"', "1.5", "true"])
def test_a_port_that_is_none_is_said_with_its_place(tmp_path: Path, port: str) -> None:
    (fault,) = read_port(tmp_path, port).faults
    assert "login[...].port: " in fault
    assert f"{tmp_path / 'settings.toml'}:1: " in fault


async def test_the_service_is_told_the_port_that_is_listened_on(tmp_path: Path) -> None:
    async with await LoopbackServer.open() as free:
        port = free.port
    config = login_config(parse_source(ADDRESS), settings_of(tmp_path, str(port)).login[ADDRESS])
    async with await LoopbackServer.open(config.port) as listener:
        assert listener.port == port
        pending = start_login(config, listener.redirect_uri)
    asked = parse_qs(urlsplit(pending.authorize_url).query)
    assert asked["redirect_uri"] == [f"http://127.0.0.1:{port}/callback"]
