"""`flattr-tui import` as it is typed: what `get --include` wrote, and files that are not there."""

from pathlib import Path

from tests.cli.conftest import Flattr


def test_an_answer_with_its_head_is_taken_in_once(flattr: Flattr, tmp_path: Path) -> None:
    file = tmp_path / "ada.http"
    file.write_text(flattr("get", "user", "username=ada", "--format", "xml", "--include").out)
    assert flattr("import", str(file)) == (0, "1 imported.\n", "")
    assert flattr("import", str(file)) == (0, "0 imported, 1 already there.\n", "")
    assert '"ada"' in flattr("export", "user", "username=ada", "--source", "saved", "--format", "json").out


def test_a_file_that_is_not_there_is_said_before_any_is_taken_in(flattr: Flattr, tmp_path: Path) -> None:
    file = tmp_path / "ada.json"
    file.write_text(flattr("get", "user", "username=ada").out)
    for wrong, said in ((tmp_path / "none.json", "does not exist"), (tmp_path, "is a directory")):
        ended = flattr("import", str(file), str(wrong))
        assert (ended.code, ended.out) == (2, "")
        assert said in ended.line
    assert flattr("import", str(file)).out == "1 imported.\n"
