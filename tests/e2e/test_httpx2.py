"""Tests that the program never imports an installed package `httpx2`, which its dependencies could use for httpx."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FAKE = """
import os, warnings
with open(os.environ["USED"], "a") as file:
    file.write("imported")
warnings.warn("httpx2 was imported")
def __getattr__(name):
    raise RuntimeError(f"httpx2.{name} was used")
"""


@pytest.mark.parametrize(
    "arguments",
    [("get", "user", "username=ada"), ("login", "--user", "ada"), ("methods",)],
    ids=lambda arguments: arguments[0],
)
def test_httpx2_is_never_imported(tmp_path: Path, saved_world: None, arguments: tuple[str, ...]) -> None:
    folder = tmp_path / "packages"
    folder.mkdir()
    (folder / "httpx2.py").write_text(FAKE, encoding="utf-8")
    done = []
    for number, path in enumerate(("", str(folder))):
        home = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": path,
            "USED": str(tmp_path / "used"),
            "XDG_DATA_HOME": str(shutil.copytree(os.environ["XDG_DATA_HOME"], tmp_path / f"data{number}")),
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        command = [sys.executable, "-W", "error", "-m", "flattr_tui", *arguments]
        ended = subprocess.run(command, env=home, capture_output=True, text=True, check=False)
        done.append((ended.returncode, ended.stdout, ended.stderr))
    assert done[0][0] == 0, done[0]
    assert done[0][2] == ""
    assert done[1] == done[0]
    assert not (tmp_path / "used").exists()
