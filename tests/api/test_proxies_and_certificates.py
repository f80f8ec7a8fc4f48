"""Tests of proxies and certificates in environment variables: meaningless values are ignored, wrong ones are named."""

from pathlib import Path

import pytest

from flattr_tui.api.errors import CannotConnectError
from flattr_tui.api.http_transport import HttpTransport
from flattr_tui.api.proxies_and_certificates import make_tls_context, proxy_for

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


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSLKEYLOGFILE"])
def test_a_file_that_cannot_be_used_is_named_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "missing" / "file"))
    with pytest.raises(CannotConnectError, match=f"^{variable} names"):
        make_tls_context()


def test_there_are_certificates_without_any_variable() -> None:
    assert make_tls_context().cert_store_stats()["x509_ca"] > 0
