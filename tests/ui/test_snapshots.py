"""Every screen as it was accepted by somebody who looked at it, from the table of scenes.

A picture that is another than before fails, and lies in the folder that the failure names. Once it is looked at and
meant, `pytest tests/ui/test_snapshots.py --snapshot-update` takes it, and with it those of new scenes; then
`python -m tests.screenshots` makes the pictures of the README anew.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_textual_snapshot import SVGImageExtension  # type: ignore[import-untyped]
from syrupy.assertion import SnapshotAssertion

from tests.ui.scenes import BY_NAME, SCENES, Scene, Studio, shots


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with Studio(tmp_path_factory.mktemp("studio")) as studio:
        yield studio


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_it_looks_as_it_did(studio: Studio, scene: Scene, snapshot: SnapshotAssertion, tmp_path: Path) -> None:
    held = snapshot.use_extension(SVGImageExtension)
    other = []
    for shot, svg in (await studio.take(scene, shots(scene))).items():
        if svg != held(name=shot.name):
            (tmp_path / f"{shot.name}.svg").write_text(svg)
            other.append(shot.name)
    assert not other, f"{scene.name} looks another way, see {tmp_path}: {', '.join(other)}"


def test_scenes_have_names_of_their_own() -> None:
    assert len(BY_NAME) == len(SCENES)
