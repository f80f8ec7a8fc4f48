"""`flattr-tui get`: what is emptied on purpose, and only that; and all pages, offline too."""

import json
import shlex
from typing import Any

import pytest

from flattr_tui.api.methods import BY_NAME, Format
from flattr_tui.library.console import code_snippets as console_copies
from tests.cli.conftest import Flattr, python


@pytest.fixture
def thing(flattr: Flattr, monkeypatch: pytest.MonkeyPatch) -> str:
    """A thing of the account's own, with tags and a description."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    assert flattr("login", "--user", "ada").code == 0
    made = flattr("get", "create-thing", "url=https://a.example/", "title=A", "description=B", "tags=c,d", "--yes")
    assert made.code == 0, made.said
    return str(json.loads(made.out)["id"])


def read(flattr: Flattr, thing: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(flattr("get", "thing", f"id={thing}").out)
    return found


def test_an_empty_value_empties_what_may_be_empty_and_nothing_else(flattr: Flattr, thing: str) -> None:
    before = read(flattr, thing)
    assert (before["description"], before["tags"]) == ("B", ["c", "d"])
    assert flattr("get", "update-thing", f"id={thing}", "tags=", "--yes").code == 0
    after = read(flattr, thing)
    assert after["tags"] == []
    assert {name: after[name] for name in ("title", "description")} == {"title": "A", "description": "B"}
    assert flattr("get", "update-thing", f"id={thing}", "title=C", "--yes").code == 0
    assert read(flattr, thing)["description"] == "B", "what is left out stays"
    for given in ("title=", "title= ", "hidden=", "category="):
        refused = flattr("get", "update-thing", f"id={thing}", "description=", given, "--yes")
        assert refused.code == 2
        assert f"{given.partition('=')[0]} can't be empty. Leave it out to keep the value." in refused.line
    assert read(flattr, thing)["description"] == "B", "nothing was sent"


def test_the_copied_line_empties_what_was_emptied(flattr: Flattr, thing: str) -> None:
    method, given = BY_NAME["update-thing"], {"id": thing, "title": "", "description": "", "tags": ""}
    line = console_copies.get_command(method, given, Format.JSON, "sandbox")
    assert line == f"flattr-tui get update-thing id={thing} description= tags= --yes"
    assert flattr(*shlex.split(line)[1:]).code == 0
    after = read(flattr, thing)
    assert (after["title"], after["tags"], after["description"]) == ("A", [], "")


def test_what_only_reads_takes_an_empty_value_for_none(flattr: Flattr) -> None:
    found, same = (json.loads(flattr("get", "search", "query=music", *more).out) for more in ((), ("tags=", "sort=")))
    assert found == same


@pytest.mark.parametrize("offline", [(), ("--offline",)])
@pytest.mark.parametrize(
    ("tags", "said"), [("audio &", "A tag is missing at the end."), ("a & (b | c)", "Parentheses can't group tags")]
)
def test_a_broken_tag_expression_is_refused_in_words(
    flattr: Flattr, offline: tuple[str, ...], tags: str, said: str
) -> None:
    refused = flattr(*offline, "get", "search", f"tags={tags}")
    assert (refused.code, refused.out) == (2, "")
    assert said in refused.line


def test_all_pages_are_found_again_offline_however_long_the_last_one_is(flattr: Flattr) -> None:
    asked = ("get", "user-flattrs", "username=ada", "count=75", "--all")
    first = flattr(*asked)
    assert len(json.loads(first.out)) % 75 >= 30, "else it is no size of page that a server grants"
    again = flattr("--offline", *asked)
    assert (again.code, again.out) == (0, first.out), again.said


def test_a_mistake_of_the_sandbox_is_one_line() -> None:
    code = (
        "import sys\n"
        "from flattr_tui.cli import root_command\n"
        "from flattr_tui.sandbox.world import World\n"
        "World.user = property(lambda self: {}['planted'])\n"
        "sys.exit(root_command.run(['get', 'user', 'username=ada']))\n"
    )
    done = python("-c", code)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("flattr-tui: user username=ada: the server failed (500")
