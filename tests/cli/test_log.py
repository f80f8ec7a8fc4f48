"""Tests of the log for bug reports: its lines, its level, its file, and that it has nothing private."""

import json
import logging
import re
from pathlib import Path

import pytest

from flattr_tui.cli.root_command import cli
from tests.cli.conftest import Flattr, run_python

TOKEN = "t0ken-that-nobody-may-see"
SEARCHED = "my-secret-hobby"
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|WARNING|ERROR) [a-z_.]+ .+")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "bugs.log"


def test_the_log_has_requests_statuses_and_durations(flattr: Flattr, log: Path) -> None:
    assert flattr("--log", str(log), "get", "user-things", "username=ada", "count=5").code == 0
    assert flattr("get", "user", "username=nobody-at-all", "--log", str(log)).code == 1
    text = log.read_text(encoding="utf-8")
    assert all(LINE.fullmatch(line) for line in text.splitlines()), text
    assert re.search(r"INFO cli\.log_file flattr-tui get [\d.]+, Python 3\.", text)
    assert "INFO cli.library_factory source sandbox\n" in text
    line = r"GET /users/:username/things username=… count=5: 200 in \d+ ms, \d+ bytes of application/json"
    assert re.search(rf"INFO api\.client {line}", text)
    assert re.search(r"INFO api\.client GET /users/:username username=…: 404 in \d+ ms", text)
    assert text.endswith("INFO cli.log_file exit code 1\n")
    assert log.stat().st_mode & 0o777 == 0o600
    assert not any(isinstance(one, logging.StreamHandler) for one in logging.getLogger("flattr_tui").handlers)


def test_the_level_limits_the_log(flattr: Flattr, log: Path) -> None:
    flattr("--log", str(log), "--log-level", "error", "get", "categories")
    quiet = log.read_text()
    flattr("--log", str(log), "get", "categories", "--log-level", "debug")
    more = log.read_text().removeprefix(quiet)
    assert "GET /categories" not in quiet
    assert "DEBUG api.client GET /categories: sent" in more
    assert "INFO api.client GET /categories: 200 in" in more


def test_the_log_has_no_token_and_no_private_text(flattr: Flattr, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log_options = ("--log", str(log), "--log-level", "debug")
    assert flattr(*log_options, "login", "--user", "melodia").code == 0
    assert flattr(*log_options, "get", "me").code == 0
    assert flattr(*log_options, "sync", "--me", "--flattrs").code == 0
    assert flattr(*log_options, "get", "search", f"query={SEARCHED}", f"tags={SEARCHED}").code == 0
    assert flattr(*log_options, "get", "update-thing", "id=1", f"title={SEARCHED}", "--yes").code != 0
    monkeypatch.setenv("FLATTR_TUI_TOKEN", TOKEN)
    assert flattr(*log_options, "get", "me").code == 4
    kept = json.loads((Path.home() / "data" / "flattr-tui" / "tokens.json").read_text())
    text = log.read_text()
    for secret in (TOKEN, SEARCHED, "melodia", *find_long_strings(kept) - {"sandbox", "current", "bearer"}):
        assert secret not in text, secret
    for text_part in ("GET /user:", "GET /things/search query=… tags=…: 200", "PATCH /things/:id", "token endpoint"):
        assert text_part in text, text
    assert "401" in text


def find_long_strings(value: object) -> set[str]:
    """Return all texts of more than 12 characters in a JSON document."""
    if isinstance(value, dict):
        return {found for one in [*value, *value.values()] for found in find_long_strings(one)}
    if isinstance(value, list):
        return {found for one in value for found in find_long_strings(one)}
    return {value} if isinstance(value, str) and len(value) > 12 else set()


def test_an_unreachable_server_is_logged_without_its_message(flattr: Flattr, log: Path) -> None:
    source = "http://127.0.0.1:9/rest/v2"
    assert flattr("--log", str(log), "--source", source, "get", "categories").code == 3
    assert re.search(
        r"WARNING api\.client GET /categories: CannotConnectError < ConnectError.* in \d+ ms", log.read_text()
    )


def test_errors_are_logged_without_their_messages(flattr: Flattr, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flattr("--log", str(log), "get", f"{SEARCHED}")
    assert "WARNING cli.log_file refused: UsageError" in log.read_text()

    def broken(*_: object, **__: object) -> None:
        raise KeyError(SEARCHED)

    flattr("methods", "--help")  # imports the command
    monkeypatch.setattr(cli.commands["methods"], "callback", broken)
    assert flattr("--log", str(log), "methods").code == 1
    text = log.read_text()
    assert "ERROR cli.errors builtins.KeyError" in text
    assert re.search(r" cli/test_log\.py:\d+ in broken", text)
    assert SEARCHED not in text


def test_a_dash_logs_to_stderr_but_not_over_the_screen(flattr: Flattr) -> None:
    ended = flattr("--log", "-", "get", "categories", "--quiet")
    assert ended.code == 0
    assert "GET /categories: 200" in ended.err
    assert "so the log can't go there" in flattr("--log", "-").err


def test_a_log_that_cannot_be_written_is_one_line_and_exits_with_2(flattr: Flattr, tmp_path: Path) -> None:
    ended = flattr("--log", str(tmp_path / "none" / "bugs.log"), "methods")
    assert (ended.code, ended.out) == (2, "")
    assert ended.line.endswith(f"bugs.log can't be written: there is no folder {tmp_path / 'none'}.")


def test_a_full_disk_ends_only_the_log(flattr: Flattr) -> None:
    ended = flattr("--log", "/dev/full", "get", "categories")
    assert ended.code == 0
    assert ended.line.endswith("The log /dev/full is incomplete: it could not be written (No space left on device).")


def test_without_the_option_nothing_is_logged() -> None:
    code = "from flattr_tui.api.client import LOG; LOG.error('nobody asked')"
    done = run_python("-c", code)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
