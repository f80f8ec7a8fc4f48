"""Tests of limits of time and size, of errors of connections, encodings and TLS, and of proxies and certificates."""

import asyncio
import gzip
import json
import socket
import ssl
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from flattr_tui.api.client import Client
from flattr_tui.api.errors import (
    CannotConnectError,
    ConnectionLostError,
    NotFlattrResponseError,
    TimedOutError,
    TlsFailedError,
    TooLargeError,
    UsageError,
)
from flattr_tui.api.http_transport import HttpTransport, make_tls_context, proxy_for
from flattr_tui.api.method_table import BY_NAME
from flattr_tui.model.data_source import Source, SourceKind, parse_source
from tests.api.servers import raw_server

ME = BY_NAME["me"]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


async def fetch_body(source: Source, deadline: float = 5, max_bytes: int = 2**20) -> bytes:
    client = Client(source, deadline=deadline, max_bytes=max_bytes)
    try:
        return (await client.call(ME, {})).body
    finally:
        await client.aclose()


def make_response(body: bytes, encoding: str = "") -> bytes:
    named = f"Content-Encoding: {encoding}\r\n".encode() if encoding else b""
    return OK + named + b"Content-Length: %d\r\n\r\n" % len(body) + body


@pytest.mark.parametrize(
    "answer",
    [
        make_response(b"{}"),
        make_response(gzip.compress(b"{}"), "gzip"),
        make_response(zlib.compress(b"{}"), "deflate"),
        OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
    ],
    ids=["plain", "gzip", "deflate", "chunked"],
)
async def test_plain_compressed_and_chunked_bodies_are_read(answer: bytes) -> None:
    async with raw_server(answer) as (source, _):
        assert await fetch_body(source) == b"{}"


@pytest.mark.parametrize(
    ("pack", "encoding"), [(lambda data: gzip.compress(gzip.compress(data)), "gzip, gzip"), (bytes, "br"), (bytes, "a")]
)
async def test_a_body_packed_twice_or_not_as_the_header_says_is_read(
    pack: Callable[[bytes], bytes], encoding: str
) -> None:
    async with raw_server(make_response(pack(b'{"a":1}'), encoding)) as (source, _):
        assert await fetch_body(source) == b'{"a":1}'


async def test_a_large_compressed_body_is_read_completely() -> None:
    body = b'"%s"' % (b"0123456789" * 90_000)
    async with raw_server(make_response(gzip.compress(body), "gzip")) as (source, _):
        assert await fetch_body(source) == body


@pytest.mark.parametrize(
    "body",
    [gzip.compress(b"{}"), make_response(gzip.compress(b"[" + b" " * 2000 + b"]"))],
    ids=["alone", "in a response"],  # gzip holds the time, and all workers must collect the same tests
)
async def test_a_body_in_gzip_is_unpacked_even_if_no_header_says_so(body: bytes) -> None:
    answer = body if body.startswith(b"HTTP") else make_response(body)
    async with raw_server(answer) as (source, _):
        assert json.loads(await fetch_body(source)) in ({}, [])


async def test_chunks_count_more_than_a_length() -> None:
    chunked = OK + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    async with raw_server(chunked) as (source, _):
        assert await fetch_body(source) == b"{}"


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Bad : 1\r\n\r\n{}", "not valid HTTP (illegal header line: 'X-Bad : 1')."),
        (b"HTTP/1.1 2000 OK\r\n\r\n{}", "not valid HTTP"),
        (b"", "the connection was lost"),
        (OK + b"Content-Length: 9\r\n\r\n{}", "the connection was lost"),
    ],
)
async def test_an_invalid_response_is_not_called_a_lost_connection(head: bytes, reason: str) -> None:
    async with raw_server(head) as (source, _):
        with pytest.raises(ConnectionLostError) as caught:
            await fetch_body(source)
    assert reason in str(caught.value)
    assert "bytearray" not in str(caught.value)


@pytest.mark.parametrize("behind", [b"", b"trailing", b"\0" * 200_000])
async def test_gzip_members_are_joined_and_bytes_after_them_are_ignored(behind: bytes) -> None:
    members = gzip.compress(b'{"a":') + gzip.compress(b" " * 150_000) + gzip.compress(b"1}")
    async with raw_server(make_response(members + behind, "gzip")) as (source, _):
        assert await fetch_body(source) == b'{"a":' + b" " * 150_000 + b"1}"


@pytest.mark.parametrize(
    ("pieces", "kind"),
    [
        ([], ConnectionLostError),
        ([b"garbage\r\n\r\n"], ConnectionLostError),
        ([OK + b"Content-Length: 100\r\n\r\n{}"], ConnectionLostError),
        ([OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"], ConnectionLostError),
        ([OK + b"X: " + b"a" * 200_000], ConnectionLostError),
        ([make_response(b"not gzip", "gzip")], ConnectionLostError),
        ([make_response(gzip.compress(b"{}" * 999)[:-12], "gzip")], ConnectionLostError),
        ([make_response(b"\x0b\x00\x80{}\x03", "br")], NotFlattrResponseError),
        ([make_response(gzip.compress(b"{}"), "br, gzip")], NotFlattrResponseError),
        ([make_response(b" " * (2**20 + 1))], TooLargeError),
        ([make_response(gzip.compress(bytes(50 * 2**20), 1), "gzip")], TooLargeError),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_each_fault_is_an_error_of_its_own(pieces: list[bytes], kind: type[Exception]) -> None:
    async with raw_server(*pieces) as (source, _):
        with pytest.raises(kind) as caught:
            await fetch_body(source)
    assert str(caught.value).endswith(".")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("pieces", [[], [OK], [OK + b"Content-Length: 9\r\n\r\n{"]])
async def test_the_deadline_is_for_the_whole_call(pieces: list[bytes]) -> None:
    async with raw_server(*pieces, hang=True) as (source, _):
        with pytest.raises(TimedOutError, match=r"within 0.2 s") as caught:
            await fetch_body(source, deadline=0.2)
    assert caught.value.retryable


async def test_a_port_without_a_listener_is_an_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(CannotConnectError, match="cannot be reached"):
            await fetch_body(parse_source(f"http://127.0.0.1:{port}/rest/v2"))


async def test_the_error_for_flattrs_server_says_that_it_was_shut_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail_to_resolve(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail_to_resolve)
    with pytest.raises(CannotConnectError, match=r"Flattr was shut down.*--source saved") as caught:
        await fetch_body(parse_source("https://api.flattr.com/rest/v2"))
    assert "Errno" not in str(caught.value)
    with pytest.raises(CannotConnectError, match="Name or service not known"):
        await fetch_body(parse_source("https://notflattr.com/rest/v2"))


@pytest.mark.parametrize(
    ("sent", "reason"), [(b"HTTP/1.1 400 Bad Request\r\n\r\n", "WRONG_VERSION_NUMBER|wrong version"), (b"", "EOF")]
)
async def test_a_server_without_tls_is_an_error(sent: bytes, reason: str) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(sent)
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        base = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/rest/v2"
        with pytest.raises(TlsFailedError, match=f"no secure connection .*({reason})") as caught:
            await fetch_body(Source(SourceKind.SERVER, base, base))
    assert not caught.value.retryable


def make_certificate(folder: Path) -> Path:
    """Write a file with a key and a certificate for 127.0.0.1 that nobody else has signed, and return its path."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "here")])
    now, address = datetime.now(UTC), x509.IPAddress(ip_address("127.0.0.1"))
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
    certificate = made.add_extension(x509.SubjectAlternativeName([address]), critical=False).sign(key, SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = folder / "here.pem"
    file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return file


async def test_a_certificate_that_nobody_signed_is_refused_unless_the_user_trusts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(make_response(b"{}"))
        writer.close()

    context, file = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), make_certificate(tmp_path)
    context.load_cert_chain(file)
    async with await asyncio.start_server(respond, "127.0.0.1", 0, ssl=context) as server:
        base = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/rest/v2"
        with pytest.raises(TlsFailedError, match="set SSL_CERT_FILE to its file"):
            await fetch_body(Source(SourceKind.SERVER, base, base))
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        assert await fetch_body(Source(SourceKind.SERVER, base, base)) == b"{}"


async def test_requests_have_a_user_agent_and_nothing_private(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    async with raw_server(make_response(b"{}")) as (source, requests):
        await fetch_body(source)
    sent = requests[0].lower()
    assert b"user-agent: flattr-tui/" in sent
    assert b"accept-encoding: gzip\r\n" in sent
    assert b"authorization" not in sent
    assert b"cookie" not in sent


async def test_cookies_are_not_kept_and_headers_have_no_control_characters() -> None:
    answer = OK + b"Set-Cookie: a=b\r\nX-Nasty: \x1b[31mred\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
    async with raw_server(answer) as (source, requests):
        client = Client(source)
        try:
            await client.call(ME, {})
            response = await client.call(ME, {})
        finally:
            await client.aclose()
    assert b"cookie" not in requests[1].lower()
    assert "\x1b" not in response.headers.get("x-nasty", "")


@pytest.mark.parametrize("sent", [[], [OK + b"Content-Length: 9\r\n\r\n{"]])
async def test_closing_ends_calls_in_flight_at_once(sent: list[bytes]) -> None:
    async with raw_server(*sent, hang=True) as (source, requests):
        client = Client(source)
        call = asyncio.create_task(client.call(ME, {}))
        async with asyncio.timeout(5):
            while not requests:
                await asyncio.sleep(0)
        async with asyncio.timeout(0.3):
            await client.aclose()
            with pytest.raises(ConnectionLostError):
                await call


async def test_a_client_is_usable_after_cancelled_calls() -> None:
    async with raw_server(OK + b"Content-Length: 9\r\n\r\n{", hang=True) as (source, requests):
        client = Client(source, deadline=0.2)
        for number in (1, 2):
            call = asyncio.create_task(client.call(ME, {}))
            async with asyncio.timeout(5):
                while len(requests) < number:
                    await asyncio.sleep(0)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
        with pytest.raises(TimedOutError):
            await client.call(ME, {})
        await client.aclose()


@pytest.mark.parametrize("host", ["xn--.example", "-.é"])
async def test_a_host_name_that_is_not_allowed_is_called_a_wrong_address(host: str) -> None:
    with pytest.raises(UsageError, match="the address can't be requested"):
        await fetch_body(Source(SourceKind.SERVER, host, f"https://{host}/rest/v2"))


API = "https://api.flattr.example/rest/v2/user"
SECRET = "hunter2"


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name.upper()}_PROXY", raising=False)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("no_proxy", "address", "is_direct"),
    [
        ("", API, False),
        ("*", API, True),
        ("flattr.example", API, True),
        (".flattr.example", API, True),
        ("flattr.example:443", API, True),
        ("attr.example", API, False),
        ("[::1], fd00::/8 ,10.0.0.0/8 FLATTR.example.", API, True),
        ("10.0.0.0/8", "https://10.1.2.3/rest/v2", True),
        ("fd00::/8", "https://[fd00::7]/rest/v2", True),
        ("[fd00::7]", "https://[fd00::7]/rest/v2", True),
        ("10.0.0.0/99, ::1/x, [", "https://10.1.2.3/rest/v2", False),
    ],
)
def test_no_proxy_is_read_as_by_curl(
    monkeypatch: pytest.MonkeyPatch, no_proxy: str, address: str, is_direct: bool
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert proxy_for(address) == (None if is_direct else "http://proxy.example:3128")


def test_a_proxy_without_a_scheme_is_an_http_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "proxy.example:3128")
    assert proxy_for(API) == "http://proxy.example:3128"


@pytest.mark.parametrize(
    "value", [f"http://ada:{SECRET}@proxy:port", f"gopher://ada:{SECRET}@proxy", f"http://ada:{SECRET}@", "http://["]
)
async def test_an_unusable_proxy_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("https_proxy", value)
    http = HttpTransport()
    with pytest.raises(CannotConnectError, match="https_proxy") as caught:
        await http.send("GET", API, {})
    assert SECRET not in str(caught.value)
    await http.aclose()


async def test_a_proxy_that_cannot_be_reached_is_named_instead_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", f"http://ada:{SECRET}@127.0.0.1:1")
    http = HttpTransport()
    with pytest.raises(CannotConnectError, match="the proxy that https_proxy names cannot be reached") as caught:
        await http.send("GET", API, {})
    assert SECRET not in str(caught.value)
    await http.aclose()


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (b"407 Proxy Authentication Required", "Put them into the proxy's address"),
        (b"403 Forbidden", "the proxy from the environment refused the connection (403 Forbidden)."),
    ],
)
async def test_a_proxy_that_refuses_a_secure_connection_says_why(
    monkeypatch: pytest.MonkeyPatch, status: bytes, message: str
) -> None:
    async with raw_server(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n") as (proxy, _):
        monkeypatch.setenv("https_proxy", proxy.name.removesuffix("/rest/v2"))
        http = HttpTransport()
        with pytest.raises(CannotConnectError) as caught:
            await http.send("GET", API, {})
        await http.aclose()
    assert message in str(caught.value)


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSLKEYLOGFILE"])
def test_a_file_that_cannot_be_used_is_named_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "missing" / "file"))
    with pytest.raises(CannotConnectError, match=f"^{variable} names"):
        make_tls_context()


def test_there_are_certificates_without_any_variable() -> None:
    assert make_tls_context().cert_store_stats()["x509_ca"] > 0
