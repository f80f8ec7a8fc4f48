"""Tests that the loopback server accepts one answer, from this machine and for this login, and refuses the rest."""

import asyncio

import pytest

from flattr_tui.api.errors import LoginError
from flattr_tui.api.loopback_server import LoopbackServer
from flattr_tui.api.oauth_login import LoginConfig, LoginRequest, start_login

CONFIG = LoginConfig("a", "b", "https://x/a", "https://x/t")


async def send_request(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        await writer.drain()
        return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def get(
    listener: LoopbackServer, query: str, path: str = "/callback", host: str = "", verb: str = "GET"
) -> bytes:
    host = host or f"127.0.0.1:{listener.port}"
    return await send_request(listener.port, f"{verb} {path}{query} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())


def start_waiting(listener: LoopbackServer, timeout: float = 5) -> tuple[LoginRequest, asyncio.Task[str]]:
    """Return a login request, and the task that waits up to `timeout` seconds for its code."""
    pending = start_login(CONFIG, listener.redirect_uri)
    return pending, asyncio.create_task(listener.wait(pending, timeout))


async def test_the_answer_is_accepted_once_with_a_page_for_the_user() -> None:
    async with await LoopbackServer.open() as listener:
        assert listener.redirect_uri == f"http://127.0.0.1:{listener.port}/callback"
        pending, code = start_waiting(listener)
        await asyncio.sleep(0)
        page = await get(listener, f"?code=c0de&state={pending.state}", host=f"localhost:{listener.port}")
        assert page.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"You can close this window" in page
        assert b"c0de" not in page
        assert await code == "c0de"
        assert b"Already complete" in await get(listener, f"?code=other&state={pending.state}")


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"query": "?code=c&state=wrong"}, b"400"),
        ({"query": "?code=c"}, b"400"),
        ({"query": ""}, b"400"),
        ({"query": "", "path": "/favicon.ico"}, b"404"),
        ({"query": "", "verb": "POST"}, b"405"),
        ({"query": "", "host": "evil.example"}, b"421"),
        ({"query": "", "host": "127.0.0.1:1"}, b"421"),
    ],
)
async def test_other_requests_do_not_end_the_login(options: dict[str, str], status: bytes) -> None:
    async with await LoopbackServer.open() as listener:
        pending, code = start_waiting(listener)
        await asyncio.sleep(0)
        assert (await get(listener, **options)).split()[1] == status
        assert not code.done()
        await get(listener, f"?code=c0de&state={pending.state}")
        assert await code == "c0de"


async def test_malformed_requests_do_not_end_the_login() -> None:
    async with await LoopbackServer.open() as listener:
        pending, code = start_waiting(listener)
        await asyncio.sleep(0)
        await send_request(listener.port, b"GET /" + b"x" * 100_000)
        assert b" 400 " in await send_request(listener.port, b"\x16\x03\x01\x00 \r\n\r\n")
        host = f"Host: 127.0.0.1:{listener.port}\r\n".encode()
        twice = b"GET /callback HTTP/1.1\r\n" + host + b"Host: evil.example\r\n\r\n"
        assert b" 421 " in await send_request(listener.port, twice)
        silent = [await asyncio.open_connection("127.0.0.1", listener.port) for _ in range(5)]
        await get(listener, f"?code=c0de&state={pending.state}")
        assert await code == "c0de"
        for _, writer in silent:
            writer.close()


async def test_an_error_in_the_answer_ends_the_login() -> None:
    async with await LoopbackServer.open() as listener:
        pending, code = start_waiting(listener)
        await asyncio.sleep(0)
        assert b"Not logged in" in await get(listener, f"?error=access_denied&state={pending.state}")
        with pytest.raises(LoginError, match="declined"):
            await code


async def test_an_answer_before_a_login_waits_is_refused() -> None:
    async with await LoopbackServer.open() as listener:
        assert b" 400 " in await get(listener, "?code=c&state=")


async def test_a_login_without_an_answer_times_out() -> None:
    async with await LoopbackServer.open() as listener:
        _, code = start_waiting(listener, 0.06)
        with pytest.raises(LoginError, match=r"not finished within 0\.001 minutes\. Log in again\."):
            await code


async def test_a_busy_port_is_named() -> None:
    async with await LoopbackServer.open() as listener:
        with pytest.raises(LoginError, match=f"port {listener.port} is in use"):
            await LoopbackServer.open(listener.port)


async def test_a_closed_server_does_not_listen() -> None:
    listener = await LoopbackServer.open()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    await listener.aclose()
    assert await reader.read() == b""
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", listener.port)
