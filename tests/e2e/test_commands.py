"""Tests of the commands `login`, `accounts` and `logout`, in new processes with the built-in sandbox."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def home(saved_world: None) -> dict[str, str]:
    """The environment variables of the processes. The data folder has a sandbox world; the config folder is empty."""
    return {
        "PATH": os.environ["PATH"],
        "XDG_DATA_HOME": os.environ["XDG_DATA_HOME"],
        "XDG_CONFIG_HOME": os.environ["XDG_CONFIG_HOME"],
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }


def run(home: dict[str, str], *arguments: str, typed: str = "") -> tuple[int, str, str]:
    """Run `flattr-tui` with `typed` as its standard input. Returns its exit code, stdout and stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "flattr_tui", *arguments],
        env=home,
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_accounts_log_in_are_selected_and_log_out(home: dict[str, str]) -> None:
    assert run(home, "accounts")[2] == "flattr-tui: No account is logged in. Log in with `flattr-tui login`.\n"
    assert run(home, "get", "me")[0] == 4
    assert run(home, "login", "--user", "ada")[:2] == (0, "Logged in as ada at sandbox.\n")
    code, out, err = run(home, "login", "--no-browser", typed="melodia\n")
    assert (code, out) == (0, "Logged in as melodia at sandbox.\n")
    assert "This program asks for: flattr, thing, email, extendedread." in err
    assert run(home, "accounts")[1] == "  ada\tsandbox\n* melodia\tsandbox\n"
    assert run(home, "accounts", "use", "ada")[1] == "Now using ada at sandbox.\n"
    assert json.loads(run(home, "get", "me")[1])["username"] == "ada"
    assert run(home, "accounts", "use", "chizu")[0] == 4
    assert run(home, "logout", "chizu")[0] == 2
    assert run(home, "logout", "ada", "--remove-private")[1].startswith("ada is logged out at sandbox.")
    assert run(home, "accounts")[1] == "  melodia\tsandbox\n"
    tokens = Path(home["XDG_DATA_HOME"]) / "flattr-tui" / "tokens.json"
    assert tokens.stat().st_mode & 0o777 == 0o600
