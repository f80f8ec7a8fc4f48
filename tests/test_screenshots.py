"""The pictures that the README shows are those that the program draws."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from pytest_textual_snapshot import normalize_svg  # type: ignore[import-untyped]

from tests.moving_picture import assemble
from tests.screenshots import BROWSER, FOLDER, PICTURES, TOUR, TOUR_SCENES, TOUR_SHOT, Picture

SNAPSHOTS = Path(__file__).parent / "ui" / "__snapshots__" / "test_snapshots"


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_each_is_one_of_the_snapshots(picture: Picture) -> None:
    """What the program draws is compared with a snapshot, so this need not draw it again."""
    held = SNAPSHOTS / f"test_it_looks_as_it_did[{picture.scene}][{picture.shot.name}].svg"
    drawn = (FOLDER / picture.file).read_text(encoding="utf-8")
    assert normalize_svg(drawn) == held.read_text(encoding="utf-8")


def test_the_moving_one_is_made_of_the_snapshots() -> None:
    held = [
        (title, (SNAPSHOTS / f"test_it_looks_as_it_did[{scene}][{TOUR_SHOT.name}].svg").read_text(encoding="utf-8"))
        for scene, title in TOUR_SCENES.items()
    ]
    tour = (FOLDER / TOUR).read_text(encoding="utf-8")
    assert tour == assemble(held)
    assert len(tour.encode()) < 400_000
    assert "<script" not in tour
    ElementTree.fromstring(tour)


def test_there_are_no_others() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {BROWSER, TOUR, *(picture.file for picture in PICTURES)}
