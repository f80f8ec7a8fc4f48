"""Tests that each address is matched to the request that it was made from."""

import string
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flattr_tui.api.method_table import METHODS, Format, Method, Parameter, ParameterKind
from flattr_tui.api.prepared_request import check_arguments, prepare_request
from flattr_tui.library.import_export.request_recognition import MatchedRequest, UnrecognizedError, match_url
from flattr_tui.model.api_request import ApiRequest

BASES = (
    "https://api.flattr.com/rest/v2",
    "http://127.0.0.1:8080/rest/v2",
    "https://web.archive.org/web/20150101000000id_/https://api.flattr.com/rest/v2",
    "https://web.archive.org/web/2015/http://api.flattr.com:80/rest/v2",
    "https://example.org/rest/v2/rest/v2",
)
READS = [method for method in METHODS if not method.writes]
SUFFIXES = tuple(f".{form}" for form in Format)
ids = st.integers(0, 10**17).map(str)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).map(str.strip).filter(bool)
VALUES = {
    ParameterKind.INTEGER: ids,
    ParameterKind.FLAG: st.just("1"),
    ParameterKind.IDS: st.lists(ids, min_size=2, max_size=4).map(",".join),  # a single id is the method `thing`
    ParameterKind.TAGS: st.sampled_from(["a", "photos & travel !flickr", "game | games ! software", "å & ß"]),
    ParameterKind.URL: st.sampled_from(["https://x.example/?a=1&b=%2C#c", "https://api.flattr.com/rest/v2/users/ada"]),
    ParameterKind.CATEGORIES: st.sampled_from(["text", "text,audio"]),
    ParameterKind.LANGUAGES: st.sampled_from(["en_GB", "en_GB,sv_SE"]),
}


def make_values(parameter: Parameter) -> st.SearchStrategy[str]:
    if parameter.kind is ParameterKind.CHOICE:
        return st.sampled_from(parameter.choices)
    value = VALUES.get(parameter.kind, TEXTS)
    # A suffix of a path selects a format, therefore no request can have such a name; nor `.` or `..`.
    return value.filter(lambda text: not text.endswith(SUFFIXES) and text not in {".", ".."})


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, Method, Format, dict[str, str]]:
    method = draw(st.sampled_from(READS))
    arguments = {
        parameter.name: draw(make_values(parameter))
        for parameter in method.parameters
        if parameter.required or draw(st.booleans())
    }
    return draw(st.sampled_from(BASES)), method, draw(st.sampled_from(method.formats)), arguments


@given(calls(), st.booleans())
def test_every_request_is_recognized(call: tuple[str, Method, Format, dict[str, str]], slash: bool) -> None:
    base, method, form, arguments = call
    url = prepare_request(base, method, arguments, format=form).url
    if slash and "?" not in url:
        url += "/"
    checked = check_arguments(method, arguments)
    found = match_url(url)
    assert found.method is method
    assert found.request == ApiRequest.of(method.name, checked)
    assert found.page == (int(checked.get("page", 1)) if method.is_list else 1)
    assert found.count == (int(checked.get("count", 30)) if method.is_list else 0)
    assert found.format in ({form} if form is not Format.JSON else {None})
    assert match_url(found.url) == found


@given(st.text(string.printable, max_size=60))
def test_any_text_is_recognised_or_refused(text: str) -> None:
    for url in (text, f"https://api.flattr.com/rest/v2/{text}"):
        with suppress(UnrecognizedError):
            assert isinstance(match_url(url), MatchedRequest)


AUTO = "http://flattr.com/submit/auto"
LOOKUP_OF_AUTO = f"lookup url={AUTO}?url=http://x/&user_id=ada"


@pytest.mark.parametrize(
    ("path", "request_text", "page", "count"),
    [
        ("users/ada/flattrs?full&page=3&count=100", "user-flattrs full=1 username=ada", 3, 100),
        ("users/ada/flattrs?full=False", "user-flattrs username=ada", 1, 30),
        ("things?id=1,2", "things id=1,2", 1, 0),
        ("things/1%2C2", "things id=1,2", 1, 0),
        ("things/lookup/?url=http%3A%2F%2Fx%2F", "lookup url=http://x/", 1, 0),
        ("things/7.json", "thing id=7", 1, 0),
        ("user/activities.atom?type=incoming", "my-activities type=incoming", 1, 0),
        ("users/a%2Fb/things#top", "user-things username=a/b", 1, 30),
        ("categories.yaml?jsonp=f", "categories", 1, 0),
        ("things/lookup?q=http%3A%2F%2Fx%2F", "lookup url=http://x/", 1, 0),
        ("things/lookup/?q=http%3A%2F%2Fx%2F&jsonp=jQuery17&_=1", "lookup url=http://x/", 1, 0),
        ("things/lookup.json?q=http%3A%2F%2Fx%2F", "lookup url=http://x/", 1, 0),
        ("things/lookup/q/http%3A%2F%2Fx%2Fa%3Fb", "lookup url=http://x/a?b", 1, 0),
        ("things/lookup/q/http://x/a", "lookup url=http://x/a", 1, 0),
        (f"things/lookup?access_token=abc&url={AUTO}?url=http://x/&user_id=ada", LOOKUP_OF_AUTO, 1, 0),
        (f"things/lookup/?url={AUTO}?url=http://x/&user_id=ada&access_token=abc&jsonp=f", LOOKUP_OF_AUTO, 1, 0),
        ("users/ada/flattrs?count=undefined&page=undefined", "user-flattrs username=ada", 1, 30),
        ("things/search?query=undefined", "search query=undefined", 1, 30),
        ("users/ada/flattrs%3fcount%3d5%26page%3d2", "user-flattrs username=ada", 2, 5),
        ("things/lookup%3Furl=http:%252F%252Fx%252Fa%253Fb", "lookup url=http://x/a?b", 1, 0),
        ("users/who%3f", "user username=who?", 1, 0),
    ],
)
def test_addresses_of_other_clients_are_recognized(path: str, request_text: str, page: int, count: int) -> None:
    found = match_url(f"https://api.flattr.com/rest/v2/{path}")
    assert (str(found.request), found.page, found.count) == (request_text, page, count)
    assert match_url(found.url) == found
    assert "abc" not in found.url


def test_secrets_are_removed_from_an_address() -> None:
    found = match_url(
        "https://web.archive.org/web/2015id_/https://me:pw@api.flattr.com/rest/v2/user/things?access_token=abc&count=5"
    )
    assert found.url == "https://web.archive.org/web/2015id_/https://api.flattr.com/rest/v2/user/things?count=5"
    assert match_url("https://me:pw@api.flattr.com/rest/v2/user#abc").url == "https://api.flattr.com/rest/v2/user"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://flattr.com/profile/ada", "does not belong to the Flattr API"),
        ("https://x.example/?to=/rest/v2/users/ada", "does not belong to the Flattr API"),
        ("https://api.flattr.com/rest/v2/users/ada/nothing", "no such path"),
        ("https://api.flattr.com/rest/v2/things/abc", "no such path"),
        ("https://api.flattr.com/rest/v2/" + "x" * 20_000, "too long"),
        ("https://[/rest/v2/user", "can't be read"),
    ],
)
def test_other_addresses_are_refused_with_a_reason(url: str, reason: str) -> None:
    with pytest.raises(UnrecognizedError, match=reason):
        match_url(url)
