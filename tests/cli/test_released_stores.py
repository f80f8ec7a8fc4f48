"""Tests that libraries of released versions (`tests/store/released/recipe.sh`) are read as those versions read them."""

import tarfile
from pathlib import Path

import pytest

from flattr_tui.paths import Paths
from tests.cli.conftest import Flattr

RELEASED = sorted((Path(__file__).parents[1] / "store" / "released").glob("*.tar.xz"))


@pytest.fixture(params=RELEASED, ids=lambda path: path.name.removesuffix(".tar.xz"))
def expected(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The export of a released version, by request. The data folder contains the library that this version wrote."""
    with tarfile.open(request.param) as packed:
        packed.extractall(tmp_path, filter="data")
    Paths.standard().data.parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "library").rename(Paths.standard().data)
    return {file.stem: file.read_text(encoding="utf-8") for file in (tmp_path / "expected").iterdir()}


def read_all(flattr: Flattr, expected: dict[str, str]) -> dict[str, str]:
    return {request: flattr("--offline", "export", *request.split(), "--format", "jsonl").out for request in expected}


def test_a_library_of_each_form_is_tested() -> None:
    assert [path.name for path in RELEASED] == ["0.1.0-packed.tar.xz", "0.1.0-plain.tar.xz"]


def test_exports_are_unchanged(flattr: Flattr, expected: dict[str, str]) -> None:
    assert all(expected.values())
    assert read_all(flattr, expected) == expected
    assert flattr("doctor", "--offline").code == 0
    verified = flattr("cache", "verify")
    assert (verified.code, verified.err) == (0, "")
    assert "Set aside" not in verified.out


def test_exports_are_unchanged_without_the_catalogue(flattr: Flattr, expected: dict[str, str]) -> None:
    Paths.standard().catalogue.unlink()
    assert read_all(flattr, expected) == expected


def test_exports_are_unchanged_after_packing(flattr: Flattr, expected: dict[str, str]) -> None:
    assert flattr("cache", "pack").code == 0
    assert flattr("cache", "rebuild").code == 0
    assert read_all(flattr, expected) == expected


def test_names_may_be_typed_in_any_case(flattr: Flattr, expected: dict[str, str]) -> None:
    things = expected["user-things username=Ada"]
    for name in ("ada", "ADA"):
        assert flattr("--offline", "export", "user-things", f"username={name}", "--format", "jsonl").out == things
