"""The log for bug reports: what it tells, and that it tells nothing private."""

import json
import logging
import re
from pathlib import Path

import pytest

from flattr_tui.cli.root_command import cli
from tests.cli.conftest import Flattr, python

TOKEN = "t0ken-that-nobody-may-see"
SEARCHED = "my-secret-hobby"
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|WARNING|ERROR) [a-z_.]+ .+")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "bugs.log"


def test_it_tells_requests_statuses_and_durations(flattr: Flattr, log: Path) -> None:
    assert flattr("--log", str(log), "get", "user-things", "username=ada", "count=5").code == 0
    assert flattr("get", "user", "username=nobody-at-all", "--log", str(log)).code == 1
    text = log.read_text(encoding="utf-8")
    assert all(LINE.fullmatch(line) for line in text.splitlines()), text
    assert re.search(r"INFO cli\.log_file flattr-tui get [\d.]+, Python 3\.", text)
    assert "INFO cli.composition source sandbox\n" in text
    told = r"GET /users/:username/things username=… count=5: 200 in \d+ ms, \d+ bytes of application/json"
    assert re.search(rf"INFO api\.client {told}", text)
    assert re.search(r"INFO api\.client GET /users/:username username=…: 404 in \d+ ms", text)
    assert text.endswith("INFO cli.log_file exit code 1\n")
    assert log.stat().st_mode & 0o777 == 0o600
    assert not any(isinstance(one, logging.StreamHandler) for one in logging.getLogger("flattr_tui").handlers)


def test_its_level_says_how_much(flattr: Flattr, log: Path) -> None:
    flattr("--log", str(log), "--log-level", "error", "get", "categories")
    quiet = log.read_text()
    flattr("--log", str(log), "get", "categories", "--log-level", "debug")
    more = log.read_text().removeprefix(quiet)
    assert "GET /categories" not in quiet
    assert "DEBUG api.client GET /categories: sent" in more
    assert "INFO api.client GET /categories: 200 in" in more


def test_no_token_and_no_private_text_is_in_it(flattr: Flattr, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    to = ("--log", str(log), "--log-level", "debug")
    assert flattr(*to, "login", "--user", "melodia").code == 0
    assert flattr(*to, "get", "me").code == 0
    assert flattr(*to, "sync", "--me", "--flattrs").code == 0
    assert flattr(*to, "get", "search", f"query={SEARCHED}", f"tags={SEARCHED}").code == 0
    assert flattr(*to, "get", "update-thing", "id=1", f"title={SEARCHED}", "--yes").code != 0
    monkeypatch.setenv("FLATTR_TUI_TOKEN", TOKEN)
    assert flattr(*to, "get", "me").code == 4
    kept = json.loads((Path.home() / "data" / "flattr-tui" / "tokens.json").read_text())
    text = log.read_text()
    for secret in (TOKEN, SEARCHED, "melodia", *strings(kept) - {"sandbox", "current", "bearer"}):
        assert secret not in text, secret
    for told in ("GET /user:", "GET /things/search query=… tags=…: 200", "PATCH /things/:id", "token endpoint"):
        assert told in text, text
    assert "401" in text


def strings(value: object) -> set[str]:
    """All texts of some length in a document."""
    if isinstance(value, dict):
        return {found for one in [*value, *value.values()] for found in strings(one)}
    if isinstance(value, list):
        return {found for one in value for found in strings(one)}
    return {value} if isinstance(value, str) and len(value) > 12 else set()


def test_a_server_that_is_not_there_is_told_without_its_words(flattr: Flattr, log: Path) -> None:
    source = "http://127.0.0.1:9/rest/v2"
    assert flattr("--log", str(log), "--source", source, "get", "categories").code == 3
    assert re.search(
        r"WARNING api\.client GET /categories: CannotConnectError < ConnectError.* in \d+ ms", log.read_text()
    )


def test_a_refusal_and_a_mistake_are_told_without_their_words(
    flattr: Flattr, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flattr("--log", str(log), "get", f"{SEARCHED}")
    assert "WARNING cli.log_file refused: UsageError" in log.read_text()

    def broken(*_: object, **__: object) -> None:
        raise KeyError(SEARCHED)

    flattr("methods", "--help")  # imports the command
    monkeypatch.setattr(cli.commands["methods"], "callback", broken)
    assert flattr("--log", str(log), "methods").code == 1
    text = log.read_text()
    assert "ERROR cli.crash_report builtins.KeyError" in text
    assert re.search(r" cli/test_log\.py:\d+ in broken", text)
    assert SEARCHED not in text


def test_stderr_is_a_dash_but_not_where_the_screen_is_drawn(flattr: Flattr) -> None:
    ended = flattr("--log", "-", "get", "categories", "--quiet")
    assert ended.code == 0
    assert "GET /categories: 200" in ended.said
    assert "The log can't go to the terminal" in flattr("--log", "-").said


def test_where_it_can_not_be_written_is_one_line_and_2(flattr: Flattr, tmp_path: Path) -> None:
    ended = flattr("--log", str(tmp_path / "none" / "bugs.log"), "methods")
    assert (ended.code, ended.out) == (2, "")
    assert ended.line.endswith("bugs.log can't be written (No such file or directory).")


def test_a_full_disk_ends_the_log_alone(flattr: Flattr) -> None:
    ended = flattr("--log", "/dev/full", "get", "categories")
    assert ended.code == 0
    assert ended.line.endswith("The log /dev/full is not whole: it could not be written (No space left on device).")


def test_without_it_nothing_is_written() -> None:
    code = "from flattr_tui.api.client import LOG; LOG.error('nobody asked')"
    done = python("-c", code)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
