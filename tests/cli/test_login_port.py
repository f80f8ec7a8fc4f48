"""Tests of the port in the login settings: the program listens on it and sends it to the service."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from flattr_tui.api.loopback_server import LoopbackServer
from flattr_tui.api.oauth_login import start_login
from flattr_tui.library.account.account_manager import login_config
from flattr_tui.model.data_source import parse_source
from flattr_tui.settings import Settings, SettingsFile, load, read_file

ADDRESS = "https://flattr.example/rest/v2"


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
