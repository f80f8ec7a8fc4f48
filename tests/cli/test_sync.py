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
