"""Tests that the README's pictures equal the snapshots of the app."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from pytest_textual_snapshot import normalize_svg  # type: ignore[import-untyped]

from tests.animated_svg import assemble
from tests.screenshots import (
    BROWSER,
    FOLDER,
    LINEAR,
    LINEAR_LINES,
    PICTURES,
    TOUR,
    TOUR_SCENES,
    TOUR_SHOT,
    Picture,
    draw_text,
)
from tests.ui.scenes import Studio

SNAPSHOTS = Path(__file__).parent / "ui" / "__snapshots__" / "test_snapshots"


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_each_picture_equals_its_snapshot(picture: Picture) -> None:
    """This test draws nothing: `test_snapshots` compares the app with the same snapshots."""
    expected = SNAPSHOTS / f"test_it_looks_as_it_did[{picture.scene}][{picture.shot.name}].svg"
    drawn = (FOLDER / picture.file).read_text(encoding="utf-8")
    assert normalize_svg(drawn) == expected.read_text(encoding="utf-8")


def test_the_moving_picture_is_made_of_the_snapshots() -> None:
    expected = [
        (title, (SNAPSHOTS / f"test_it_looks_as_it_did[{scene}][{TOUR_SHOT.name}].svg").read_text(encoding="utf-8"))
        for scene, title in TOUR_SCENES.items()
    ]
    tour = (FOLDER / TOUR).read_text(encoding="utf-8")
    assert tour == assemble(expected)
    assert len(tour.encode()) < 400_000
    assert "<script" not in tour
    ElementTree.fromstring(tour)


async def test_the_picture_of_linear_mode_is_what_it_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with Studio(tmp_path) as studio:
        printed = await studio.print_lines(*LINEAR_LINES)
    assert (FOLDER / LINEAR).read_text(encoding="utf-8") == draw_text(printed)


def test_the_folder_has_no_other_pictures() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {BROWSER, LINEAR, TOUR, *(picture.file for picture in PICTURES)}
