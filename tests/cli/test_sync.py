"""Tests of the targets of `flattr-tui sync`."""

import json

from tests.cli.conftest import Flattr


def test_owners_are_followed_only_on_request(flattr: Flattr) -> None:
    def count_targets(*arguments: str) -> int:
        done = flattr("sync", "--user", "penniless", "--flattrs", "--json", *arguments)
        assert done.code == 0, done.err
        return int(json.loads(done.out.splitlines()[-1])["targets"])

    assert count_targets() == 2, "the profile and the flattrs"
    assert count_targets("--follow-owners") > 2


def test_the_result_is_one_sentence_with_singulars(flattr: Flattr) -> None:
    assert (
        flattr("sync", "--user", "nobody-there", "--things").out
        == "0 items saved: 0 new; 0 responses from the server.\n"
    )
    done = flattr("sync", "--user", "shy", "--things")
    assert done.out == "3 items saved: 3 new; 3 responses from the server.\n"


def test_an_empty_name_is_no_user(flattr: Flattr) -> None:
    ended = flattr("sync", "--user", "")
    assert (ended.code, ended.line[:36]) == (2, "flattr-tui: Name the user to fetch: ")
