"""Libraries that released versions left (`tests/store/released/recipe.sh`) are read as those versions read them."""

import tarfile
from pathlib import Path

import pytest

from flattr_tui.paths import Paths
from tests.cli.conftest import Flattr

RELEASED = sorted((Path(__file__).parents[1] / "store" / "released").glob("*.tar.xz"))


@pytest.fixture(params=RELEASED, ids=lambda path: path.name.removesuffix(".tar.xz"))
def expected(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """A released library in place of this user's, and what was read of it then, by request."""
    with tarfile.open(request.param) as packed:
        packed.extractall(tmp_path, filter="data")
    Paths.standard().data.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "library").rename(Paths.standard().data)
    return {file.stem: file.read_text(encoding="utf-8") for file in (tmp_path / "expected").iterdir()}


def read_all(flattr: Flattr, expected: dict[str, str]) -> dict[str, str]:
    return {request: flattr("--offline", "export", *request.split(), "--format", "jsonl").out for request in expected}


def test_both_forms_are_kept() -> None:
    assert [path.name for path in RELEASED] == ["0.1.0-packed.tar.xz", "0.1.0-plain.tar.xz"]


def test_items_and_lists_are_as_they_were(flattr: Flattr, expected: dict[str, str]) -> None:
    assert all(expected.values())
    assert read_all(flattr, expected) == expected
    assert flattr("doctor", "--offline").code == 0
    verified = flattr("cache", "verify")
    assert (verified.code, verified.said) == (0, "")
    assert "Set aside" not in verified.out


def test_so_they_are_without_their_catalogue(flattr: Flattr, expected: dict[str, str]) -> None:
    Paths.standard().catalogue.unlink()
    assert read_all(flattr, expected) == expected


def test_so_they_are_once_they_are_packed(flattr: Flattr, expected: dict[str, str]) -> None:
    assert flattr("cache", "pack").code == 0
    assert flattr("cache", "rebuild").code == 0
    assert read_all(flattr, expected) == expected


def test_names_may_be_typed_in_any_case(flattr: Flattr, expected: dict[str, str]) -> None:
    things = expected["user-things username=Ada"]
    for name in ("ada", "ADA"):
        assert flattr("--offline", "export", "user-things", f"username={name}", "--format", "jsonl").out == things
