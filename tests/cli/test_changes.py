"""Tests of `flattr-tui changes`, which lists added and removed things and changed flattr counts."""

import json
from pathlib import Path
from unittest.mock import ANY

import pytest

from flattr_tui.model.api_request import ApiRequest, ResponseKind
from flattr_tui.paths import Paths
from tests.cli.conftest import Flattr
from tests.store.sample_responses import body, response, save_responses, thing

THINGS = ApiRequest.of("user-things", username="melodia")
BEGIN = 1_483_272_000.0
"""Noon on 1 January 2017, in UTC."""
DAY = 86_400.0


@pytest.fixture
def monthly_responses(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder with a list that was fetched three times, a month apart."""
    monkeypatch.setenv("TZ", "UTC")
    folder = Paths.standard().data
    days = ({2: 7, 1: 9}, {3: 0, 2: 7, 1: 12}, {3: 1, 1: 12})
    save_responses(
        folder,
        *(
            response(
                body(thing(number, f"Thi\x1bng {number}", flattrs=count) for number, count in counts.items()),
                request=THINGS,
                response_kind=ResponseKind.THINGS,
                at=BEGIN + 31 * DAY * month,
            )
            for month, counts in enumerate(days)
        ),
    )
    return folder


@pytest.mark.usefixtures("monthly_responses")
def test_changes_are_listed_newest_first(flattr: Flattr) -> None:
    ended = flattr("changes")
    assert ended.code == 0
    assert [line.split() for line in ended.out.splitlines()] == [
        ["DATE", "CHANGE", "KIND", "USER", "WHAT", "FLATTRS"],
        ["2017-03-04", "count", "thing", "melodia", "Thing", "3", "0", "->", "1"],
        ["2017-03-04", "gone", "thing", "melodia", "Thing", "2"],
        ["2017-02-01", "added", "thing", "melodia", "Thing", "3"],
        ["2017-02-01", "count", "thing", "melodia", "Thing", "1", "9", "->", "12"],
    ]


@pytest.mark.usefixtures("monthly_responses")
def test_json_has_one_line_per_change_of_a_user_since_a_date(flattr: Flattr) -> None:
    ended = flattr("changes", "Melodia", "--since", "2017-03", "--json")
    assert [json.loads(line) for line in ended.out.splitlines()] == [
        {
            "at": "2017-03-04T12:00:00Z",
            "change": "count",
            "kind": "thing",
            "user": "melodia",
            "thing": 3,
            "title": "Thing 3",
            "url": ANY,
            "old": 0,
            "new": 1,
        },
        {
            "at": "2017-03-04T12:00:00Z",
            "change": "gone",
            "kind": "thing",
            "user": "melodia",
            "thing": 2,
            "title": "Thing 2",
            "url": ANY,
        },
    ]
    assert flattr("changes", "nordlicht", "--json").out == ""


@pytest.mark.usefixtures("monthly_responses")
def test_no_change_and_an_invalid_date_are_reported(flattr: Flattr) -> None:
    assert flattr("changes", "--since", "2018").out.startswith("Nothing has changed in saved data. ")
    ended = flattr("changes", "--since", "soon")
    assert ended.code == 2
    assert "--since takes a date or an age, such as 2016-03-31 or 3m, not 'soon'." in ended.err


@pytest.mark.usefixtures("monthly_responses")
def test_a_filter_leaves_out_what_does_not_match(flattr: Flattr) -> None:
    lines = flattr("changes", "--filter", "2017-03 flattrs:0..1").out.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["2017-03-04", "count"]]
    assert flattr("changes", "--filter", "tag:nowhere").out == "No change matches.\n"
    ended = flattr("changes", "--filter", "flattrs:x")
    assert ended.code == 2
    assert "--filter: flattrs: takes a number" in ended.err
