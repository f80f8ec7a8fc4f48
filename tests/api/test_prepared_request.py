"""Tests that requests are prepared as the service documents them, and that invalid arguments are refused."""

import json
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flattr_tui.api.errors import UsageError
from flattr_tui.api.method_table import BY_NAME, METHODS, Format, ParameterKind
from flattr_tui.api.prepared_request import PreparedRequest, check_arguments, prepare_request
from flattr_tui.api.request_log import MASK

BASE = "https://api.flattr.com/rest/v2"


def make_url(name: str, **arguments: str) -> str:
    return prepare_request(BASE, BY_NAME[name], arguments).url.removeprefix(BASE)


@pytest.mark.parametrize(
    ("name", "arguments", "sent"),
    [
        ("user-flattrs", {"username": "ada", "count": "5", "page": "2"}, "/users/ada/flattrs?count=5&page=2"),
        ("user", {"username": "a/../b"}, "/users/a%2F..%2Fb"),
        ("user", {"username": "a b?c#d%é"}, "/users/a%20b%3Fc%23d%25%C3%A9"),
        ("things", {"id": "1, 2 ,3"}, "/things/1,2,3"),
        ("search", {"tags": "photos & travel !flickr"}, "/things/search?tags=photos+%26+travel+!flickr"),
        ("search", {"language": "en_GB, sv_SE"}, "/things/search?language=en_GB,sv_SE"),
        ("search", {"query": "a+b, c"}, "/things/search?query=a%2Bb%2C+c"),
        ("search", {"query": "x", "full": "yes"}, "/things/search?query=x&full=1"),
        ("search", {"query": "x", "full": "no", "user": " "}, "/things/search?query=x"),
        ("lookup", {"url": "http://x/?a=1&b=2"}, "/things/lookup?url=http%3A%2F%2Fx%2F%3Fa%3D1%26b%3D2"),
        ("user-activities", {"username": "ada"}, "/users/ada/activities.as"),
    ],
)  # fmt: skip
def test_addresses_are_encoded_as_documented(name: str, arguments: dict[str, str], sent: str) -> None:
    assert make_url(name, **arguments) == sent


def test_formats_are_a_suffix_and_an_accept_header() -> None:
    prepared = prepare_request(BASE, BY_NAME["user-flattrs"], {"username": "ada", "page": "2"}, format=Format.ATOM)
    assert prepared.url == f"{BASE}/users/ada/flattrs.atom?page=2"
    assert prepared.headers["Accept"] == "application/atom+xml"
    with pytest.raises(UsageError, match=r"json, xml, yaml"):
        prepare_request(BASE, BY_NAME["user"], {"username": "ada"}, format=Format.ATOM)


def test_writes_have_a_json_body() -> None:
    prepared = prepare_request(BASE, BY_NAME["update-thing"], {"id": "7", "title": "Å", "hidden": "0", "tags": "a, b"})
    assert (prepared.verb, prepared.url) == ("PATCH", f"{BASE}/things/7")
    assert json.loads(prepared.body or b"") == {"title": "Å", "hidden": False, "tags": "a,b"}
    assert prepare_request(BASE, BY_NAME["flattr"], {"id": "7"}).body is None


def test_a_token_is_sent_but_masked_in_the_repr() -> None:
    prepared = prepare_request(BASE, BY_NAME["me"], {}, token="secret")
    assert prepared.headers["Authorization"] == "Bearer secret"
    assert prepared.masked().headers["Authorization"] == f"Bearer {MASK}"
    assert "secret" not in repr(prepared)
    plain = PreparedRequest("GET", "x", {})
    assert plain.masked() is plain


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("user", {}, "needs username"),
        ("user", {"username": "  "}, "needs username"),
        ("user", {"username": ".."}, "username can't be"),
        ("user", {"username": "\udcff"}, "username contains"),
        ("user", {"username": "a", "nope": "1"}, "no parameter 'nope'; it has: username"),
        ("me", {"x": "1"}, "it has: none"),
        ("thing", {"id": "x"}, "id must be a whole number"),
        ("thing", {"id": "٣"}, "id must be a whole number"),
        ("things", {"id": "1,,2"}, "id must be thing ids"),
        ("search", {"sort": "best"}, "sort must be one of relevance"),
        ("search", {"full": "maybe"}, "full must be yes or no"),
        ("search", {"tags": "a | & b"}, "tags does not parse at character 5"),
        ("search", {"tags": "a & (b | c)"}, "tags does not parse at character 5: Parentheses can't group tags"),
        ("lookup", {"url": "ftp://x"}, "url must be an address"),
        ("lookup", {"url": "http://[x"}, "url is not an address"),
        ("create-thing", {"url": "https://x/", "hidden": "perhaps"}, "hidden must be yes or no"),
    ],
)
def test_an_invalid_argument_is_refused_by_its_name(name: str, arguments: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("|", r"\|")):
        prepare_request(BASE, BY_NAME[name], arguments)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_no_user_name_changes_the_path(username: str) -> None:
    stripped = username.strip()
    if stripped in {"", ".", ".."}:
        return
    path = urlsplit(make_url("user-things", username=username)).path
    assert path.split("/")[1::2] == ["users", "things"]
    assert unquote_plus(path.split("/")[2].replace("+", "%2B")) == stripped


SAMPLE: dict[ParameterKind, Any] = {
    ParameterKind.TEXT: "ada",
    ParameterKind.INTEGER: "1",
    ParameterKind.FLAG: "1",
    ParameterKind.BOOLEAN: "1",
    ParameterKind.IDS: "1,2",
    ParameterKind.LIST: "a,b",
    ParameterKind.TAGS: "a & b",
    ParameterKind.URL: "https://x/",
    ParameterKind.CATEGORY: "text",
    ParameterKind.CATEGORIES: "text,audio",
    ParameterKind.LANGUAGE: "en_GB",
    ParameterKind.LANGUAGES: "en_GB,sv_SE",
}


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_every_method_accepts_all_parameters_in_all_formats(method: Any) -> None:
    arguments = {p.name: p.choices[0] if p.kind is ParameterKind.CHOICE else SAMPLE[p.kind] for p in method.parameters}
    for kind in method.formats:
        prepared = prepare_request(BASE, method, arguments, format=kind)
        assert ":" not in prepared.url.removeprefix(BASE).replace("%3A", "")
        assert prepared.verb == method.verb
        assert (prepared.body is None) or method.writes


def test_an_update_sends_empty_values_only_for_optional_fields() -> None:
    method = BY_NAME["update-thing"]
    assert check_arguments(method, {"id": "7", "description": " ", "tags": " , ", "title": "", "category": ""}) == {
        "id": "7",
        "description": "",
        "tags": "",
    }
    assert check_arguments(method, {"id": "7", "title": "New"}) == {"id": "7", "title": "New"}
    sent = prepare_request("https://x", method, {"id": "7", "description": "", "tags": ""}).body
    assert json.loads(sent or b"") == {"description": "", "tags": ""}
    new = {"url": "https://new.example/", "description": "", "tags": ""}
    assert check_arguments(BY_NAME["create-thing"], new) == {"url": "https://new.example/"}
