"""Tests of exporting a list: which rows, in which format, to which file, and the question before a file is replaced."""

import csv
import json
from pathlib import Path

import pytest

from flattr_tui.library.import_export.exporter import ExportFormat
from flattr_tui.ui.panes.list_pane import ListPane
from flattr_tui.ui.screens.export_dialog import ExportDialog, file_name
from flattr_tui.ui.widgets.table import RowTable
from tests.ui.conftest import Start
from tests.ui.driver import SIZES, Driver


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The app's working directory, where exports are written."""
    place = tmp_path / "started"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


async def type_file_name(driver: Driver, name: str) -> str:
    await driver.pilot.press("end", "ctrl+u")
    return await driver.type(name)


async def test_all_saved_rows_are_written_in_the_lists_order(start: Start, folder: Path) -> None:
    async with start(place="things") as driver:
        text = await driver.press("e")
        assert "Export Things of ada" in text
        assert "‹all 19 saved›" in text
        assert "things-of-ada.csv" in text
        await driver.press("enter")
        path = folder / "things-of-ada.csv"
        assert driver.notices[-1] == f"19 rows written to {path}."
        feed = driver.app.screen.query_one(ListPane).feed
        assert feed is not None
        assert [row["id"] for row in read_csv(path)] == [row.key for row in feed.rows(0, 19)]  # type: ignore[union-attr]


async def test_marked_rows_are_offered_first_and_written_alone(start: Start, folder: Path) -> None:
    async with start(place="things") as driver:
        text = await driver.press("space", "j", "space", "e")
        assert "‹2 marked›  all 19 saved" in text
        await driver.press("up", "right", "right", "right")
        await driver.press("down", "enter")
        written = (folder / "things-of-ada.md").read_text(encoding="utf-8").splitlines()
        assert len(written) == 4
        assert driver.notices[-1] == f"2 rows written to {folder / 'things-of-ada.md'}."


@pytest.mark.parametrize(("turns", "form"), [(1, ExportFormat.JSON), (2, ExportFormat.JSONL)])
async def test_exported_json_has_the_fields_that_an_import_needs(
    start: Start, folder: Path, turns: int, form: ExportFormat
) -> None:
    async with start(place="activities") as driver:
        await driver.press("e", "up", *["right"] * turns, "enter")
        text = (folder / f"activities-of-ada.{form.value}").read_text(encoding="utf-8")
        items = (
            json.loads(text)["items"] if form is ExportFormat.JSON else [json.loads(line) for line in text.splitlines()]
        )
        assert len(items) == 30
        assert {"verb", "published", "actor", "object"} <= set(items[0])


async def test_under_a_filter_the_shown_rows_or_all_can_be_exported(start: Start, folder: Path) -> None:
    async with start(place="things") as driver:
        await driver.press("slash")
        await driver.type("the")
        await driver.press("enter")
        feed = driver.app.screen.query_one(ListPane).feed
        assert feed is not None
        shown = feed.status.shown
        text = await driver.press("e")
        assert f"‹{shown} shown›  all 19 saved" in text
        await driver.press("enter")
        assert len(read_csv(folder / "things-of-ada.csv")) == shown
        await driver.press("e")
        await type_file_name(driver, "all.csv")
        await driver.press("up", "up", "right", "enter")
        assert len(read_csv(folder / "all.csv")) == 19


async def test_a_file_is_replaced_only_when_asked_again(start: Start, folder: Path) -> None:
    path = folder / "things-of-ada.csv"
    path.write_text("mine")
    async with start(place="things") as driver:
        await driver.press("e")
        assert "exists already. Press enter again to replace it." in " ".join((await driver.press("enter")).split())
        assert path.read_text() == "mine"
        await driver.press("escape")
        assert path.read_text() == "mine"
        await driver.press("e", "enter")
        await driver.press("enter")
        assert len(read_csv(path)) == 19


async def test_a_typed_name_replaces_the_suggested_one(start: Start, folder: Path) -> None:
    async with start(place="things") as driver:
        await driver.press("e")
        await driver.type("mine.csv")
        await driver.press("enter")
    assert [path.name for path in folder.iterdir()] == ["mine.csv"]


async def test_a_confirmation_for_one_file_does_not_replace_another(start: Start, folder: Path) -> None:
    for name in ("things-of-ada.csv", "other.csv"):
        (folder / name).write_text("mine")
    async with start(place="things") as driver:
        await driver.press("e", "enter")
        await type_file_name(driver, "other.csv")
        await driver.press("enter")
        assert isinstance(driver.app.screen, ExportDialog)
        assert {path.read_text() for path in folder.iterdir()} == {"mine"}


async def test_an_unusable_file_name_is_explained_in_the_dialog(start: Start) -> None:
    sentences = {
        "": "Give the file a name.",
        ".": "is a folder: give the file a name.",
        "no/x.csv": "There is no folder",
        "x" * 300: "That name can't be used: File name too long.",
    }
    async with start(place="things") as driver:
        await driver.press("e")
        for name, sentence in sentences.items():
            driver.app.screen.query_one("#target").value = name  # type: ignore[attr-defined]
            await driver.settle()
            assert sentence in " ".join((await driver.press("enter")).split()), name


async def test_a_failed_export_gets_a_notice(start: Start, folder: Path) -> None:
    name = "x" * 255  # too long for the temporary file, which has a longer name
    async with start(place="things") as driver:
        await driver.press("e")
        driver.app.screen.query_one("#target").value = name  # type: ignore[attr-defined]
        await driver.settle()
        await driver.press("enter")
        assert driver.notices[-1] == f"{folder / name} can't be written: File name too long."
    assert list(folder.iterdir()) == []


async def test_results_of_a_search_are_exported_by_the_palette(start: Start, folder: Path) -> None:
    async with start(place="search") as driver:
        await driver.settle()
        await driver.type("the")
        await driver.press("enter")
        driver.app.screen.query_one(RowTable).focus()
        await driver.settle()
        await driver.press("ctrl+p")
        await driver.type("export this")
        await driver.press("enter")
        assert isinstance(driver.app.screen, ExportDialog)
        await driver.press("enter")
        assert read_csv(folder / "found-the.csv")


async def test_without_rows_there_is_nothing_to_export(start: Start) -> None:
    async with start(user="newcomer", place="things") as driver:
        await driver.press("e")
        assert not isinstance(driver.app.screen, ExportDialog)


async def test_the_dialog_fits_every_size(start: Start) -> None:
    async with start(place="things") as driver:
        await driver.press("e")
        for size in SIZES:
            text = await driver.resize(*size)
            for part in ("Export", "‹all 19 saved›", "‹csv›", "things-of-ada.csv", "enter writes"):
                assert part in text, size


def test_a_title_becomes_a_files_name() -> None:
    assert file_name("Flattrs of ada", ExportFormat.CSV) == "flattrs-of-ada.csv"
    assert file_name("Found ../../etc 地図", ExportFormat.JSONL) == "found-etc-地図.jsonl"
    assert file_name("…", ExportFormat.MARKDOWN) == "flattr.md"
    assert len(file_name("x" * 500, ExportFormat.CSV)) < 70
