"""Tests of the command `flattr-tui import`: its files, its standard input, its output, and interruption."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from flattr_tui.cli.commands.import_ import FORMATS
from flattr_tui.cli.errors import BadInputError
from flattr_tui.cli.standard_streams import DASH, readable_files
from flattr_tui.paths import Paths
from tests.cli.conftest import Flattr


def test_an_archive_without_entries_is_said_to_hold_nothing(flattr: Flattr, tmp_path: Path) -> None:
    file = tmp_path / "none.har"
    file.write_text('{"log": {"version": "1.2", "entries": []}}')
    ended = flattr("import", str(file))
    assert (ended.code, ended.out, ended.line) == (
        1,
        "0 imported.\n",
        "flattr-tui: Nothing was found that could be imported.",
    )


def test_a_response_with_its_head_is_imported_once(flattr: Flattr, tmp_path: Path) -> None:
    file = tmp_path / "ada.http"
    file.write_text(flattr("get", "user", "username=ada", "--format", "xml", "--include").out)
    assert flattr("import", str(file)) == (
        0,
        "1 imported.\nthe profile of ada. See them: flattr-tui --source saved --user ada\n",
        "",
    )
    again = flattr("import", str(file))
    assert (again.code, again.out.splitlines()[0], again.err) == (0, "0 imported, 1 already there.", "")
    assert '"ada"' in flattr("export", "user", "username=ada", "--source", "saved", "--format", "json").out


def test_a_missing_file_is_an_error_before_any_is_imported(flattr: Flattr, tmp_path: Path) -> None:
    file = tmp_path / "ada.json"
    file.write_text(flattr("get", "user", "username=ada").out)
    ended = flattr("import", str(file), str(tmp_path / "none.json"))
    assert (ended.code, ended.out) == (2, "")
    assert "does not exist" in ended.line
    assert flattr("import", str(file)).out.startswith("1 imported.\n")


def run_program(*arguments: str, given: bytes) -> "subprocess.CompletedProcess[bytes]":
    """Run the program in a new process, with `given` as its standard input."""
    return subprocess.run(
        [sys.executable, "-m", "flattr_tui", *arguments], input=given, capture_output=True, check=False
    )


def test_a_dash_is_standard_input_and_output(flattr: Flattr, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = flattr("get", "user", "username=ada", "--include").out.encode()
    assert run_program("import", "-", given=answer).stdout.startswith(b"1 imported.\n")
    packed = run_program("bundle", "-", given=b"")
    assert packed.returncode == 0
    assert packed.stdout.startswith(b"PK")
    assert packed.stderr == b"flattr-tui: 2 responses packed.\n"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "elsewhere"))
    assert run_program("import", "-", "--quiet", given=packed.stdout).returncode == 0
    assert '"ada"' in flattr("--offline", "get", "user", "username=ada", "--quiet").out
    set_in = run_program("--config", "-", "--offline", "get", "user", "username=ada", given=b"quiet = true")
    assert set_in.stderr == b""
    assert b'"ada"' in set_in.stdout
    wrong = run_program("--config", "-", "get", "categories", given=b"sorce = 1")
    assert b"standard-input" in wrong.stderr
    assert b"sorce" in wrong.stderr


def test_two_dashes_are_refused_and_an_import_of_nothing_exits_with_1(flattr: Flattr) -> None:
    assert run_program("import", "-", "-", given=b"").stderr == (
        b"flattr-tui: Standard input can be read only once, so give - only once.\n"
    )
    nothing = run_program("import", "-", given=b"nothing")
    assert nothing.returncode == 1
    assert nothing.stderr.startswith(b"flattr-tui: left out: standard input: in no format")


def test_standard_input_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flattr_tui.library.import_export.captured_response.MAX_FILE", 5 << 20)
    with Path("/dev/zero").open(encoding="latin-1") as endless:
        monkeypatch.setattr(sys, "stdin", endless)
        with pytest.raises(BadInputError, match="larger than 5,242,880 bytes"), readable_files([DASH]):
            pytest.fail("it was read")


def test_names_of_files_are_shown_without_control_characters(flattr: Flattr, tmp_path: Path) -> None:
    files = [tmp_path / "a\x1b[31m\nb.json", tmp_path / "c.json"]
    for file in files:
        file.write_text("[]")
    ended = flattr("import", "--verbose", *map(str, files))
    assert "\x1b" not in ended.out + ended.err
    assert len(ended.out.splitlines()) == 3


FLATTR = {"type": "flattr", "created_at": 1_400_000_000, "owner": {"username": "Ada"}, "thing": {"id": 7, "title": "A"}}


def write_files(folder: Path) -> list[str]:
    """Write a file with flattrs, a file with things, and a file with neither. Returns their paths."""
    things = [
        {"type": "thing", "id": number, "title": "A", "owner": {"username": "ada"}, "created_at": 9 - number}
        for number in (1, 2)
    ]
    contents = {"flattrs.json": [FLATTR], "things.json": things, "other.json": ["x"]}
    for name, content in contents.items():
        (folder / name).write_text(json.dumps(content))
    return [str(folder / name) for name in contents]


def test_the_output_counts_the_imported_items_and_says_how_to_see_them(flattr: Flattr, tmp_path: Path) -> None:
    ended = flattr("import", "--verbose", *write_files(tmp_path))
    assert ended.out.splitlines() == [
        "2 imported, 1 left out.",
        f"{tmp_path}/flattrs.json: 1 imported",
        f"{tmp_path}/things.json: 1 imported",
        f"{tmp_path}/other.json: 0 imported, 1 left out",
        "2 things and 1 flattr of Ada. See them: flattr-tui --source saved --user Ada",
    ]
    assert ended.line == f"flattr-tui: left out: {tmp_path}/other.json: neither an object nor a list"


def test_things_that_no_list_shows_are_found_by_searching(flattr: Flattr, tmp_path: Path) -> None:
    file = tmp_path / "things.json"
    file.write_text(json.dumps([{"type": "thing", "id": 7, "title": "Otters", "created_at": 1_300_000_000}]))
    done = flattr("import", str(file))
    assert done.out == "1 imported.\n1 thing. Press ctrl+f to find them: flattr-tui --source saved\n"


def test_the_json_output_counts_files_people_and_reasons(flattr: Flattr, tmp_path: Path) -> None:
    report = json.loads(flattr("import", "--json", *write_files(tmp_path)).out)
    assert (report["imported"], report["left_out"], report["stopped"]) == (2, 1, False)
    assert report["people"] == {"Ada": {"flattrs": 1, "things": 2}}
    assert report["reasons"] == {"neither an object nor a list": 1}
    assert [one["imported"] for one in report["files"]] == [1, 1, 0]


def test_many_files_left_out_are_counted_by_reason(flattr: Flattr, tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number:02}.json").write_text("nothing" if number % 2 else "[]")
    errors = flattr("import", str(tmp_path)).err.splitlines()
    assert [line.partition(": ")[2] for line in errors] == [
        "left out, 10 times: an empty list, which does not tell what it lists",
        "left out, 10 times: in no format that can be imported; `flattr-tui import --formats` lists those that can",
        "--verbose names each.",
    ]


def test_the_formats_are_listed_in_the_readme_as_well(flattr: Flattr) -> None:
    listed = flattr("import", "--formats").out
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    for kind, producer, note in FORMATS:
        assert f"{kind} " in listed
        assert f"| {kind} | {producer} | {note} |" in readme


def test_an_import_that_cannot_be_saved_is_an_error(flattr: Flattr, tmp_path: Path) -> None:
    responses = Paths.standard().responses
    responses.with_name(f".{responses.name}.lock").mkdir(
        mode=0o700, parents=True
    )  # a folder in the place of the lock file
    ended = flattr("import", *write_files(tmp_path))
    assert (ended.code, ended.out) == (1, "")
    assert "Nothing was imported: it could not be saved." in ended.err


def test_ctrl_c_keeps_the_files_read_so_far(tmp_path: Path) -> None:
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    first.write_text(json.dumps([FLATTR]))
    os.mkfifo(second)
    command = [sys.executable, "-m", "flattr_tui", "import", str(first), str(second)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with second.open("wb") as pipe:  # opens as soon as the first file has been read
        pipe.write(b" ")
        pipe.flush()
        process.send_signal(signal.SIGINT)
        pipe.write(json.dumps([{**FLATTR, "created_at": 5}]).encode())
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out.startswith(b"2 imported.\n")
    assert b"b.json is a pipe: waiting for the program that writes to it" in err
    assert b"Stopped. What was read so far is kept;" in err


def test_names_that_differ_only_in_case_are_one_person(flattr: Flattr, tmp_path: Path) -> None:
    thing = {"type": "thing", "id": 5, "title": "A", "owner": {"type": "user", "username": "Melex"}}
    file = tmp_path / "things.json"
    file.write_text(json.dumps([thing]))
    assert flattr("import", "--url", "https://api.flattr.com/rest/v2/users/melex/things", str(file)).code == 0
    exported = {
        flattr("--source", "saved", "export", "user-things", f"username={name}").out for name in ("Melex", "melex")
    }
    assert len(exported) == 1
    assert "Melex" in exported.pop()
    assert flattr("import", "--url", "https://api.flattr.com/rest/v2/users/MELEX/things", str(file)).out.startswith(
        "0 imported, 1 already there."
    )


def test_a_process_substitution_is_read_without_a_note(tmp_path: Path) -> None:
    file = tmp_path / "flattrs.json"
    file.write_text(json.dumps([FLATTR]))
    command = f"'{sys.executable}' -m flattr_tui import <(cat '{file}')"
    ended = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout.splitlines()[0], ended.stderr) == (0, "1 imported.", "")
