"""Tests that every scene looks like the snapshot that was accepted last.

If a picture has changed, the test fails and names the folder with the new picture. Look at it. If the change is meant,
`pytest tests/ui/test_snapshots.py --snapshot-update` accepts it, and the pictures of new scenes; then
`python -m tests.screenshots` makes the README's pictures again.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_textual_snapshot import SVGImageExtension  # type: ignore[import-untyped]
from syrupy.assertion import SnapshotAssertion

from tests.ui.scenes import BY_NAME, SCENES, Scene, Studio, list_shots


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with Studio(tmp_path_factory.mktemp("studio")) as studio:
        yield studio


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_it_looks_as_it_did(studio: Studio, scene: Scene, snapshot: SnapshotAssertion, tmp_path: Path) -> None:
    expected = snapshot.use_extension(SVGImageExtension)
    changed = []
    for shot, svg in (await studio.take_pictures(scene, list_shots(scene))).items():
        if svg != expected(name=shot.name):
            (tmp_path / f"{shot.name}.svg").write_text(svg)
            changed.append(shot.name)
    assert not changed, f"{scene.name} looks different; the new pictures are in {tmp_path}: {', '.join(changed)}"


def test_scene_names_are_unique() -> None:
    assert len(BY_NAME) == len(SCENES)
