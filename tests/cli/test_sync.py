"""`flattr-tui sync`: what it fetches where nothing more is asked for."""

import json

from tests.cli.conftest import Flattr


def test_owners_are_followed_only_when_it_is_asked_for(flattr: Flattr) -> None:
    def targets(*arguments: str) -> int:
        done = flattr("sync", "--user", "penniless", "--flattrs", "--json", *arguments)
        assert done.code == 0, done.said
        return int(json.loads(done.out.splitlines()[-1])["targets"])

    assert targets() == 2, "the profile and the flattrs"
    assert targets("--follow-owners") > 2
