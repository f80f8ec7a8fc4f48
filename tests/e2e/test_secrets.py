"""Tests that tracebacks, logs and reprs have no token, and that a login works without warnings beside httpx2."""

import io
import logging
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.traceback import Traceback

from flattr_tui.api.client import Client
from flattr_tui.api.method_table import BY_NAME
from flattr_tui.api.token_store import Token, TokenStore
from flattr_tui.model.data_source import parse_source

SECRET = "s3cret" * 20  # longer than the part of a string that a traceback shows


async def broken(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("never reached")


async def test_no_traceback_with_local_variables_has_a_token(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a mistake of the program's own")

    monkeypatch.setattr("flattr_tui.api.http_transport.HttpTransport.send", fail)
    caplog.set_level(logging.DEBUG)
    token = Token(SECRET, refresh_token=SECRET)
    client = Client(parse_source("sandbox"), make_app=lambda: broken, token=lambda _: token.access_token)
    shown = io.StringIO()
    try:
        await client.call(BY_NAME["me"], {})
    except RuntimeError:
        console = Console(file=shown, width=400)
        console.print(Traceback(show_locals=True, locals_max_string=1000))
        console.print(Traceback(show_locals=True, locals_max_string=80))
    await client.aclose()
    assert "mistake of the program" in shown.getvalue()
    assert "s3cret" not in shown.getvalue()
    assert "s3cret" not in caplog.text


def test_a_saved_token_is_loaded_whole_but_masked_in_its_repr(tmp_path: Path) -> None:
    store = TokenStore(tmp_path / "tokens.json", use_keyring=False, environment={})
    store.save("sandbox", "ada", Token(SECRET, refresh_token=SECRET))
    loaded = store.load("sandbox", "ada")
    assert loaded is not None
    assert loaded.access_token == SECRET
    assert "s3cret" not in repr([loaded, {"a": loaded.access_token}, (loaded.refresh_token,)])


LOGIN = """
    import asyncio, sys, types
    from pathlib import Path
    if {beside}:
        beside = types.ModuleType("httpx2")
        beside.AsyncClient = beside.Client = type("Client", (), {{}})
        sys.modules["httpx2"] = beside
    from flattr_tui.api.token_store import TokenStore
    from flattr_tui.library.account.account_manager import AccountManager, login_config
    from flattr_tui.model.data_source import parse_source
    from flattr_tui.sandbox.asgi_app import create_app
    from flattr_tui.sandbox.world import World

    async def main():
        world = World.open(None)
        app = create_app(world)
        source = parse_source("sandbox")
        tokens = TokenStore(Path(sys.argv[1]) / "tokens.json", use_keyring=False, environment={{}})
        accounts = AccountManager(source, login_config(source), tokens, make_app=lambda: app)
        async with await accounts.start_login(browser=False) as attempt:
            await attempt.users()
            print(await attempt.consent("ada"))
        await accounts.aclose()
        world.close()
        print([name for name in sys.modules if name.startswith("authlib.integrations")])

    asyncio.run(main())
"""


@pytest.mark.parametrize("beside", [False, True])
def test_a_login_works_without_warnings_with_and_without_httpx2(tmp_path: Path, beside: bool) -> None:
    code = textwrap.dedent(LOGIN.format(beside=beside))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert (done.stdout.split("\n")[:2], done.stderr) == (["ada", "[]"], "")
