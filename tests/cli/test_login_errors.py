"""Tests of the errors of the commands `login`, `accounts` and `logout`."""

import io

import pytest

from tests.cli.conftest import Flattr


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
