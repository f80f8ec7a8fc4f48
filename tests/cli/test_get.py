"""Tests of `flattr-tui get`: empty values, copied commands, all pages offline, and errors."""

import json
import shlex
from typing import Any

import pytest

from flattr_tui.api.method_table import BY_NAME, Format
from flattr_tui.library.console.exchange import get_command
from tests.cli.conftest import Flattr, run_python


@pytest.fixture
def thing(flattr: Flattr, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of a thing that belongs to the account and has tags and a description."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    assert flattr("login", "--user", "ada").code == 0
    created = flattr("get", "create-thing", "url=https://a.example/", "title=A", "description=B", "tags=c,d", "--yes")
    assert created.code == 0, created.err
    return str(json.loads(created.out)["id"])


def fetch_thing(flattr: Flattr, thing: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(flattr("get", "thing", f"id={thing}").out)
    return found


def test_an_empty_value_clears_an_optional_field_only(flattr: Flattr, thing: str) -> None:
    before = fetch_thing(flattr, thing)
    assert (before["description"], before["tags"]) == ("B", ["c", "d"])
    assert flattr("get", "update-thing", f"id={thing}", "tags=", "--yes").code == 0
    after = fetch_thing(flattr, thing)
    assert after["tags"] == []
    assert {name: after[name] for name in ("title", "description")} == {"title": "A", "description": "B"}
    assert flattr("get", "update-thing", f"id={thing}", "title=C", "--yes").code == 0
    assert fetch_thing(flattr, thing)["description"] == "B", "a field that is left out must not change"
    for given in ("title=", "title= ", "hidden=", "category="):
        refused = flattr("get", "update-thing", f"id={thing}", "description=", given, "--yes")
        assert refused.code == 2
        assert f"{given.partition('=')[0]} can't be empty. Leave it out to keep the value." in refused.line
    assert fetch_thing(flattr, thing)["description"] == "B", "a refused command must send nothing"


def test_the_copied_command_clears_the_same_fields(flattr: Flattr, thing: str) -> None:
    method, given = BY_NAME["update-thing"], {"id": thing, "title": "", "description": "", "tags": ""}
    line = get_command(method, given, Format.JSON, "sandbox")
    assert line == f"flattr-tui get update-thing id={thing} description= tags= --yes"
    assert flattr(*shlex.split(line)[1:]).code == 0
    after = fetch_thing(flattr, thing)
    assert (after["title"], after["tags"], after["description"]) == ("A", [], "")


def test_a_read_ignores_empty_values(flattr: Flattr) -> None:
    found, same = (json.loads(flattr("get", "search", "query=music", *more).out) for more in ((), ("tags=", "sort=")))
    assert found == same


@pytest.mark.parametrize("offline", [(), ("--offline",)])
@pytest.mark.parametrize(
    ("tags", "error"), [("audio &", "A tag is missing at the end."), ("a & (b | c)", "Parentheses can't group tags")]
)
def test_an_invalid_tag_expression_is_refused_with_a_reason(
    flattr: Flattr, offline: tuple[str, ...], tags: str, error: str
) -> None:
    refused = flattr(*offline, "get", "search", f"tags={tags}")
    assert (refused.code, refused.out) == (2, "")
    assert error in refused.line


def test_all_pages_are_read_offline_even_if_the_last_one_is_long(flattr: Flattr) -> None:
    command = ("get", "user-flattrs", "username=ada", "count=75", "--all")
    first = flattr(*command)
    assert len(json.loads(first.out)) % 75 >= 30, "the last page must be as long as a page that a server could grant"
    again = flattr("--offline", *command)
    assert (again.code, again.out) == (0, first.out), again.err


def test_an_exception_in_the_sandbox_is_one_line() -> None:
    code = (
        "import sys\n"
        "from flattr_tui.cli import root_command\n"
        "from flattr_tui.sandbox.world import World\n"
        "World.user = property(lambda self: {}['planted'])\n"
        "sys.exit(root_command.run(['get', 'user', 'username=ada']))\n"
    )
    done = run_python("-c", code)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("flattr-tui: user username=ada: the server failed (500")
